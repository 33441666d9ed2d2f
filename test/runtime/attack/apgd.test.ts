// APGD: never outside ball and box, at least as strong as PGD of the same budget, gradient of each loss exact.

import { afterAll, describe, expect, it } from 'vitest'
import { apgd } from '../../../src/attack/apgd.ts'
import { type NormName, norms, pgd } from '../../../src/attack/index.ts'
import { attackLosses, TARGETS } from '../../../src/attack/loss.ts'
import { LOSS_GRADIENT, lossGradientGraph } from '../../../src/attack/loss-gradient.ts'
import { labelTensor } from '../../../src/attack/step.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32, float32 } from '../../../src/tensor/tensor.ts'
import { attackNet, attackNetGraph } from '../../support/attack-net.ts'
import { formulaImages } from '../../support/formula-weights.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const { size, classes } = attackNet
const model = await createClassifier({
  name: 'attack-net',
  graph: attackNetGraph(),
  runtime: nodeRuntime({ threads: 1 }),
  preprocessing: plainPreprocessing(size),
  classes: ['a', 'b', 'c', 'd', 'e'],
})
afterAll(() => model.dispose())

const images = formulaImages(
  Array.from({ length: 48 }, (_, i) => 1000 + i),
  size,
)
const logits = await model.logits(images)
/** The classes of each image by falling logit. */
const ranked = Array.from({ length: 48 }, (_, i) =>
  Array.from({ length: classes }, (_, c) => c).sort(
    (a, b) => logits.data[i * classes + b]! - logits.data[i * classes + a]!,
  ),
)
const labels = Int32Array.from(ranked, order => order[0]!)

describe.each<[NormName, number]>([
  ['Linf', 2 / 255],
  ['L2', 0.2],
])('APGD %s %f', (norm, epsilon) => {
  it.each([
    ['cross-entropy', {}],
    ['dlr', { loss: 'dlr' }],
    ['targeted', { targetClasses: 4 }],
  ] as const)('%s', async (_, options) => {
    const steps = 20
    const plain = await pgd(model, { images, labels }, { norm, epsilon, steps, best: true })
    const auto = await apgd(
      model,
      { images, labels },
      { norm, epsilon, iterations: steps, random: new Random(1), ...options },
    )
    const robust = (adversarial: readonly boolean[]) => adversarial.filter(done => !done).length
    expect(robust(plain.adversarial)).toBeGreaterThan(2)
    expect(robust(auto.adversarial)).toBeLessThanOrEqual(robust(plain.adversarial) + 1)
    expect(robust(auto.adversarial)).toBeLessThan(48)

    const after = await model.logits(auto.images)
    for (const [i, done] of auto.adversarial.entries()) {
      const row = after.data.subarray(i * classes, (i + 1) * classes)
      expect(row.indexOf(Math.max(...row)) !== labels[i]).toBe(done)
    }
    for (const distance of norms[norm].distance(auto.images, images))
      expect(distance).toBeLessThan(epsilon + 1e-6)
    for (const value of auto.images.data) if (!(value >= 0 && value <= 1)) expect.fail(`pixel ${value}`)
  })
})

it('leaves images alone that are wrong already', async () => {
  const wrong = Int32Array.from(ranked, order => order[1]!)
  const result = await apgd(
    model,
    { images, labels: wrong },
    { norm: 'L2', epsilon: 1, iterations: 2, random: new Random(1) },
  )
  expect(result.images.data).toEqual(images.data)
  expect(result.adversarial.every(Boolean)).toBe(true)
})

it.each(attackLosses)('follows the gradient of %s', async loss => {
  const session = await model.runtime.load(lossGradientGraph(model.graph, loss))
  const one = float32([1, 3, size, size], images.data.slice(0, 3 * size * size))
  const feeds = {
    labels: labelTensor(Int32Array.of(ranked[0]![1]!)),
    ...(loss.endsWith('-targeted') && { [TARGETS]: labelTensor(Int32Array.of(ranked[0]![2]!)) }),
  }
  const at = async (pixels: Float32Array) => {
    const result = await session.run({ ...feeds, images: float32(one.shape, pixels) })
    return { loss: asFloat32(result.loss!).data[0]!, gradient: asFloat32(result[LOSS_GRADIENT]!).data }
  }
  const { loss: value, gradient } = await at(one.data)
  const z = (k: number) => logits.data[ranked[0]![k]!]!
  // The label is the second class, so that the best other class is the first.
  if (loss === 'dlr') expect(value).toBeCloseTo((z(0) - z(1)) / (z(0) - z(2)), 4)
  if (loss === 'margin') expect(value).toBeCloseTo(z(0) - z(1), 4)
  if (loss === 'margin-targeted') expect(value).toBeCloseTo(z(2) - z(1), 4)
  if (loss === 'dlr-targeted') expect(value).toBeCloseTo((z(2) - z(1)) / (z(0) - (z(2) + z(3)) / 2), 4)
  const length = Math.hypot(...gradient)
  const h = 2e-3
  const moved = (sign: number) => one.data.map((pixel, i) => pixel + (sign * h * gradient[i]!) / length)
  const slope = ((await at(moved(1))).loss - (await at(moved(-1))).loss) / (2 * h)
  expect(Math.abs(slope - length) / length).toBeLessThan(0.02)
  await session.dispose()
})
