// NumPy's `.npy` files, the way arrays travel between silhouette and Python. Format versions 1.0, 2.0 and 3.0
// (numpy/lib/format). Nothing in a file is executed: the header is parsed as the one literal it may be, and
// arrays of Python objects (pickles) are refused.

import { InputError } from '../errors/input-error.ts'
import { type ArrayOf, allocate, byteSize, type DType, type TypedArray } from '../tensor/dtype.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type NpyHeader, parseNpyHeader } from './npy-header.ts'

// bfloat16 has no NumPy type of its own; ml_dtypes saves it as a two-byte void, and so do we.
const typeCodes: { readonly [D in DType]: string } = {
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
  bfloat16: 'V2',
  int8: 'i1',
  int16: 'i2',
  int32: 'i4',
  int64: 'i8',
  uint8: 'u1',
  uint16: 'u2',
  uint32: 'u4',
  uint64: 'u8',
  bool: 'b1',
}
const dtypeOf = new Map(Object.entries(typeCodes).map(([dtype, code]) => [code, dtype as DType]))

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const ALIGNMENT = 64
const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** What an `.npy` file says of itself, and where its elements begin. */
export interface NpyLayout {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly fortranOrder: boolean
  readonly littleEndian: boolean
  /** Byte at which the elements begin. */
  readonly offset: number
}

/**
 * Reads an `.npy` file: any of silhouette's element types, either byte order, C or Fortran order. Elements in
 * the host's byte order and C order are not copied: the tensor then shares memory with `bytes`.
 * @param what how error messages call the file
 * @throws InputError on anything that is not such a file, is cut short or has bytes left over.
 */
export function readNpy(bytes: Uint8Array, what = 'npy file'): Tensor {
  const layout = readNpyLayout(bytes, what)
  const { dtype, shape } = layout
  const count = elementCount(shape)
  const size = byteSize(dtype)
  const found = bytes.length - layout.offset
  if (found !== count * size) {
    throw new InputError(
      `${what}: ${dtype} ${formatShape(shape)} takes ${count * size} bytes after the header, found ${found}; ` +
        `the file is ${found < count * size ? 'cut short' : 'not a single array'}, write it again`,
    )
  }
  let body = bytes.subarray(layout.offset)
  if (size > 1 && layout.littleEndian !== hostIsLittle) body = swapped(body, size)
  if (body.byteOffset % size !== 0) body = body.slice()
  const flat = view(dtype, body, count)
  if (dtype === 'bool' && body.some(b => b > 1)) {
    throw new InputError(`${what}: a bool must be 0 or 1, found another byte; write the array again`)
  }
  const data = layout.fortranOrder && shape.length > 1 ? transposed(dtype, flat, shape) : flat
  return { dtype, shape, data }
}

/**
 * Reads only the header of an `.npy` file; `bytes` may end anywhere after it. For reading rows of a large file.
 * @throws InputError as {@link readNpy} does.
 */
export function readNpyLayout(bytes: Uint8Array, what = 'npy file'): NpyLayout {
  if (MAGIC.some((b, i) => bytes[i] !== b)) {
    throw new InputError(
      `${what}: not an npy file (it must begin with "\\x93NUMPY"); save it with numpy.save`,
    )
  }
  const major = bytes[6]
  if (major !== 1 && major !== 2 && major !== 3) {
    throw new InputError(`${what}: unknown npy version ${major}.${bytes[7]} (known: 1.0, 2.0, 3.0)`)
  }
  const start = major === 1 ? 10 : 12
  if (bytes.length < start) throw new InputError(`${what}: cut short inside the header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const offset = start + length
  if (offset > bytes.length) {
    throw new InputError(
      `${what}: the header takes ${length} bytes, found ${bytes.length - start}; it is cut short`,
    )
  }
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, offset))
  const header = parseNpyHeader(text, what)
  return { ...elementType(header, what), shape: header.shape, fortranOrder: header.fortranOrder, offset }
}

/** `t` as an `.npy` file, version 1.0, little-endian, C order: the bytes `numpy.save` writes. */
export function writeNpy(t: Tensor): Uint8Array {
  const size = byteSize(t.dtype)
  const order = size === 1 ? '|' : '<'
  const shape = t.shape.length === 1 ? `(${t.shape[0]},)` : `(${t.shape.join(', ')})`
  const header = `{'descr': '${order}${typeCodes[t.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`
  const offset = Math.ceil((10 + header.length + 1) / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(offset + t.data.length * size)
  bytes.set(MAGIC)
  bytes[6] = 1
  new DataView(bytes.buffer).setUint16(8, offset - 10, true)
  bytes.set(new TextEncoder().encode(`${header.padEnd(offset - 11)}\n`), 10)
  const body = new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength)
  bytes.set(size > 1 && !hostIsLittle ? swapped(body, size) : body, offset)
  return bytes
}

function elementType(header: NpyHeader, what: string): { dtype: DType; littleEndian: boolean } {
  const [order, code] = [header.descr.slice(0, 1), header.descr.slice(1)]
  if (code.startsWith('O')) {
    throw new InputError(
      `${what}: holds Python objects, which can run code when read; save a plain numeric array instead`,
    )
  }
  const dtype = dtypeOf.get(code)
  if (dtype === undefined || !'<>|='.includes(order)) {
    throw new InputError(
      `${what}: unknown element type ${JSON.stringify(header.descr)} (known: ${[...dtypeOf.keys()].join(', ')})`,
    )
  }
  return { dtype, littleEndian: order === '<' || (order !== '>' && hostIsLittle) }
}

function swapped(body: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(body.length)
  for (let i = 0; i < body.length; i += size) {
    for (let j = 0; j < size; j++) out[i + j] = body[i + size - 1 - j]!
  }
  return out
}

function view<D extends DType>(dtype: D, body: Uint8Array, count: number): ArrayOf[D] {
  const ArrayType = allocate(dtype, 0).constructor as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => ArrayOf[D]
  return new ArrayType(body.buffer, body.byteOffset, count)
}

/** Fortran-order `data` of `shape` in C order. */
function transposed(dtype: DType, data: TypedArray, shape: readonly number[]): TypedArray {
  const out = allocate(dtype, data.length)
  const index = new Array<number>(shape.length).fill(0)
  const steps: number[] = []
  let step = 1
  for (const d of shape) {
    steps.push(step)
    step *= d
  }
  let from = 0
  for (let to = 0; to < data.length; to++) {
    out[to] = data[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= steps[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return out
}
