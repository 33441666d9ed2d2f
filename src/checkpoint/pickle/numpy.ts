// NumPy arrays inside pickles: CIFAR's python batches, numbers that training scripts keep beside weights.

import { InputError } from '../../errors/input-error.ts'
import { type ArrayOf, allocate, byteSize, type DType } from '../../tensor/dtype.ts'
import { elementCount, strides } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { fromBytes } from '../bytes.ts'
import { type Buildable, type Constructor, Opaque } from './values.ts'

const dtypesByCode: Readonly<Record<string, DType>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
}

/** `numpy.dtype`: an element type and its byte order. */
class NumpyType implements Buildable {
  private bigEndian = false

  /** Undefined for objects, text, records. */
  readonly dtype: DType | undefined

  constructor(code: string) {
    this.dtype = Object.hasOwn(dtypesByCode, code) ? dtypesByCode[code] : undefined
  }

  build(state: unknown): void {
    this.bigEndian = Array.isArray(state) && state[1] === '>'
  }

  /** Values of this type from `bytes`, which must hold exactly `count`. */
  decode(bytes: Uint8Array, count: number): Tensor {
    const { dtype } = this
    if (dtype === undefined) throw new InputError('a NumPy array in the pickle is not plain numbers')
    const size = byteSize(dtype)
    if (bytes.length !== count * size)
      throw new InputError(`a NumPy array of ${count} x ${dtype} has ${bytes.length} bytes of data`)
    const ordered = this.bigEndian && size > 1 ? swapped(bytes, size) : bytes
    return { dtype, shape: [count], data: fromBytes(dtype, ordered) }
  }
}

/** `numpy.ndarray`. */
export class NumpyArray implements Buildable {
  private value: Tensor | undefined

  /**
   * The array in row-major order.
   * @throws InputError when its elements are not plain numbers (objects, text, records).
   */
  tensor(): Tensor {
    if (!this.value) throw new InputError('a NumPy array in the pickle is not plain numbers')
    return this.value
  }

  /** State as NumPy writes it: (version, shape, dtype, Fortran order, data). */
  build(state: unknown): void {
    const [, shape, type, fortran, data] = Array.isArray(state) ? state : []
    this.set(shape, type, data, fortran === true)
  }

  set(shape: unknown, type: unknown, data: unknown, fortran: boolean): this {
    const bytes = typeof data === 'string' ? bytesOf(data) : data
    if (!isShape(shape) || !(type instanceof NumpyType && type.dtype) || !(bytes instanceof Uint8Array))
      return this
    const values = type.decode(bytes, elementCount(shape))
    const many = fortran && shape.length > 1
    this.value = { dtype: values.dtype, shape, data: many ? fromFortran(values, shape) : values.data }
    return this
  }
}

const reconstruct: Constructor = () => new NumpyArray()

const scalar: Constructor = ([type, data]) => {
  const bytes = typeof data === 'string' ? bytesOf(data) : data
  if (!(type instanceof NumpyType && type.dtype) || !(bytes instanceof Uint8Array))
    return new Opaque('numpy scalar', [])
  const value = type.decode(bytes, 1).data[0]
  return typeof value === 'bigint' ? Number(value) : value
}

const fromBuffer: Constructor = ([data, type, shape, order]) =>
  new NumpyArray().set(shape, type, data, order === 'F')

/** Classes and functions of NumPy 1 and 2. */
export const numpyConstructors: ReadonlyMap<string, Constructor> = new Map([
  ['numpy.dtype', ([code]: readonly unknown[]) => new NumpyType(String(code).replace(/^[<>|=]/, ''))],
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module): [string, Constructor][] => [
    [`${module}._reconstruct`, reconstruct],
    [`${module}.scalar`, scalar],
  ]),
  ['numpy.core.numeric._frombuffer', fromBuffer],
  ['numpy._core.numeric._frombuffer', fromBuffer],
])

function isShape(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every(d => Number.isSafeInteger(d) && d >= 0) &&
    Number.isSafeInteger(elementCount(value))
  )
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) out[i] = bytes[i - (i % size) + (size - 1 - (i % size))]!
  return out
}

/** Values of a column-major array in row-major order. */
function fromFortran({ dtype, data }: Tensor, shape: readonly number[]): ArrayOf[DType] {
  const out = allocate(dtype, data.length)
  const columnMajor = strides([...shape].reverse()).reverse()
  const rowMajor = strides(shape)
  for (let i = 0; i < data.length; i++) {
    let from = 0
    for (const [axis, stride] of rowMajor.entries())
      from += (Math.floor(i / stride) % shape[axis]!) * columnMajor[axis]!
    out[i] = data[from]!
  }
  return out
}
