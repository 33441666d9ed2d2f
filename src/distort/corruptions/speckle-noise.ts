// Gaussian noise that grows with the value it falls on.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'

const sigmas = [0.15, 0.2, 0.35, 0.45, 0.6]

/** ImageNet-C's `speckle_noise`. */
export function speckleNoise(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const sigma = sigmas[severity - 1]!
  const out = new Uint8Array(image.data.length)
  for (let i = 0; i < out.length; i++) {
    const value = unitOf[image.data[i]!]!
    out[i] = toByte(value + value * (sigma * draws.normal()))
  }
  return rgbLike(image, out)
}
