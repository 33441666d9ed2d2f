// Products in place of convolutions of few steps: the same values, the same gradients, and only where they are meant.

import { describe, expect, it } from 'vitest'
import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { checkGraph } from '../../../src/onnx/check.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { asFloat32, float32, type Tensor } from '../../../src/tensor/tensor.ts'
import { fewStepsAsProducts } from '../../../src/train/few-steps.ts'
import { expectClose } from '../../support/allclose.ts'

interface Case {
  readonly image: readonly number[]
  readonly weight: readonly number[]
  readonly steps: readonly number[]
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
  readonly bias?: boolean
}

const around = (pad: number) => [pad, pad, pad, pad]
const cases: Readonly<Record<string, Case>> = {
  'a window that covers the image': { image: [3, 4, 4], weight: [5, 3, 4, 4], steps: [1, 1], bias: true },
  '3x3 on 2x2': { image: [3, 2, 2], weight: [4, 3, 3, 3], steps: [2, 2], attributes: { pads: around(1) } },
  '3x3 on 4x4, stride 2': {
    image: [3, 4, 4],
    weight: [4, 3, 3, 3],
    steps: [2, 2],
    attributes: { pads: around(1), strides: [2, 2] },
    bias: true,
  },
  '1x1 on 4x4, stride 2': {
    image: [3, 4, 4],
    weight: [4, 3, 1, 1],
    steps: [2, 2],
    attributes: { strides: [2, 2] },
  },
  '3x3 on 1x1': { image: [3, 1, 1], weight: [4, 3, 3, 3], steps: [1, 1], attributes: { pads: around(1) } },
  'dilated, unlike sides, uneven pads': {
    image: [2, 5, 3],
    weight: [3, 2, 2, 3],
    steps: [4, 1],
    attributes: { pads: [0, 1, 1, 0], dilations: [2, 1], strides: [1, 2] },
    bias: true,
  },
}

function graphOf({ image, weight, steps, attributes = {}, bias = false }: Case): Graph {
  const builder = new GraphBuilder('conv')
  const x = builder.input('x', 'float32', ['n', ...image])
  const inputs = [x, builder.input('w', 'float32', weight)]
  if (bias) inputs.push(builder.input('b', 'float32', [weight[0]!]))
  const y = builder.op('Conv', inputs, { kernel_shape: weight.slice(2), ...attributes }, { name: 'y' })
  builder.output(y, 'float32', ['n', weight[0]!, ...steps])
  // A loss in which every value has a weight of its own.
  const squares = builder.op('Mul', [y, y])
  const loss = builder.op('ReduceSum', [builder.op('Add', [squares, y])], { keepdims: 0 }, { name: 'loss' })
  builder.output(loss, 'float32', [])
  return builder.build()
}

const convolutions = (graph: Graph) => graph.nodes.filter(node => node.opType === 'Conv').length

describe.each(Object.entries(cases))('%s', (_, { bias = false, ...one }) => {
  it('has the values and gradients of the convolution', async () => {
    const random = new Random(0)
    const drawn = (shape: readonly number[]) =>
      float32(
        shape,
        Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
      )
    const names = ['x', 'w', ...(bias ? ['b'] : [])]
    const feeds: Record<string, Tensor> = {
      x: drawn([3, ...one.image]),
      w: drawn(one.weight),
      ...(bias && { b: drawn([one.weight[0]!]) }),
    }
    const original = graphOf({ ...one, bias })
    const products = fewStepsAsProducts(original)
    checkGraph(products)
    expect([convolutions(original), convolutions(products)]).toEqual([1, 0])
    const results = await Promise.all(
      [original, products].map(async graph => {
        const session = await nodeRuntime({ threads: 1 }).load(gradient(graph, 'loss', names))
        const result = await session.run(feeds)
        await session.dispose()
        return result
      }),
    )
    for (const name of ['y', ...names.map(name => gradientName('loss', name))]) {
      const [wanted, found] = results.map(result => asFloat32(result[name]!)) as [Float, Float]
      expect(found.shape).toEqual(wanted.shape)
      expectClose(found.data, wanted.data, { relative: 1e-5 }, name)
    }
  })
})

type Float = ReturnType<typeof asFloat32>

it.each<[string, Case]>([
  ['many steps', { image: [3, 3, 3], weight: [4, 3, 3, 3], steps: [3, 3], attributes: { pads: around(1) } }],
  ['groups', { image: [4, 2, 2], weight: [4, 1, 1, 1], steps: [2, 2], attributes: { group: 4 } }],
  [
    'a window on nothing but padding',
    { image: [3, 1, 1], weight: [4, 3, 1, 1], steps: [1, 2], attributes: { pads: [0, 0, 0, 1] } },
  ],
])('leaves %s as they are', (_, one) => {
  const graph = graphOf(one)
  expect(fewStepsAsProducts(graph).nodes).toEqual(graph.nodes)
})
