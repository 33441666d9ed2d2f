import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { fgsm, type NormName, norms, pgd } from '../../../src/attack/index.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import { readNpy } from '../../../src/data/npy.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32, float32, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { attackNet, attackNetGraph, attackNetLabels } from '../../support/attack-net.ts'
import { formulaImages } from '../../support/formula-weights.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const model = await createClassifier({
  name: 'attack-net',
  graph: attackNetGraph(),
  runtime: nodeRuntime({ threads: 1 }),
  preprocessing: plainPreprocessing(attackNet.size),
  classes: ['a', 'b', 'c', 'd', 'e'],
})
afterAll(() => model.dispose())

const batch = {
  images: formulaImages([...Array(attackNet.images).keys()], attackNet.size),
  labels: attackNetLabels(),
}
const targets = batch.labels.map(label => (label + 2) % attackNet.classes)
const cases: [NormName, number][] = [
  ['L2', 1.5],
  ['Linf', 8 / 255],
]

describe.each(cases)('%s PGD without random start', (norm, epsilon) => {
  const golden = asFloat32(
    readNpy(readFileSync(new URL(`../../fixtures/attack/${norm}.npy`, import.meta.url))),
  )
  const stepSize = (2.5 * epsilon) / 7
  const iterate = (k: number) => rows(golden, k, k + 1).data

  it.each([
    [1, 0],
    [3, 1],
    [7, 2],
  ])("is foolbox's iterate after %i steps", async (steps, k) => {
    const { images } = await pgd(model, batch, { norm, epsilon, steps, stepSize })
    expectClose(images.data, iterate(k), { absolute: 5e-4 }, `${norm} iterate ${steps}`)
  })

  it("is foolbox's targeted attack", async () => {
    const result = await pgd(model, batch, { norm, epsilon, steps: 7, targets })
    expectClose(result.images.data, iterate(3), { absolute: 5e-4 })
    const predicted = await model.logits(result.images)
    for (const [i, adversarial] of result.adversarial.entries()) {
      const row = rows(predicted, i, i + 1).data
      expect(row.indexOf(Math.max(...row)) === targets[i]).toBe(adversarial)
    }
  })

  it('leaves pixels without gradient alone', async () => {
    const { images } = await pgd(model, batch, { norm, epsilon, steps: 2 })
    let moved = 0
    for (let i = attackNet.size - 1; i < images.data.length; i += attackNet.size) {
      expect(images.data[i]).toBe(batch.images.data[i])
      if (images.data[i - 3] !== batch.images.data[i - 3]) moved++
    }
    expect(moved).toBeGreaterThan(100)
  })
})

describe('laws', () => {
  const few = { images: rows(batch.images, 0, 4), labels: batch.labels.subarray(0, 4) }

  it('stays in the ball and in [0, 1], whatever the step, start and radius', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<NormName>('L2', 'Linf'),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.integer({ min: 1, max: 3 }),
        fc.option(fc.nat(), { nil: undefined }),
        async (norm, epsilon, relative, steps, seed) => {
          const result = await pgd(model, few, {
            norm,
            epsilon,
            steps,
            stepSize: relative * epsilon,
            ...(seed !== undefined && { random: new Random(seed) }),
          })
          for (const value of result.images.data) expect(value >= 0 && value <= 1).toBe(true)
          const distance = norms[norm].distance(result.images, few.images)
          for (const d of distance) expect(d).toBeLessThanOrEqual(epsilon * (1 + 1e-5) + 1e-6)
          expect(result.distance).toEqual(distance)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('comes back from a random start to the same result for the same seed only', async () => {
    const run = (seed: number) =>
      pgd(model, batch, { norm: 'L2', epsilon: 1, steps: 2, random: new Random(seed) })
    const [a, b, c] = [await run(1), await run(1), await run(2)]
    expect(b.images.data).toEqual(a.images.data)
    expect(c.images.data).not.toEqual(a.images.data)
  })

  it('keeps per image the best of restarts and of iterates', async () => {
    const loss = async (options: { restarts?: number; best?: boolean }) => {
      const result = await pgd(model, batch, {
        norm: 'Linf',
        epsilon: 0.01,
        steps: 2,
        random: new Random(3),
        ...options,
      })
      const found = await model.lossGradient(result.images, batch.labels)
      return { ...result, loss: found.loss.data }
    }
    const single = await loss({})
    const several = await loss({ restarts: 4 })
    const best = await loss({ best: true })
    expect([...several.queries]).toEqual(Array(16).fill(12))
    for (const other of [several, best]) {
      for (const [i, adversarial] of single.adversarial.entries()) {
        if (adversarial) expect(other.adversarial[i]).toBe(true)
        if (adversarial === other.adversarial[i])
          expect(other.loss[i]).toBeGreaterThanOrEqual(single.loss[i]! - 1e-5)
      }
    }
    expect(several.loss).not.toEqual(single.loss)
  })

  it('raises the loss, and to no effect where epsilon is 0', async () => {
    const before = await model.lossGradient(batch.images, batch.labels)
    const { images, adversarial } = await fgsm(model, batch, { norm: 'Linf', epsilon: 0.05 })
    const after = await model.lossGradient(images, batch.labels)
    for (const [i, loss] of after.loss.data.entries()) expect(loss).toBeGreaterThan(before.loss.data[i]!)
    expect(adversarial.filter(Boolean).length).toBeGreaterThan(8)
    const still = await fgsm(model, batch, { norm: 'L2', epsilon: 0 })
    expect(still.images.data).toEqual(batch.images.data)
  })
})

describe('bad input', () => {
  const options = { norm: 'L2', epsilon: 1, steps: 2 } as const
  const bright = float32(
    batch.images.shape,
    batch.images.data.map(v => v * 255),
  )
  it.each([
    ['epsilon', batch, { ...options, epsilon: -1 }, /epsilon must be a number from 0 on, found -1/],
    ['steps', batch, { ...options, steps: 0 }, /steps must be a whole number from 1 on, found 0/],
    ['restarts', batch, { ...options, restarts: 2 }, /allow a random start/],
    [
      'labels',
      { ...batch, labels: Int32Array.from(batch.labels).fill(5, 3, 4) },
      options,
      /label 3 is 5: the model has 5 classes/,
    ],
    [
      'label count',
      { ...batch, labels: new Int32Array(3) },
      options,
      /16 images need as many labels, found 3/,
    ],
    ['range', { ...batch, images: bright }, options, /must lie in \[0, 1\]/],
  ])('%s', async (_, wrong, settings, message) => {
    const error = await pgd(model, wrong, settings).catch(e => e)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(message)
  })
})
