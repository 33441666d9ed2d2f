// The blocked layout: graphs rewritten for it give the gradients that they gave before, ties and pads included, and
// have fewer operators that leave the layout.

import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { gradient, gradientName } from '../../src/grad/reverse.ts'
import { GraphBuilder } from '../../src/onnx/builder.ts'
import { checkGraph } from '../../src/onnx/check.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { inBlockedLayout } from '../../src/runtime/blocked/rewrite.ts'
import { ortRuntime } from '../../src/runtime/ort.ts'
import { Random } from '../../src/tensor/random.ts'
import { asFloat32, float32 } from '../../src/tensor/tensor.ts'
import { expectTensorsClose } from '../support/allclose.ts'

const sessionOptions = { executionProviders: ['cpu'], intraOpNumThreads: 1 }
const plain = ortRuntime('plain', ort, sessionOptions)
const blocked = ortRuntime('blocked', ort, sessionOptions, async graph => inBlockedLayout(graph))

/** Whole numbers, so that maxima tie and activations meet their bounds. */
const drawn = (random: Random, shape: readonly number[], most: number) =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      Math.round(random.uniform(-most, most)),
    ),
  )

type Middle = (builder: GraphBuilder, value: string) => string

/** The gradient of the images through a convolution to 32 channels, `middle`, and a convolution. */
function network(middle: Middle): Graph {
  const random = new Random(3)
  const builder = new GraphBuilder('net')
  builder.input('x', 'float32', ['n', 3, 9, 10])
  const pads = [1, 1, 1, 1]
  const before = builder.initializer('before', drawn(random, [32, 3, 3, 3], 1))
  const after = builder.initializer('after', drawn(random, [16, 32, 3, 3], 2))
  const inner = middle(builder, builder.op('Conv', ['x', before], { kernel_shape: [3, 3], pads }))
  const scores = builder.op('Conv', [inner, after], { kernel_shape: [3, 3], pads })
  const squares = builder.op('Mul', [scores, scores])
  builder.output(
    builder.op('ReduceSum', [squares, builder.ints([1, 2, 3])], { keepdims: 0 }),
    'float32',
    ['n'],
    'y',
  )
  return gradient(builder.build(), 'y', ['x'])
}

const relu: Middle = (b, v) => b.op('Relu', [v])
const pooled =
  (
    kernel: readonly number[],
    pads: readonly number[],
    strides: readonly number[] = [1, 1],
    ceil = 0,
  ): Middle =>
  (b, v) =>
    b.op('MaxPool', [v], { kernel_shape: kernel, pads, strides, ceil_mode: ceil })

const cases: readonly (readonly [string, Middle, gone: readonly string[]])[] = [
  ['Relu', relu, ['Cast', 'CastLike']],
  ['Clip to [0, 6]', (b, v) => b.op('Clip', [v, b.scalar(0), b.scalar(6)]), ['Greater', 'Less', 'And']],
  ['HardSwish', (b, v) => b.op('HardSwish', [v]), ['HardSwish', 'Greater', 'Less', 'And']],
  ['SiLU', (b, v) => b.op('Mul', [v, b.op('Sigmoid', [b.op('Mul', [v, b.scalar(0.1)])])]), ['Sub']],
  ['scale per channel', (b, v) => b.op('Mul', [v, b.constant(drawn(new Random(1), [32, 1, 1], 3))]), ['Mul']],
  ['MaxPool 3x3 padded', pooled([3, 3], [1, 1, 1, 1]), ['ScatterElements']],
  ['MaxPool 3x3 padded of Relu', (b, v) => pooled([3, 3], [1, 1, 1, 1])(b, relu(b, v)), ['ScatterElements']],
  ['MaxPool 2x3 padded on one side', pooled([2, 3], [0, 2, 1, 0]), ['ScatterElements']],
  ['MaxPool 4x4', pooled([4, 4], [0, 0, 0, 0]), ['ScatterElements']],
  ['MaxPool 1x2', pooled([1, 2], [0, 0, 0, 0]), ['ScatterElements']],
  ['MaxPool 3x3 of stride 2', pooled([3, 3], [0, 0, 0, 0], [2, 2]), ['ScatterElements']],
  ['MaxPool 3x3 of stride 2 rounded up', pooled([3, 3], [0, 0, 0, 0], [2, 2], 1), ['ScatterElements']],
  ['MaxPool 3x3 of stride 2 padded', pooled([3, 3], [1, 1, 1, 1], [2, 2]), ['ScatterElements']],
  [
    'MaxPool 3x3 of stride 2 padded of Relu',
    (b, v) => pooled([3, 3], [1, 1, 1, 1], [2, 2])(b, relu(b, v)),
    ['ScatterElements', 'Cast', 'CastLike'],
  ],
  ['MaxPool 2x2 of stride 2', pooled([2, 2], [0, 0, 0, 0], [2, 2]), ['ScatterElements']],
  ['MaxPool 2x2 of stride 2 rounded up', pooled([2, 2], [0, 0, 0, 0], [2, 2], 1), ['ScatterElements']],
  ['MaxPool 2x2 padded', pooled([2, 2], [1, 1, 1, 1]), ['ScatterElements']],
  ['MaxPool 5x4 of stride 3x2 padded', pooled([5, 4], [2, 1, 2, 1], [3, 2]), ['ScatterElements']],
  ['MaxPool 3x1 of stride 2x1', pooled([3, 1], [1, 0, 1, 0], [2, 1]), ['ScatterElements']],
]

