// PyTorch's tensors in a pickle: a view (offset, sizes, strides) of a storage that lies elsewhere in the file.

import { InputError } from '../errors/input-error.ts'
import { allocate, byteSize, type DType } from '../tensor/dtype.ts'
import { elementCount, formatShape, strides } from '../tensor/shape.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { fromBytes } from './bytes.ts'
import { type Constructor, Global, Opaque } from './pickle/values.ts'
import type { StoredTensor } from './stored.ts'

/** Flat memory, possibly shared by several tensors. */
export interface Storage {
  readonly dtype: DType
  /** Number of elements. */
  readonly length: number
  /** Bytes `from..from + length`. */
  read(from: number, length: number): Uint8Array
}

const storageTypes: Readonly<Record<string, DType>> = {
  'torch.FloatStorage': 'float32',
  'torch.DoubleStorage': 'float64',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16',
  'torch.LongStorage': 'int64',
  'torch.IntStorage': 'int32',
  'torch.ShortStorage': 'int16',
  'torch.CharStorage': 'int8',
  'torch.ByteStorage': 'uint8',
  'torch.BoolStorage': 'bool',
}

/** What a persistent id says: ('storage', type, key, device, number of elements, view). */
export interface StorageReference {
  readonly dtype: DType
  readonly key: string
  readonly length: number
  /** Part of the storage, in elements (legacy files only). */
  readonly view: { readonly offset: number; readonly length: number } | undefined
}

/** The storage a persistent id names, or undefined for an id that names none we know. */
export function storageReference(id: unknown): StorageReference | undefined {
  if (!Array.isArray(id) || id[0] !== 'storage') return undefined
  const [, type, key, , length, part] = id as readonly unknown[]
  const path = type instanceof Global ? type.path : ''
  const dtype = Object.hasOwn(storageTypes, path) ? storageTypes[path] : undefined
  if (dtype === undefined || typeof key !== 'string' || !isIndex(length)) return undefined
  if (!Array.isArray(part)) return { dtype, key, length, view: undefined }
  const [, offset, partLength] = part as readonly unknown[]
  if (!isIndex(offset) || !isIndex(partLength) || offset + partLength > length) return undefined
  return { dtype, key, length, view: { offset, length: partLength } }
}

/** A {@link Storage} inside the unpickler. */
export class TorchStorage {
  constructor(readonly storage: Storage) {}
}

/** A tensor whose values are still in the file. */
export class TorchTensor implements StoredTensor {
  readonly dtype: DType

  constructor(
    private readonly storage: Storage,
    private readonly offset: number,
    readonly shape: readonly number[],
    private readonly steps: readonly number[],
  ) {
    this.dtype = storage.dtype
  }

  read(): Tensor {
    const { dtype, shape, steps } = this
    const size = byteSize(dtype)
    const count = elementCount(shape)
    if (count === 0) return tensor(dtype, shape, allocate(dtype, 0))
    const span = 1 + lastIndex(shape, steps)
    const bytes = this.storage.read(this.offset * size, span * size)
    const values = fromBytes(dtype, bytes)
    if (isContiguous(shape, steps)) return tensor(dtype, shape, values)
    const out = allocate(dtype, count)
    const rowMajor = strides(shape)
    for (let i = 0; i < count; i++) {
      let from = 0
      for (const [axis, stride] of rowMajor.entries())
        from += (Math.floor(i / stride) % shape[axis]!) * steps[axis]!
      out[i] = values[from]!
    }
    return tensor(dtype, shape, out)
  }
}

const rebuildTensor: Constructor = args => {
  const [held, offset, shape, steps] = args
  // Sparse, quantised and newer kinds stay records; a network that needs one finds it missing.
  if (!(held instanceof TorchStorage)) return new Opaque('tensor', args)
  const { storage } = held
  if (!isIndex(offset) || !isIndices(shape) || !isIndices(steps) || shape.length !== steps.length)
    throw new InputError('damaged checkpoint: a tensor has no proper shape')
  const count = elementCount(shape)
  if (!Number.isSafeInteger(count) || (count > 0 && offset + lastIndex(shape, steps) >= storage.length))
    throw new InputError(
      `damaged checkpoint: a tensor of shape ${formatShape(shape)} does not fit its storage of ${storage.length}`,
    )
  return new TorchTensor(storage, offset, shape, steps)
}

const first: Constructor = ([value]) => value

/** The functions torch.save refers to. */
export const torchConstructors: ReadonlyMap<string, Constructor> = new Map([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', first],
  ['torch._utils._rebuild_parameter_with_state', first],
  ['torch.nn.parameter.Parameter', first],
  ['torch.Size', first],
])

function lastIndex(shape: readonly number[], steps: readonly number[]): number {
  return shape.reduce((sum, d, axis) => sum + (d - 1) * steps[axis]!, 0)
}

/** Row-major without gaps; the stride of an axis of length 1 does not matter. */
function isContiguous(shape: readonly number[], steps: readonly number[]): boolean {
  return strides(shape).every((stride, axis) => shape[axis] === 1 || stride === steps[axis])
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isIndices(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isIndex)
}
