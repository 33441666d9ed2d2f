// Several attacks as one: the union of what they break, each asked about what withstood those before.

import { afterAll, expect, it } from 'vitest'
import { partOf } from '../../../src/attack/attack.ts'
import { chosenAttack } from '../../../src/attack/named.ts'
import { chosenAttacks } from '../../../src/attack/several.ts'
import { Random } from '../../../src/tensor/random.ts'
import { attackModel, decidedImages } from '../../support/attack-model.ts'
import { softmaxNet } from '../../support/defences.ts'

const model = await attackModel()
afterAll(() => model.dispose())
const batch = await decidedImages(model, 24)
const norm = 'Linf'
const epsilon = 4 / 255

it('gives each attack what the ones before left standing, with the settings that it knows', async () => {
  const settings = { norm, steps: 3, queries: 60 } as const
  const several = chosenAttacks(['square', 'fgsm', 'pgd'], settings)
  const { adversarial, images, distance, queries, stages } = await several.run(
    model,
    batch,
    epsilon,
    new Random(7),
  )
  const random = () => new Random(7)
  const alone = {
    square: chosenAttack('square', { norm, steps: 60 }),
    fgsm: chosenAttack('fgsm', { norm }),
    pgd: chosenAttack('pgd', { norm, steps: 3 }),
  }
  let standing = [...batch.labels.keys()]
  const asked = batch.labels.map(() => 1)
  const broken: number[] = []
  for (const [k, name] of (['square', 'fgsm', 'pgd'] as const).entries()) {
    const part = partOf(batch, standing)
    const result = await alone[name].run(model, part, epsilon, random().fork(name))
    expect(stages![k]).toMatchObject({ attack: name, attempted: standing.length })
    expect(stages![k]!.adversarial).toEqual(result.adversarial)
    for (const [j, i] of standing.entries()) asked[i]! += result.queries[j]!
    broken.push(result.adversarial.filter(Boolean).length)
    standing = standing.filter((_, j) => !result.adversarial[j])
  }
  expect(broken.every(count => count > 0)).toBe(true)
  expect(adversarial.flatMap((done, i) => (done ? [] : [i]))).toEqual(standing)
  expect(queries).toEqual(asked)
  // What withstood is returned as it was.
  for (const i of standing) expect(distance[i]).toBe(0)
  expect(images.shape).toEqual(batch.images.shape)
})

it('passes on what AutoAttack warns of', async () => {
  const soft = await attackModel(softmaxNet())
  const several = chosenAttacks(['fgsm', 'autoattack'], { norm, steps: 2, queries: 5 })
  const { warnings } = await several.run(soft, batch, epsilon, new Random(1))
  await soft.dispose()
  expect(warnings!.map(({ kind }) => kind)).toContain('probabilities')
})
