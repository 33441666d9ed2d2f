// Batches made of rows: of some images of a batch, or of arrays that were kept one by one.

import { elementCount } from './shape.ts'
import { type FloatTensor, float32 } from './tensor.ts'

/** Rows `indices` of the first axis of `t`, copied, in this order. */
export function gatherRows(t: FloatTensor, indices: readonly number[]): FloatTensor {
  const rest = t.shape.slice(1)
  const size = elementCount(rest)
  return stackRows(
    indices.map(i => t.data.subarray(i * size, (i + 1) * size)),
    rest,
  )
}

/** `[rows.length, ...shape]` of arrays that each hold one `shape`. */
export function stackRows(rows: readonly Float32Array[], shape: readonly number[]): FloatTensor {
  const size = elementCount(shape)
  const data = new Float32Array(rows.length * size)
  for (const [k, row] of rows.entries()) data.set(row, k * size)
  return float32([rows.length, ...shape], data)
}

/** Row `i` of the first axis, sharing memory with `t`. */
export function rowOf(t: FloatTensor, i: number): Float32Array {
  const size = t.data.length / Math.max(1, t.shape[0] ?? 0)
  return t.data.subarray(i * size, (i + 1) * size)
}
