// What an ImageNet-C corruption is: a pure function on one 8-bit image at a severity from 1 to 5, as in the
// `imagecorruptions` package, which all sizes follow. (Hendrycks' own sets for CIFAR and Tiny ImageNet use other
// constants; they are read as published, not made here.)

import type { Pixels } from '../image/pixels.ts'

export type Severity = 1 | 2 | 3 | 4 | 5

export const severities: readonly Severity[] = [1, 2, 3, 4, 5]

/** Where random numbers come from: a `Random`, or a test's recorded draws. */
export interface Draws {
  /** Uniform in [low, high), default [0, 1). */
  uniform(low?: number, high?: number): number
  /** Standard normal. */
  normal(): number
  /** Uniform integer in [0, n). */
  integer(n: number): number
}

/** `image` (RGB) corrupted; a new image of the same size. */
export type CorruptImage = (image: Pixels, severity: Severity, draws: Draws) => Pixels

/** An image of the size of `like` and these bytes, `[h, w, 3]`. */
export function rgbLike(like: Pixels, data: Uint8Array): Pixels {
  return { width: like.width, height: like.height, channels: 3, data }
}

/** A value in [0, 1] as a byte; clipped, and the fraction cut off, as NumPy's cast does. */
export function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 1 ? 255 : Math.floor(value * 255)
}

/** Image bytes as numbers in [0, 1]. */
export function unitValues(data: Uint8Array): Float64Array {
  const out = new Float64Array(data.length)
  for (let i = 0; i < data.length; i++) out[i] = unitOf[data[i]!]!
  return out
}

/** v / 255 for every byte v. */
export const unitOf: Float64Array = Float64Array.from({ length: 256 }, (_, v) => v / 255)
