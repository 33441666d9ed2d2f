// A tensor that is still in its file: its type is known, its values are read when asked for.

import { InputError } from '../errors/input-error.ts'
import { allocate, type DType } from '../tensor/dtype.ts'
import { type FloatTensor, float32, hasDType, type Tensor } from '../tensor/tensor.ts'

export interface StoredTensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  /**
   * Reads the values; row-major, whatever the file's layout is.
   * @throws InputError when the file is damaged or cut.
   */
  read(): Tensor
}

/** What a checkpoint file holds. */
export interface Checkpoint {
  readonly format: 'torch' | 'torch-legacy' | 'safetensors'
  /** Where in the file the weights were: `model`, `state_dict`, or '' for the top. */
  readonly part: string
  /** By canonical name (see names.ts). */
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** Texts that travel in the file (safetensors only). */
  readonly metadata: ReadonlyMap<string, string>
  /** Closes the file; tensors cannot be read afterwards. */
  close(): void
}

/**
 * `value` as float32, from any numeric type. float64 and integers are rounded, half types are exact.
 * @throws InputError for a finite value that float32 cannot hold.
 */
export function toFloat32(value: Tensor): FloatTensor {
  if (hasDType(value, 'float32')) return value
  const { dtype, shape, data } = value
  const out = allocate('float32', data.length)
  if (dtype === 'bfloat16') {
    const bits = new Uint32Array(out.buffer)
    for (let i = 0; i < out.length; i++) bits[i] = (data[i] as number) << 16
  } else if (dtype === 'float16') {
    for (let i = 0; i < out.length; i++) out[i] = halfToNumber(data[i] as number)
  } else {
    for (let i = 0; i < out.length; i++) {
      const number = Number(data[i])
      out[i] = number
      if (!Number.isFinite(out[i]) && Number.isFinite(number))
        throw new InputError(`the ${dtype} value ${number} is too large for float32`)
    }
  }
  return float32(shape, out)
}

/** The value of an IEEE 754 half given as bits. */
function halfToNumber(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
