// Depthwise convolutions as a vector machine. In the blocked layout ONNX Runtime has few operators, but depthwise
// convolutions run there at the speed of memory, shift, scale, add a constant, and end in an activation.

import type { GraphBuilder } from '../../onnx/builder.ts'
import { float32 } from '../../tensor/tensor.ts'

/** A non-zero element of a kernel, the same in every channel. */
export type Tap = readonly [row: number, column: number, factor: number]

export interface DepthwiseOptions {
  /** Default `[1, 1]`. */
  readonly kernel?: readonly [number, number]
  /** Default `[1, 1]`. */
  readonly strides?: readonly [number, number]
  /** Zeros around the value: top, left, bottom, right. Default none. */
  readonly pads?: readonly [number, number, number, number]
  /** A constant that is added. */
  readonly bias?: number
  /** A value of the result's shape that is added. */
  readonly plus?: string
  /** Exact name of the result. */
  readonly output?: string
}

/** Steeper than any difference of float32 numbers that is not denormal: the activation becomes a step. */
const STEEP = 3e38

export class Depthwise {
  private readonly kernels = new Map<string, string>()

  constructor(private readonly builder: GraphBuilder) {}

  /** `sum over taps of factor * value[row + ., column + .] + bias + plus`, for `[n, channels, h, w]`. */
  conv(value: string, channels: number, taps: readonly Tap[], options: DepthwiseOptions = {}): string {
    const { kernel = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], bias, plus, output } = options
    const weights = [this.kernel(channels, kernel, taps)]
    if (bias !== undefined) weights.push(this.filled(channels, bias))
    const attributes = { kernel_shape: kernel, strides, pads, group: channels }
    const name = output === undefined ? {} : { output }
    if (plus === undefined) return this.builder.op('Conv', [value, ...weights], attributes, name)
    return this.builder.op('Add', [this.builder.op('Conv', [value, ...weights], attributes), plus], {}, name)
  }

  /** 1 where {@link conv} would be above 0, else 0; with `orZero` also where it is 0. */
  step(
    value: string,
    channels: number,
    taps: readonly Tap[],
    options: Omit<DepthwiseOptions, 'plus'> & { readonly orZero?: boolean } = {},
  ): string {
    const { output, orZero = false, ...rest } = options
    const attributes = { alpha: STEEP, beta: orZero ? 1 : 0 }
    const difference = this.conv(value, channels, taps, rest)
    return this.builder.op('HardSigmoid', [difference], attributes, output === undefined ? {} : { output })
  }

  private kernel(channels: number, [rows, columns]: readonly [number, number], taps: readonly Tap[]): string {
    const key = JSON.stringify([channels, rows, columns, taps])
    let name = this.kernels.get(key)
    if (name === undefined) {
      const size = rows * columns
      const data = new Float32Array(channels * size)
      for (let channel = 0; channel < channels; channel++)
        for (const [row, column, factor] of taps) data[channel * size + row * columns + column] = factor
      name = this.builder.constant(float32([channels, 1, rows, columns], data), 'kernel')
      this.kernels.set(key, name)
    }
    return name
  }

  private filled(channels: number, value: number): string {
    const key = JSON.stringify([channels, value])
    let name = this.kernels.get(key)
    if (name === undefined) {
      name = this.builder.constant(float32([channels], new Float32Array(channels).fill(value)), 'bias')
      this.kernels.set(key, name)
    }
    return name
  }
}
