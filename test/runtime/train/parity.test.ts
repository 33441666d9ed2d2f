import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readNpy } from '../../../src/data/npy.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { asFloat32 } from '../../../src/tensor/tensor.ts'
import { Recipe } from '../../../src/train/recipe.ts'
import { train } from '../../../src/train/train.ts'
import { TrainingSet } from '../../../src/train/training-set.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { expectClose } from '../../support/allclose.ts'
import { formulaImages, withFormulaWeights } from '../../support/formula-weights.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

// The settings of scripts/fixtures/training.py.
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/training/${name}`, import.meta.url))
const expected = JSON.parse(fixture('expected.json').toString())
const settings = {
  arch: 'mini-alex',
  width: 8,
  data: 'formula',
  epochs: 4,
  batchSize: 64,
  learningRate: 0.002,
  schedule: { kind: 'cosine', warmup: 0.15 },
}
const adversarial = { norm: 'L2', epsilon: 0.1, steps: 2, randomStart: false, ramp: [0.1, 0.5] }

it.each([
  ['standard', Recipe.parse(settings)],
  ['adversarial', Recipe.parse({ ...settings, adversarial })],
])('%s training ends in the weights and running statistics of PyTorch', async (kind, recipe) => {
  const built = buildNetwork('mini-alex', { classes: 16, size: 32, width: 8 })
  const network = { ...built, graph: withFormulaWeights(built) }
  const labels = Int32Array.from({ length: 64 }, (_, i) => i % 16)
  const images = await TrainingSet.read(
    memoryDataset('formula', formulaImages([...Array(64).keys()], 32), labels, 16),
    {
      progress: silent,
    },
  )
  const { weights, log } = await train({ network, recipe, images, runtime: nodeRuntime() })

  expectClose(
    log.map(row => row.loss),
    expected[kind].losses,
    { relative: 1e-4 },
    'losses',
  )
  const golden = asFloat32(readNpy(fixture(`${kind}.npy`))).data
  let at = 0
  for (const name of expected[kind].names) {
    const found = weights.get(name)!.data
    const wanted = golden.subarray(at, at + found.length)
    expectClose(found, wanted, { absolute: 1e-4 }, name)
    // Weights hardly move in a few steps: what they moved by must agree as well.
    const start = network.graph.initializers.get(name)!.data as Float32Array
    const moved = distance(wanted, start)
    expect(distance(found, wanted)).toBeLessThan(0.005 * moved)
    at += found.length
  }
  expect(at).toBe(golden.length)
})

function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!))
}
