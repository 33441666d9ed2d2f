// Fast adversarial training that really collapses: no random start, a radius that grows with the training. The net
// comes to withstand its own single step on nine images of ten, PGD on ever fewer, and the watch ends the run.

import { expect, it } from 'vitest'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { Recipe } from '../../../src/train/recipe.ts'
import { bestEpoch, stopReason } from '../../../src/train/robust-validation.ts'
import { train } from '../../../src/train/train.ts'
import { TrainingSet } from '../../../src/train/training-set.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

const [classes, size] = [8, 16]

/** A checkerboard of light and dark squares per class, under noise. */
function checkerboards(count: number, seed: number) {
  const boards = Array.from({ length: classes }, (_, c) => {
    const random = new Random(100 + c)
    return Array.from({ length: 48 }, () => (random.uniform() < 0.5 ? -1 : 1))
  })
  const random = new Random(seed)
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes)
  const data = Float32Array.from({ length: count * 3 * size * size }, (_, i) => {
    const [x, y, channel, image] = [i % 16, (i >> 4) % 16, (i >> 8) % 3, Math.floor(i / 768)]
    const square = boards[labels[image]!]![channel * 16 + (y >> 2) * 4 + (x >> 2)]!
    return Math.min(1, Math.max(0, 0.5 + 0.15 * square + 0.1 * random.normal()))
  })
  return memoryDataset('checkerboards', float32([count, 3, size, size], data), labels, classes)
}

it('is noticed and ends the run', { timeout: 120_000 }, async () => {
  const recipe = Recipe.parse({
    arch: 'mini-alex',
    width: 16,
    data: 'checkerboards',
    epochs: 12,
    batchSize: 32,
    learningRate: 0.15,
    schedule: { kind: 'step', every: 1000 },
    adversarial: {
      ...{ scheme: 'fast', norm: 'Linf', epsilon: 0.12, stepSize: 0.12 },
      ...{ randomStart: false, ramp: [0, 0.9] },
    },
    robustValidation: { images: 128 },
  })
  const read = (count: number, seed: number) =>
    TrainingSet.read(checkerboards(count, seed), { progress: silent })
  const { log } = await train({
    network: buildNetwork('mini-alex', { classes, size, width: 16, random: new Random(0) }),
    recipe,
    images: await read(512, 1),
    validation: await read(128, 2),
    runtime: nodeRuntime({ threads: 1 }),
  })
  const last = log.at(-1)!
  expect(stopReason(recipe, log)).toMatch(
    /^catastrophic overfitting in epoch \d+: accuracy under PGD-10 fell from/,
  )
  expect(log.length).toBeLessThan(recipe.epochs)
  expect(last.accuracy).toBeGreaterThan(0.8)
  expect(last.robustAccuracy).toBeLessThan(0.3)
  expect(last.robustAccuracy).toBeLessThan(bestEpoch(log)!.robustAccuracy! / 2)
})
