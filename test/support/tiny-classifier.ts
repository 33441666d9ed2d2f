// A classifier small enough to be worked out by hand: the means of the three channels times a matrix.

import { GraphBuilder } from '../../src/onnx/builder.ts'
import type { Dim, Graph } from '../../src/onnx/graph.ts'
import { type FloatTensor, float32 } from '../../src/tensor/tensor.ts'
import { plainPreprocessing } from './plain-preprocessing.ts'

export interface TinyOptions {
  /** Shape of the input; default `[n, 3, 4, 4]`. */
  readonly shape?: readonly Dim[]
  /** One row of weights per class, one column per channel. */
  readonly weights: readonly (readonly number[])[]
  readonly bias?: readonly number[]
  /** What follows the scores. */
  readonly end?: 'softmax' | 'sigmoid'
}

/** ReLU of the pixels – mean over the positions – linear layer; layer `pixels` is the ReLU. */
export function tinyGraph({ shape = ['n', 3, 4, 4], weights, bias, end }: TinyOptions): Graph {
  const builder = new GraphBuilder('tiny')
  const classes = weights.length
  const isNhwc = shape[3] === 3
  let x = builder.input('x', 'float32', shape)
  x = builder.op('Relu', [x], {}, { name: 'pixels' })
  x = builder.op('ReduceMean', [x, builder.ints(isNhwc ? [1, 2] : [2, 3])], { keepdims: 0 })
  const matrix = builder.initializer('fc.weight', float32([classes, weights[0]!.length], weights.flat()))
  const offset = builder.initializer('fc.bias', float32([classes], bias ?? weights.map(() => 0)))
  x = builder.op('Gemm', [x, matrix, offset], { transB: 1 }, { name: 'scores' })
  if (end === 'softmax') x = builder.op('Softmax', [x], { axis: 1 }, { name: 'shares' })
  if (end === 'sigmoid') x = builder.op('Sigmoid', [x], {}, { name: 'shares' })
  builder.output(x, 'float32', [shape[0]!, classes])
  return builder.build()
}

/** Pixels as they are, 4x4. */
export const plain = plainPreprocessing(4)

/** One image `[1, 3, size, size]` per colour `[r, g, b]`, each of one colour throughout. */
export function flatImages(colours: readonly (readonly number[])[], size = 4): FloatTensor {
  const area = size * size
  const data = new Float32Array(colours.length * 3 * area)
  for (const [i, colour] of colours.entries())
    for (let c = 0; c < 3; c++) data.fill(colour[c]!, (3 * i + c) * area, (3 * i + c + 1) * area)
  return float32([colours.length, 3, size, size], data)
}
