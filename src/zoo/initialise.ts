// How fresh weights are drawn. Each scheme is PyTorch's of the same name; shapes are PyTorch's too
// ([out, in, kh, kw] of a convolution, [out, in] of a linear layer).

import type { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'

/** Draws the values of a weight of `shape`. */
export type Initialise = (shape: readonly number[], random: Random) => Float32Array

/** Inputs that one output sees. */
function fanIn(shape: readonly number[]): number {
  return elementCount(shape.slice(1))
}

/** Outputs that one input reaches. */
function fanOut([out = 1, , ...kernel]: readonly number[]): number {
  return out * elementCount(kernel)
}

/** Normal with mean 0 and standard deviation `std`. */
export function normal(std: number): Initialise {
  return (shape, random) => {
    const values = new Float32Array(elementCount(shape))
    for (let i = 0; i < values.length; i++) values[i] = std * random.normal()
    return values
  }
}

/** Uniform in ±`bound`. */
export function uniform(bound: number): Initialise {
  return (shape, random) => {
    const values = new Float32Array(elementCount(shape))
    for (let i = 0; i < values.length; i++) values[i] = random.uniform(-bound, bound)
    return values
  }
}

/** Every value the same. */
export function fill(value: number): Initialise {
  return shape => new Float32Array(elementCount(shape)).fill(value)
}

/** Kaiming normal for ReLU by inputs (He et al. 2015, eq. 10), times `gain`. */
export function kaimingIn(gain = 1): Initialise {
  return (shape, random) => normal(gain * Math.sqrt(2 / fanIn(shape)))(shape, random)
}

/** Kaiming normal for ReLU by outputs (He et al. 2015, eq. 14); torchvision's for ResNet. */
export const kaimingOut: Initialise = (shape, random) => normal(Math.sqrt(2 / fanOut(shape)))(shape, random)

/** PyTorch's default for convolutions and linear layers: uniform in ±1/sqrt(fan in). */
export const torchDefault: Initialise = (shape, random) => uniform(1 / Math.sqrt(fanIn(shape)))(shape, random)