describe('the blocked layout', () => {
  it.each(cases)('keeps the gradient of %s', async (_, middle, gone) => {
    const graph = network(middle)
    const rewritten = inBlockedLayout(graph).graph
    checkGraph(rewritten)
    const count = ({ nodes }: Graph, opType: string) => nodes.filter(node => node.opType === opType).length
    for (const opType of gone) expect(count(rewritten, opType)).toBeLessThan(count(graph, opType))
    const images = drawn(new Random(5), [2, 3, 9, 10], 2)
    const name = gradientName('y', 'x')
    const [expected, found] = await Promise.all(
      [plain, blocked].map(async runtime => {
        const session = await runtime.load(graph)
        const results = await session.run({ x: images })
        await session.dispose()
        return results
      }),
    )
    expect(asFloat32(found!.y!).data).toEqual(asFloat32(expected!.y!).data)
    expectTensorsClose(found![name]!, asFloat32(expected![name]!), { relative: 1e-6, absolute: 1e-2 })
  })

  it('leaves alone what has no blocks of channels', () => {
    const builder = new GraphBuilder('small')
    builder.input('x', 'float32', ['n', 3, 8, 8])
    builder.initializer('w', drawn(new Random(1), [10, 3, 3, 3], 1))
    const y = builder.op('MaxPool', [builder.op('Relu', [builder.op('Conv', ['x', 'w'])])], {
      kernel_shape: [3, 3],
    })
    builder.output(y, 'float32', ['n', 10, 4, 4], 'y')
    const graph = gradient(builder.build(), 'y', ['x'])
    expect(inBlockedLayout(graph).graph.nodes).toEqual(graph.nodes)
  })

  it('does not depend on the values of open weights', () => {
    const builder = new GraphBuilder('scaled')
    builder.input('x', 'float32', ['n', 16, 4, 4])
    builder.initializer('factor', float32([], [2]))
    builder.initializer('w', drawn(new Random(1), [16, 16, 3, 3], 1))
    const y = builder.op('Conv', [builder.op('Mul', [builder.op('Conv', ['x', 'w']), 'factor']), 'w2'])
    builder.initializer('w2', drawn(new Random(2), [16, 16, 1, 1], 1))
    builder.output(y, 'float32', ['n', 16, 2, 2], 'y')
    const graph = builder.build()
    const reads = ({ graph }: { graph: Graph }) => graph.nodes.some(node => node.inputs.includes('factor'))
    expect(reads(inBlockedLayout(graph))).toBe(false)
    expect(reads(inBlockedLayout(graph, new Set(['factor'])))).toBe(true)
  })
})
