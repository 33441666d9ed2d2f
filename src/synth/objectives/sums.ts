// Sums over all axes but the first: from a value per element to one per picture.

import type { GraphBuilder } from '../../onnx/builder.ts'

const axes = (rank: number) => Array.from({ length: rank - 1 }, (_, i) => i + 1)

/** `[n, ...]` of `rank` axes to `[n]`. */
export function sum(builder: GraphBuilder, value: string, rank: number): string {
  return builder.op('ReduceSum', [value, builder.ints(axes(rank))], { keepdims: 0 })
}

/** The sum of the squares, `[n]`. */
export function sumOfSquares(builder: GraphBuilder, value: string, rank: number): string {
  return sum(builder, builder.op('Mul', [value, value]), rank)
}
