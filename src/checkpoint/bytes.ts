// Typed arrays over raw bytes.

import { type ArrayOf, allocate, byteSize, type DType } from '../tensor/dtype.ts'

/**
 * The little-endian `bytes` as elements of `dtype`: a view where alignment allows, else a copy. Trailing bytes
 * that make no element are left out.
 */
export function fromBytes<D extends DType>(dtype: D, bytes: Uint8Array): ArrayOf[D] {
  const size = byteSize(dtype)
  const length = Math.floor(bytes.length / size)
  const make = allocate(dtype, 0).constructor as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => ArrayOf[D]
  if (bytes.byteOffset % size === 0) return new make(bytes.buffer, bytes.byteOffset, length)
  return new make(bytes.slice().buffer, 0, length)
}
