import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { convolutionKernels } from '../../../src/probe/kernels.ts'
import { Smoothness, smoothness, totalVariation } from '../../../src/probe/smoothness.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { expectClose } from '../../support/allclose.ts'
import { formulaWeight } from '../../support/formula-weights.ts'
import { stubClassifier } from '../../support/stub-classifier.ts'

// Made by NumPy, see scripts/fixtures/probe.py.
const golden: {
  layers: { layer: string; shape: number[]; raw: number[]; unitNorm: number[]; folded: number[] }[]
  network: { raw: number; unitNorm: number; folded: number }
} = JSON.parse(readFileSync('test/fixtures/probe/smoothness.json', 'utf8'))

/** Three convolutions with batch normalisation, then a 1x1 one and one that covers its whole input. */
function net(): Graph {
  const b = new GraphBuilder('smoothness')
  let x = b.input('images', 'float32', ['n', 3, 16, 16])
  for (const { layer, shape } of golden.layers) {
    const weights = b.initializer(`${layer}.weight`, formulaWeight(`${layer}.weight`, shape))
    x = b.op('Conv', [x, weights], {
      pads: [...shape.slice(2), ...shape.slice(2)].map(k => (k - 1) / 2),
    })
    const parameter = (name: string) =>
      b.initializer(`${layer}.bn.${name}`, formulaWeight(`${layer}.bn.${name}`, shape.slice(0, 1)))
    const inputs = ['weight', 'bias', 'running_mean', 'running_var'].map(parameter)
    x = b.op('BatchNormalization', [x, ...inputs], { epsilon: 1e-3 })
    x = b.op('Relu', [x])
  }
  x = b.op('Conv', [x, b.initializer('point.weight', formulaWeight('point.weight', [5, 4, 1, 1]))])
  x = b.op('Conv', [x, b.initializer('whole.weight', formulaWeight('whole.weight', [2, 5, 16, 16]))])
  x = b.op('Flatten', [x])
  b.output(x, 'float32', ['n', 2], 'logits')
  return b.build()
}

const run = (graph: Graph, seed = 0) =>
  smoothness({ resamples: 500 }).run({
    model: stubClassifier(['a', 'b'], 16, () => [0, 0], graph),
    random: new Random(seed),
    progress: silent,
  })

describe('totalVariation', () => {
  test('adds up differences of neighbours, downwards and to the right', () => {
    // 1 2 4
    // 0 7 3   right: 1+2+7+4, down: 1+5+1
    expect(totalVariation([1, 2, 4, 0, 7, 3], 2, 3)).toBe(21)
    expect(totalVariation([9, 9, 1, 2, 4, 0, 7, 3], 2, 3, 2)).toBe(21)
  })

  test('knows no difference for constants, scales, and does not see a shift or a transposition', () => {
    const map = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(map, fc.integer({ min: -9, max: 9 }), (values, c) => {
        const variation = totalVariation(values, 3, 4)
        expect(
          totalVariation(
            values.map(v => v + c),
            3,
            4,
          ),
        ).toBe(variation)
        expect(
          totalVariation(
            values.map(v => v * c),
            3,
            4,
          ),
        ).toBe(Math.abs(c) * variation)
        const transposed = Array.from({ length: 12 }, (_, i) => values[(i % 3) * 4 + Math.floor(i / 3)]!)
        expect(totalVariation(transposed, 4, 3)).toBe(variation)
      }),
    )
    expect(totalVariation(new Array(12).fill(5), 3, 4)).toBe(0)
  })
})

describe('smoothness', () => {
  test('equals NumPy on every unit, raw, of unit norm, and with batch normalisation folded in', async () => {
    const result = await run(net())
    expect(result.layers.map(layer => layer.layer)).toEqual(['conv1', 'conv2', 'conv3'])
    for (const [i, expected] of golden.layers.entries()) {
      const layer = result.layers[i]!
      expect([layer.units, ...layer.kernel]).toEqual([expected.shape[0], ...expected.shape.slice(2)])
      for (const measure of ['raw', 'unitNorm', 'folded'] as const) {
        expectClose(
          layer.perUnit[measure],
          expected[measure],
          { relative: 1e-6 },
          `${layer.layer} ${measure}`,
        )
        const mean = expected[measure].reduce((a, b) => a + b, 0) / expected[measure].length
        expect(layer[measure].value).toBeCloseTo(mean, 6)
        expect(layer[measure].low).toBeLessThan(mean)
        expect(layer[measure].high).toBeGreaterThan(mean)
      }
    }
    for (const measure of ['raw', 'unitNorm', 'folded'] as const) {
      expect(result.network[measure].value).toBeCloseTo(golden.network[measure], 6)
    }
    expect(Smoothness.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  })

  test('unit norm sees the form alone', async () => {
    const graph = net()
    const scaled = new Map(graph.initializers)
    const weights = graph.initializers.get('conv1.weight')!
    scaled.set(
      'conv1.weight',
      float32(
        weights.shape,
        Float32Array.from(Array.from(weights.data, Number)).map(v => 8 * v),
      ),
    )
    const [before] = (await run(graph)).layers
    const [after] = (await run({ ...graph, initializers: scaled })).layers
    expect(after!.raw.value).toBeCloseTo(8 * before!.raw.value, 4)
    expect(after!.unitNorm.value).toBeCloseTo(before!.unitNorm.value, 6)
  })

  test('gives the same intervals for the same seed', async () => {
    expect(await run(net(), 3)).toEqual(await run(net(), 3))
    expect((await run(net(), 3)).network).not.toEqual((await run(net(), 4)).network)
  })

  test('names the layers of the zoo by their modules and leaves fully connected ones out', () => {
    const { graph } = buildNetwork('mini-alex', { classes: 16, random: new Random(0) })
    expect(convolutionKernels(graph).map(({ name, height }) => `${name} ${height}`)).toEqual([
      'conv1 7',
      'conv2 3',
      'conv3 3',
      'conv4 3',
      'conv5 3',
    ])
  })

  test('says when there is nothing to measure', async () => {
    const b = new GraphBuilder('points')
    const x = b.input('images', 'float32', ['n', 3, 4, 4])
    const y = b.op('Conv', [x, b.initializer('w', formulaWeight('w', [2, 3, 1, 1]))])
    b.output(y, 'float32', ['n', 2, 4, 4], 'logits')
    await expect(run(b.build())).rejects.toThrow('stub has no convolution larger than 1x1')
  })
})
