// AutoAttack: the union of its attacks, no more questions than needed, and its warnings.

import { afterAll, describe, expect, it } from 'vitest'
import { apgd } from '../../../src/attack/apgd.ts'
import { autoAttack } from '../../../src/attack/autoattack.ts'
import { predictions } from '../../../src/attack/criterion.ts'
import { expectation } from '../../../src/attack/expectation.ts'
import { square } from '../../../src/attack/square.ts'
import type { Classifier } from '../../../src/classifier/classifier.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { Random } from '../../../src/tensor/random.ts'
import { attackModel, decidedImages } from '../../support/attack-model.ts'
import { hardNet, noisyNet, quantisedNet, scaledNet, softmaxNet } from '../../support/defences.ts'

const models: Classifier[] = []
const made = async (...graph: Parameters<typeof attackModel>) => {
  const model = await attackModel(...graph)
  models.push(model)
  return model
}
afterAll(() => Promise.all(models.map(model => model.dispose())))

const quick = { norm: 'Linf', epsilon: 4 / 255, iterations: 10, queries: 60 } as const
const run = async (model: Classifier, options: Partial<Parameters<typeof autoAttack>[2]> = {}) =>
  autoAttack(model, await decidedImages(await plain, 24), { ...quick, random: new Random(1), ...options })
const kinds = ({ warnings }: { warnings: readonly { kind: string }[] }) => warnings.map(({ kind }) => kind)
const plain = made()

describe('standard', () => {
  it('gives each attack what the ones before left standing, and is the worst case of them', async () => {
    const { stages, adversarial, queries } = await run(await plain)
    expect(stages.map(({ attack }) => attack)).toEqual(['apgd-ce', 'apgd-t', 'fab-t', 'square'])
    let standing = 24
    for (const { attempted, broken } of stages) {
      expect(attempted).toBe(standing)
      standing -= broken
    }
    expect(adversarial.filter(done => !done)).toHaveLength(standing)
    expect(standing).toBeGreaterThan(0)
    // Whoever falls to the first attack is asked no more: once to begin with, once and once again by the attack.
    const first = stages[0]!.queries.filter((_, k) => stages[0]!.adversarial[k])
    const fallen = queries.filter((_, i) => stages[0]!.adversarial[i])
    expect([...fallen]).toEqual([...first].map(q => q + 1))
  })

  it('gives the same bytes for the same seed', async () => {
    const model = await plain
    const [a, b] = [await run(model), await run(model)]
    expect(b.images.data).toEqual(a.images.data)
    expect(b.queries).toEqual(a.queries)
  })

  it('has nothing to warn of in a plain network', async () => {
    expect(kinds(await run(await plain, { queries: 400 }))).toEqual([])
  })
})

describe('versions', () => {
  it('plus and rand run what they are made of', async () => {
    const plus = await run(await plain, { version: 'plus', iterations: 3, epsilon: 1 / 255 })
    expect(plus.stages.map(({ attack }) => attack)).toEqual([
      'apgd-ce',
      'apgd-dlr',
      'fab',
      'square',
      'apgd-t',
      'fab-t',
    ])
    const rand = await run(await made(noisyNet()), { version: 'rand', draws: 3, iterations: 3 })
    expect(rand.stages.map(({ attack }) => attack)[0]).toBe('apgd-ce')
    expect(kinds(rand)).not.toContain('randomised')
  })

  it('custom runs what it is told, and only that', async () => {
    const { stages } = await run(await plain, { version: 'custom', members: ['fab', 'apgd-dlr'] })
    expect(stages.map(({ attack }) => attack)).toEqual(['fab', 'apgd-dlr'])
    await expect(run(await plain, { version: 'custom' })).rejects.toThrow(InputError)
    await expect(run(await plain, { members: ['fab'] })).rejects.toThrow(/choose custom/)
  })
})

describe('warnings', () => {
  it('of rounding, which has no gradient, and of what Square finds beside it', async () => {
    const result = await run(await made(quantisedNet()), { epsilon: 16 / 255, queries: 300 })
    expect(kinds(result)).toEqual(expect.arrayContaining(['zero-gradient', 'optimiser-at-fault']))
  })

  it('of a Square that was still finding', async () => {
    const options = { version: 'custom', members: ['square'], epsilon: 16 / 255 } as const
    const [long] = (await run(await plain, { ...options, queries: 400 })).stages
    const last = Math.max(...long!.queries.filter((_, k) => long!.adversarial[k]))
    // The same search, stopped where it found for the last time.
    expect(kinds(await run(await plain, { ...options, queries: last }))).toEqual(['too-few-queries'])
    expect(kinds(await run(await plain, { ...options, queries: Math.ceil(last / 0.8) }))).toEqual([])
  })

  it('of probabilities', async () => {
    expect(kinds(await run(await made(softmaxNet()), { iterations: 2 }))).toContain('probabilities')
  })

  it('of random answers', async () => {
    expect(kinds(await run(await made(noisyNet()), { iterations: 2 }))).toContain('randomised')
  })

  it('not of logits that are merely large', async () => {
    expect(kinds(await run(await made(scaledNet()), { iterations: 2 }))).not.toContain('probabilities')
  })
})

it('Square needs no gradient: it attacks a network whose operator has none', async () => {
  const model = await made(hardNet())
  const batch = await decidedImages(model, 12)
  const options = { norm: 'Linf', epsilon: 0.2, random: new Random(1) } as const
  await expect(apgd(model, batch, options)).rejects.toThrow(/operator Hardmax .*has no gradient rule/)
  const { adversarial, images } = await square(model, batch, { ...options, iterations: 300 })
  expect(adversarial.filter(Boolean).length).toBeGreaterThan(3)
  const after = predictions(await model.logits(images))
  expect(Array.from(after, (decision, i) => decision !== batch.labels[i])).toEqual(adversarial)
})

it('the mean of draws has a steadier gradient than one draw', async () => {
  const noisy = await made(noisyNet())
  const { images, labels } = await decidedImages(await plain, 12)
  const spread = async (model: Classifier) => {
    const [a, b] = [await model.lossGradient(images, labels), await model.lossGradient(images, labels)]
    return Math.sqrt(a.gradient.data.reduce((sum, v, i) => sum + (v - b.gradient.data[i]!) ** 2, 0))
  }
  // A mean of 25 varies a fifth as much.
  expect(await spread(expectation(noisy, 25))).toBeLessThan(0.5 * (await spread(noisy)))
})

it('early leavers change nothing: an image alone fares as in company', async () => {
  const model = await plain
  const { images, labels } = await decidedImages(model, 12)
  const options = { norm: 'L2', epsilon: 0.3, iterations: 15 } as const
  const together = await apgd(model, { images, labels }, options)
  const search = { ...options, epsilon: 0.8, iterations: 60, random: new Random(3) }
  const squares = await square(model, { images, labels }, search)
  for (const i of [0, 5, 11]) {
    const one = {
      images: { ...images, shape: [1, 3, 14, 14], data: images.data.slice(i * 588, (i + 1) * 588) },
    }
    const alone = await apgd(model, { ...one, labels: labels.slice(i, i + 1) }, options)
    expect(alone.adversarial[0]).toBe(together.adversarial[i])
    expect(alone.queries[0]).toBe(together.queries[i])
  }
  const repeated = await square(model, { images, labels }, { ...search, random: new Random(3) })
  expect(repeated.images.data).toEqual(squares.images.data)
})
