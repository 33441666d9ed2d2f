// The small net of scripts/fixtures/attack.py as a graph: its last row and column of pixels reach no output.

import { GraphBuilder } from '../../src/onnx/builder.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { formulaWeight } from './formula-weights.ts'

export const attackNet = { size: 14, classes: 5, images: 16 }

/** @param size of the images, 14 or 15 pixels: what follows the first layer's pool is of the same size for both */
export function attackNetGraph(size = attackNet.size): Graph {
  const b = new GraphBuilder('attack-net')
  const weight = (name: string, shape: readonly number[]) => b.initializer(name, formulaWeight(name, shape))
  let x = b.input('images', 'float32', ['n', 3, size, size])
  x = b.op('Sub', [x, b.scalar(0.5)])
  x = b.op('Mul', [x, b.scalar(4)])
  x = b.op('Conv', [x, weight('conv1.weight', [8, 3, 3, 3]), weight('conv1.bias', [8])], { strides: [2, 2] })
  x = b.op('Relu', [x], {}, { name: 'relu1' })
  x = b.op('Conv', [x, weight('conv2.weight', [12, 8, 3, 3]), weight('conv2.bias', [12])], {
    pads: [1, 1, 1, 1],
  })
  x = b.op('Relu', [x])
  x = b.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
  x = b.op('Reshape', [x, b.ints([-1, 108])])
  x = b.op('Gemm', [x, weight('fc.weight', [5, 108]), weight('fc.bias', [5])], { transB: 1 })
  b.output(x, 'float32', ['n', attackNet.classes], 'logits')
  return b.build()
}

/** Values as `[n]` labels: image i has class i mod classes. */
export function attackNetLabels(): Int32Array {
  return Int32Array.from({ length: attackNet.images }, (_, i) => i % attackNet.classes)
}
