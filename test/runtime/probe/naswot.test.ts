import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createClassifier } from '../../../src/classifier/create.ts'
import { naswot } from '../../../src/probe/naswot.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { type Activation, buildNetwork } from '../../../src/zoo/index.ts'
import { formulaImages, withFormulaWeights } from '../../support/formula-weights.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

const golden = z
  .object({ naswot: z.record(z.string(), z.number()) })
  .parse(JSON.parse(readFileSync('test/fixtures/training/steps.json', 'utf8'))).naswot

const runtime = nodeRuntime({ threads: 1 })

function classifier(activation: Activation, width = 4) {
  const network = buildNetwork('mini-alex', { classes: 16, size: 32, width, activation })
  return createClassifier({ ...network, name: activation, graph: withFormulaWeights(network), runtime })
}

const data = (seeds: readonly number[]) =>
  memoryDataset('formula', formulaImages(seeds, 32), new Int32Array(seeds.length), 16)
const context = { random: new Random(0), progress: silent }
const sixteen = Array.from({ length: 16 }, (_, i) => i)

it.each(['relu', 'silu', 'softplus'] as const)(
  'the score of a %s network is PyTorch and NumPy’s',
  async activation => {
    const model = await classifier(activation)
    const { score, images, activations } = await naswot({ data: data(sixteen), batch: 16 }).run({
      model,
      ...context,
    })
    await model.dispose()
    expect(images).toBe(16)
    expect(activations).toBe(4 * 32 * 32 + 8 * 16 * 16 + 3 * 12 * 8 * 8 + 128)
    // A bit whose value lies within rounding of 0 moves the score by less.
    expect(Math.abs(score! - golden[activation]!)).toBeLessThan(1e-3)
  },
)

it('is null for a batch that holds an image twice', async () => {
  const model = await classifier('relu')
  const twice = naswot({ data: data([0, 1, 2, 2]), batch: 4 })
  expect((await twice.run({ model, ...context })).score).toBeNull()
  await expect(naswot({ data: data([0]) }).run({ model, ...context })).rejects.toThrow(
    'formula has 1 images, fewer than 128',
  )
  await model.dispose()
})
