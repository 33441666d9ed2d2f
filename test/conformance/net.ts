// A small convolutional net and the gradient of its loss, against PyTorch (scripts/fixtures/conformance.py).

import { withCrossEntropy } from '../../src/grad/loss.ts'
import { gradient, gradientName } from '../../src/grad/reverse.ts'
import { GraphBuilder } from '../../src/onnx/builder.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { type FloatTensor, float32, int64 } from '../../src/tensor/tensor.ts'
import net from '../fixtures/conformance/net.json' with { type: 'json' }
import type { ConformanceCase } from './case.ts'

/** A tensor as the fixture stores it. */
export const numbers = ({ shape, data }: { shape: number[]; data: number[] }): FloatTensor =>
  float32(shape, data)

/** conv 3x3/2 – batch norm – ReLU – overlapping max pool – grouped conv – SiLU – global mean – linear. */
export function smallNet(): Graph {
  const builder = new GraphBuilder('small net')
  const weights = Object.fromEntries(
    Object.entries(net.weights).map(([name, value]) => [name, builder.initializer(name, numbers(value))]),
  )
  const weight = (name: keyof typeof net.weights) => weights[name]
  let x = builder.input('images', 'float32', ['n', 3, 13, 13])
  x = builder.op('Div', [builder.op('Sub', [x, builder.scalar(0.5)]), builder.scalar(0.25)])
  x = builder.op('Conv', [x, weight('conv1.weight'), weight('conv1.bias')], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  })
  const statistics = [
    weight('bn.weight'),
    weight('bn.bias'),
    weight('bn.running_mean'),
    weight('bn.running_var'),
  ]
  x = builder.op('BatchNormalization', [x, ...statistics], { epsilon: 1e-5 })
  x = builder.op('MaxPool', [builder.op('Relu', [x])], { kernel_shape: [3, 3], strides: [2, 2] })
  x = builder.op('Conv', [x, weight('conv2.weight')], { group: 2, pads: [1, 1, 1, 1] })
  x = builder.op('Mul', [x, builder.op('Sigmoid', [x])])
  x = builder.op('Flatten', [builder.op('GlobalAveragePool', [x])], { axis: 1 })
  x = builder.op('Gemm', [x, weight('fc.weight'), weight('fc.bias')], { transB: 1 }, { name: 'logits' })
  builder.output(x, 'float32', ['n', 5])
  return builder.build()
}

export const netCases: readonly ConformanceCase[] = [
  {
    name: 'logits of a small net equal PyTorch',
    graph: smallNet(),
    feeds: { images: numbers(net.images) },
    expected: { logits: numbers(net.logits) },
    tolerance: { relative: 1e-5 },
  },
  {
    name: 'loss and input gradient of a small net equal PyTorch',
    graph: gradient(withCrossEntropy(smallNet(), 'logits'), 'loss', ['images']),
    feeds: { images: numbers(net.images), labels: int64([2], net.labels) },
    wanted: ['loss', gradientName('loss', 'images')],
    expected: { loss: numbers(net.loss), [gradientName('loss', 'images')]: numbers(net.gradient) },
    tolerance: { relative: 1e-4 },
  },
]
