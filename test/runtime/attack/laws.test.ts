// What holds for every attack: the result lies in the ball and in [0, 1], its flags are what the network says, the
// same seed gives the same bytes, and letting images go early changes no outcome.

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { AttackBatch } from '../../../src/attack/attack.ts'
import { predictions } from '../../../src/attack/criterion.ts'
import { robustnessCurve } from '../../../src/attack/curve.ts'
import { minimalDistance } from '../../../src/attack/minimal-distance.ts'
import { type AttackName, attackNames, chosenAttack } from '../../../src/attack/named.ts'
import { type NormName, norms } from '../../../src/attack/norm.ts'
import { fgsm, pgd } from '../../../src/attack/pgd.ts'
import { Random } from '../../../src/tensor/random.ts'
import { attackModel, decidedImages } from '../../support/attack-model.ts'

const model = await attackModel()
afterAll(() => model.dispose())
const batch = await decidedImages(model, 10)
// Two labels are wrong: these images are adversarial as they are.
const labels = batch.labels.map((label, i) => (i < 2 ? (label + 1) % 5 : label))
const some = { images: batch.images, labels }

const quick: Readonly<Record<AttackName, object>> = {
  autoattack: { steps: 4, queries: 10 },
  apgd: { steps: 6, restarts: 2 },
  fab: { steps: 5, targetClasses: 2 },
  square: { steps: 12, restarts: 2 },
  cw: { steps: 20 },
  deepfool: { steps: 3 },
  fgsm: {},
  'mi-fgsm': { steps: 4 },
  pgd: { steps: 4, restarts: 2 },
}
const pairs = attackNames.flatMap(name =>
  (name === 'cw' ? (['L2'] as const) : (['L2', 'Linf'] as const)).map((norm): [AttackName, NormName] => [
    name,
    norm,
  ]),
)

describe.each(pairs)('%s %s', (name, norm) => {
  const attack = chosenAttack(name, { norm, ...quick[name] })
  const largest = norm === 'L2' ? 1.5 : 0.06

  it('stays in ball and box, and flags what the network misclassifies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 1e-4, max: 1, noNaN: true }), fc.nat(), async (share, seed) => {
        const epsilon = share * largest
        const { images, adversarial, distance, queries } = await attack.run(
          model,
          some,
          epsilon,
          new Random(seed),
        )
        for (const value of images.data) if (!(value >= 0 && value <= 1)) expect.fail(`pixel ${value}`)
        const measured = norms[norm].distance(images, some.images)
        for (const d of measured) expect(d).toBeLessThanOrEqual(epsilon * (1 + 1e-5) + 1e-6)
        expect([...distance]).toEqual([...measured])
        const decisions = predictions(await model.logits(images))
        expect(adversarial).toEqual(Array.from(decisions, (decision, i) => decision !== labels[i]))
        expect(adversarial.slice(0, 2)).toEqual([true, true])
        for (const count of queries) expect(count).toBeGreaterThan(0)
      }),
      { numRuns: 3 },
    )
  })

  it('gives the same bytes for the same seed', async () => {
    const [a, b] = [
      await attack.run(model, some, largest / 3, new Random(5)),
      await attack.run(model, some, largest / 3, new Random(5)),
    ]
    expect(b.images.data).toEqual(a.images.data)
    expect(b.queries).toEqual(a.queries)
  })
})

describe.each(['L2', 'Linf'] as const)('early stop, %s', norm => {
  it('breaks the images that the best iterates break, with fewer questions', async () => {
    const options = { norm, epsilon: norm === 'L2' ? 0.3 : 0.012, steps: 10 }
    const whole = await pgd(model, some, { ...options, best: true })
    const early = await pgd(model, some, { ...options, earlyStop: true })
    expect(early.adversarial).toEqual(whole.adversarial)
    expect(new Set(early.adversarial).size).toBe(2)
    for (const [i, done] of early.adversarial.entries())
      expect(early.queries[i]! < whole.queries[i]!).toBe(done)
  })
})

it('a curve never rises, and keeps at a radius what fell at a smaller one', async () => {
  const attacked: number[] = []
  const points = await robustnessCurve(model, some, 'Linf', [0.02, 0.002, 0.008], (rest, epsilon) => {
    attacked.push(rest.labels.length)
    return fgsm(model, rest, { norm: 'Linf', epsilon })
  })
  expect(points.map(({ epsilon }) => epsilon)).toEqual([0.002, 0.008, 0.02])
  const fallen = points.map(({ result }) => result.adversarial.filter(Boolean).length)
  expect(fallen[0]).toBeLessThan(fallen[2]!)
  expect(attacked).toEqual([8, 10 - fallen[0]!, 10 - fallen[1]!])
  for (const [k, { result }] of points.slice(1).entries())
    for (const [i, before] of points[k]!.result.adversarial.entries()) {
      if (!before) continue
      expect(result.adversarial[i]).toBe(true)
      expect(result.distance[i]).toBe(points[k]!.result.distance[i])
    }
})

it('bisection comes within its last step of the smallest radius at which the attack succeeds', async () => {
  const attack = (part: AttackBatch, epsilon: number) => fgsm(model, part, { norm: 'Linf', epsilon })
  const result = await minimalDistance(model, some, 'Linf', { largest: 0.064, steps: 6 }, attack)
  for (const [i, done] of result.adversarial.entries()) {
    if (!done || i < 2) continue
    const one = {
      images: { ...some.images, shape: [1, 3, 14, 14], data: some.images.data.slice(i * 588, (i + 1) * 588) },
    }
    const at = async (epsilon: number) =>
      (await attack({ ...one, labels: labels.slice(i, i + 1) }, epsilon)).adversarial[0]
    expect(await at(result.distance[i]! + 1e-6)).toBe(true)
    expect(await at(Math.max(0, result.distance[i]! - 0.0011))).toBe(false)
  }
  expect(result.adversarial.filter(Boolean).length).toBeGreaterThan(6)
})
