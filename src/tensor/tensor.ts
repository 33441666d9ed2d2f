// The value everything computes on: a shape and a flat typed array in row-major (C) order.

import { InputError } from '../errors/input-error.ts'
import { type ArrayOf, allocate, type DType } from './dtype.ts'
import { elementCount, formatShape } from './shape.ts'

/** A dense row-major array. Immutable by habit: whoever needs another value makes another tensor. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: ArrayOf[D]
}

export type FloatTensor = Tensor<'float32'>

/**
 * Wraps `data` without copying it.
 * @throws InputError when `data` does not have as many elements as `shape` says.
 */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data: ArrayOf[D]): Tensor<D> {
  if (data.length !== elementCount(shape)) {
    throw new InputError(
      `a tensor of shape ${formatShape(shape)} needs ${elementCount(shape)} elements, found ${data.length}`,
    )
  }
  return { dtype, shape, data }
}

/** A float32 tensor over `data` (wrapped when it is a Float32Array, copied otherwise). */
export function float32(shape: readonly number[], data: Float32Array | readonly number[]): FloatTensor {
  return tensor('float32', shape, data instanceof Float32Array ? data : Float32Array.from(data))
}

/** An int64 tensor; the form in which ONNX wants shapes, axes and class labels. */
export function int64(shape: readonly number[], data: readonly number[] | BigInt64Array): Tensor<'int64'> {
  return tensor('int64', shape, data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt))
}

/** A zero-filled tensor. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
  return { dtype, shape, data: allocate(dtype, elementCount(shape)) }
}

/** Whether `t` has element type `dtype`; narrows its type. */
export function hasDType<D extends DType>(t: Tensor, dtype: D): t is Tensor<D> {
  return t.dtype === dtype
}

/**
 * The same tensor, known to be float32.
 * @throws InputError naming `what` when it has another element type.
 */
export function asFloat32(t: Tensor, what = 'tensor'): FloatTensor {
  if (!hasDType(t, 'float32')) throw new InputError(`${what} must be float32, found ${t.dtype}`)
  return t
}

/** Rows `from..to` of the first axis, sharing memory with `t`. */
export function rows<D extends DType>(t: Tensor<D>, from: number, to: number): Tensor<D> {
  const [count = 0, ...rest] = t.shape
  const stride = elementCount(rest)
  const end = Math.min(to, count)
  const data = t.data.subarray(from * stride, end * stride) as ArrayOf[D]
  return { dtype: t.dtype, shape: [end - from, ...rest], data }
}
