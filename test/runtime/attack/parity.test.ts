// The attacks beside their reference implementations, on the same net and images (scripts/fixtures/autoattack.py,
// square.py and classic_attacks.py): fra31/auto-attack, foolbox, torchattacks.

import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { apgd } from '../../../src/attack/apgd.ts'
import { carliniWagner } from '../../../src/attack/carlini-wagner.ts'
import { predictions } from '../../../src/attack/criterion.ts'
import { deepFool } from '../../../src/attack/deepfool.ts'
import { fab } from '../../../src/attack/fab.ts'
import { type NormName, norms } from '../../../src/attack/norm.ts'
import { miFgsm } from '../../../src/attack/pgd.ts'
import { square } from '../../../src/attack/square.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { rowOf } from '../../../src/tensor/gather.ts'
import { Random } from '../../../src/tensor/random.ts'
import { rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { attackModel, decidedImages } from '../../support/attack-model.ts'
import { attackNetGraph } from '../../support/attack-net.ts'
import { formulaImages } from '../../support/formula-weights.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/attack/${name}.json`, import.meta.url), 'utf8'))

type Followed = [image: number, iteration: number, l1: number, l2: number]
interface AutoAttackFixture {
  iterations: number
  fabIterations: number
  queries: number
  cases: {
    norm: NormName
    epsilon: number
    apgd: Record<'apgd-ce' | 'apgd-dlr' | 'apgd-t', Followed[]>
    fab: Record<'fab' | 'fab-t', number[]>
    robust: Record<'apgd-ce' | 'apgd-dlr' | 'apgd-t' | 'fab-t', number>
  }[]
  square: { norm: NormName; epsilon: number; robust: number }[]
}

const golden: AutoAttackFixture = load('autoattack')
const classic = load('classic')
const model = await attackModel()
afterAll(() => model.dispose())
const batch = await decidedImages(model, 100)
const few = { images: rows(batch.images, 0, 40), labels: batch.labels.subarray(0, 40) }
const robust = ({ adversarial }: { adversarial: readonly boolean[] }) =>
  adversarial.filter(done => !done).length

const apgdOptions = {
  'apgd-ce': { loss: 'cross-entropy' },
  'apgd-dlr': { loss: 'dlr' },
  'apgd-t': { targetClasses: 1 },
} as const

describe.each(golden.cases)(
  '$norm $epsilon',
  ({ norm, epsilon, apgd: runs, fab: nearest, robust: withstood }) => {
    it.each(Object.entries(runs))(
      '%s finds the images of the reference in the same iterations',
      async (name, run) => {
        const options = apgdOptions[name as keyof typeof apgdOptions]
        const result = await apgd(model, few, { norm, epsilon, iterations: golden.iterations, ...options })
        expect(run.length).toBeGreaterThan(30)
        expect(run.filter(([, iteration]) => iteration > 0).length).toBeGreaterThan(5)
        for (const [i, iteration, l1, l2] of run) {
          const moved = rowOf(result.images, i).map((value, k) => value - rowOf(few.images, i)[k]!)
          const found = [
            result.adversarial[i],
            result.queries[i],
            moved.reduce((sum, v) => sum + Math.abs(v), 0),
          ]
          // The images themselves, the start, then one query per iteration.
          const queries = iteration < 0 ? golden.iterations + 2 : iteration + 2
          expect([i, ...found.slice(0, 2)]).toEqual([i, iteration >= 0, queries])
          expect(Math.abs(Number(found[2]) - l1)).toBeLessThan(2e-3)
          expect(Math.abs(norms.L2.length(moved) - l2)).toBeLessThan(1e-4)
        }
      },
    )

    it.each([
      ['fab', {}],
      ['fab-t', { targetClasses: 1 }],
    ] as const)('%s comes as near as the reference, image by image', async (name, options) => {
      const { adversarial, distance } = await fab(model, few, {
        norm,
        iterations: golden.fabIterations,
        ...options,
      })
      const off = nearest[name].map((d, i) =>
        d < 0 ? Number(adversarial[i]) : Math.abs(distance[i]! / d - 1),
      )
      expect(off.filter(o => o > 0.01).length).toBeLessThan(2)
      expect(nearest[name].filter(d => d > 0).length).toBeGreaterThan(30)
    })

    it('leaves as many images standing from random starts', async () => {
      const settings = { norm, epsilon, iterations: golden.iterations, random: new Random(1) }
      const left = {
        'apgd-ce': robust(await apgd(model, batch, settings)),
        'apgd-dlr': robust(await apgd(model, batch, { ...settings, loss: 'dlr' })),
        'apgd-t': robust(await apgd(model, batch, { ...settings, targetClasses: 4 })),
        'fab-t': robust(await fab(model, batch, { ...settings, targetClasses: 4 })),
      }
      for (const [name, count] of Object.entries(withstood))
        expect([name, Math.abs(left[name as keyof typeof left] - count) <= 1]).toEqual([name, true])
    })
  },
)

it.each(golden.square)('square $norm $epsilon', async ({ norm, epsilon, robust: withstood }) => {
  const result = await square(model, batch, {
    norm,
    epsilon,
    iterations: golden.queries,
    random: new Random(0),
  })
  // Both are random searches, of 100 images.
  expect(Math.abs(robust(result) - withstood)).toBeLessThanOrEqual(5)
})

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

it.each(['L2', 'Linf'] as const)("DeepFool %s reaches foolbox's distances", async norm => {
  const { distance, adversarial } = await deepFool(model, few, { norm })
  expect(adversarial.every(Boolean)).toBe(true)
  const off = classic.deepfool[norm].map((d: number, i: number) => Math.abs(distance[i]! / d - 1))
  expect(median(off)).toBeLessThan(1e-3)
  expect(Math.abs(median([...distance]) / median(classic.deepfool[norm]) - 1)).toBeLessThan(1e-3)
})

it("Carlini-Wagner reaches foolbox's distances", async () => {
  const { L2, ...settings } = classic.carliniWagner
  const { distance, adversarial } = await carliniWagner(model, few, settings)
  expect(adversarial.every(Boolean)).toBe(true)
  expect(Math.abs(median([...distance]) / median(L2) - 1)).toBeLessThan(0.02)
  const off = L2.map((d: number, i: number) => Math.abs(distance[i]! / d - 1))
  expect(Math.max(...off)).toBeLessThan(0.05)
})

it("MI-FGSM gives torchattacks' images", async () => {
  const { images, ...settings } = classic.miFgsm
  const three = { images: rows(batch.images, 0, 3), labels: batch.labels.subarray(0, 3) }
  const result = await miFgsm(model, three, { norm: 'Linf', ...settings })
  expectClose(result.images.data, Float32Array.from(images), { absolute: 5e-4 })
})

describe("Square with the reference's random numbers", () => {
  const { queries, seed, size, firstSeed, images, cases } = load('square') as {
    firstSeed: number
    images: number
    size: number
    queries: number
    seed: number
    cases: { norm: NormName; epsilon: number; followed: Followed[] }[]
  }

  it.each(cases)(
    '$norm $epsilon fools the net by the same proposals',
    async ({ norm, epsilon, followed }) => {
      const larger = await createClassifier({
        name: 'attack-net',
        graph: attackNetGraph(size),
        runtime: nodeRuntime({ threads: 1 }),
        preprocessing: plainPreprocessing(size),
      })
      const shown = formulaImages(
        Array.from({ length: images }, (_, i) => firstSeed + i),
        size,
      )
      const labels = predictions(await larger.logits(shown))
      const result = await square(
        larger,
        { images: shown, labels },
        { norm, epsilon, iterations: queries, random: new Random(seed) },
      )
      expect(followed.length).toBeGreaterThan(0.75 * images)
      for (const [i, asked, l1, l2] of followed) {
        // The images themselves are asked about as well.
        expect([i, result.adversarial[i] ? result.queries[i]! - 1 : -1]).toEqual([i, asked])
        if (asked < 0) continue
        const moved = rowOf(result.images, i).map((value, k) => value - rowOf(shown, i)[k]!)
        const length = moved.reduce((sum, value) => sum + Math.abs(value), 0)
        expect(Math.abs(length - l1)).toBeLessThan(1e-3)
        expect(Math.abs(norms.L2.length(moved) - l2)).toBeLessThan(1e-5)
      }
      await larger.dispose()
    },
  )
})
