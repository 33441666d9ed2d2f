// IDX, the format of MNIST and its family: a magic number, big-endian sizes, then the elements.

import { InputError } from '../errors/input-error.ts'
import { allocate, byteSize, type DType } from '../tensor/dtype.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

const dtypeOf = new Map<number, DType>([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
])

/**
 * Reads an IDX file (not compressed). uint8 and int8 share memory with `bytes`.
 * @param what how error messages call the file
 * @throws InputError on anything that is not such a file, is cut short or has bytes left over.
 */
export function readIdx(bytes: Uint8Array, what = 'IDX file'): Tensor {
  const [first, second, type, axes] = bytes
  const dtype = type === undefined ? undefined : dtypeOf.get(type)
  if (first !== 0 || second !== 0 || dtype === undefined || axes === undefined) {
    throw new InputError(
      `${what}: not an IDX file (it must begin with 0, 0, an element type and the number of axes)`,
    )
  }
  const offset = 4 + 4 * axes
  if (bytes.length < offset) {
    throw new InputError(
      `${what}: cut short inside the header, which takes ${offset} bytes; found ${bytes.length}`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i))
  const size = byteSize(dtype)
  const count = elementCount(shape)
  if (bytes.length - offset !== count * size) {
    const fault = bytes.length - offset < count * size ? 'it is cut short' : 'it has bytes left over'
    throw new InputError(
      `${what}: ${dtype} ${formatShape(shape)} takes ${count * size} bytes after the header, ` +
        `found ${bytes.length - offset}; ${fault}, get it again`,
    )
  }
  if (dtype === 'uint8') return { dtype, shape, data: bytes.subarray(offset) }
  if (dtype === 'int8')
    return { dtype, shape, data: new Int8Array(bytes.buffer, bytes.byteOffset + offset, count) }
  const data = allocate(dtype, count)
  for (let i = 0; i < count; i++) data[i] = element(view, dtype, offset + i * size)
  return { dtype, shape, data }
}

function element(view: DataView, dtype: DType, at: number): number {
  if (dtype === 'int16') return view.getInt16(at)
  if (dtype === 'int32') return view.getInt32(at)
  if (dtype === 'float32') return view.getFloat32(at)
  return view.getFloat64(at)
}
