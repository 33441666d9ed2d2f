// Batch normalisation folded into convolutions: the same values and gradients, and only where it may be.

import { expect, it } from 'vitest'
import { gradient } from '../../../src/grad/reverse.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { foldBatchNorm } from '../../../src/onnx/fold-batch-norm.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { expectTensorsClose } from '../../support/allclose.ts'

const random = new Random(5)
const drawn = (shape: readonly number[], low = -1) =>
  float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.uniform(low, 1)),
  )

function network({ bias = true, group = 1, training = 0, epsilon = 0.1 } = {}): GraphBuilder {
  const builder = new GraphBuilder('net')
  builder.input('x', 'float32', ['n', 4, 5, 6])
  builder.initializer('w', drawn([6, 4 / group, 3, 3]))
  if (bias) builder.initializer('b', drawn([6]))
  for (const name of ['scale', 'shift', 'mean']) builder.initializer(name, drawn([6]))
  builder.initializer('variance', drawn([6], 0.1))
  const conv = builder.op('Conv', ['x', 'w', bias ? 'b' : undefined], { group }, { name: 'conv' })
  const statistics = ['scale', 'shift', 'mean', 'variance']
  const outputs = builder.ops(
    'BatchNormalization',
    [conv, ...statistics],
    { epsilon, ...(training && { training_mode: training }) },
    training ? 3 : 1,
    { name: 'norm' },
  )
  builder.output(builder.op('Relu', [outputs[0]!]), 'float32', ['n', 6, 3, 4], 'y')
  return builder
}

const norms = (graph: Graph) => graph.nodes.filter(node => node.opType === 'BatchNormalization').length

for (const options of [{}, { bias: false }, { group: 2 }, { bias: false, group: 2, epsilon: 1e-5 }])
  it(`gives the same values and gradients: ${JSON.stringify(options)}`, async () => {
    const graph = network(options).build()
    const folded = foldBatchNorm(graph)
    expect(norms(graph)).toBe(1)
    expect(norms(folded)).toBe(0)
    const x = drawn([2, 4, 5, 6])
    const [expected, found] = await Promise.all(
      [graph, folded].map(async one => {
        const session = await nodeRuntime().load(gradient(one, 'y', ['x']))
        return session.run({ x })
      }),
    )
    for (const [name, value] of Object.entries(found!))
      expectTensorsClose(value, expected![name]!, { relative: 1e-5, absolute: 1e-6 }, name)
  })

it('leaves alone what is read elsewhere, given out, or computed from the batch', () => {
  const read = network()
  read.output(read.op('Neg', ['conv']), 'float32', ['n', 6, 3, 4], 'z')
  expect(norms(foldBatchNorm(read.build()))).toBe(1)
  const given = network()
  given.output('conv', 'float32', ['n', 6, 3, 4])
  expect(norms(foldBatchNorm(given.build()))).toBe(1)
  expect(norms(foldBatchNorm(network({ training: 1 }).build()))).toBe(1)
})
