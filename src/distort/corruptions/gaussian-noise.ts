// Light is scarce: independent Gaussian noise on every value.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'

const sigmas = [0.08, 0.12, 0.18, 0.26, 0.38]

/** ImageNet-C's `gaussian_noise`. */
export function gaussianNoise(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const sigma = sigmas[severity - 1]!
  const out = new Uint8Array(image.data.length)
  for (let i = 0; i < out.length; i++) out[i] = toByte(unitOf[image.data[i]!]! + sigma * draws.normal())
  return rgbLike(image, out)
}
