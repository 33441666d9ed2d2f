// Out of focus in the simplest sense: a Gaussian over every channel.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike, type Severity, toByte, unitValues } from '../corruption.ts'
import { gaussianFilter } from '../gaussian-filter.ts'

const sigmas = [1, 2, 3, 4, 6]

/** ImageNet-C's `gaussian_blur`. */
export function gaussianBlur(image: Pixels, severity: Severity): Pixels {
  return rgbLike(image, blurredBytes(image.data, image, sigmas[severity - 1]!))
}

/** RGB bytes of the size of `image`, smoothed; fractions are cut off. */
export function blurredBytes(data: Uint8Array, { width, height }: Pixels, sigma: number): Uint8Array {
  const blurred = gaussianFilter({ data: unitValues(data), width, height, channels: 3 }, sigma)
  const out = new Uint8Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = toByte(blurred.data[i]!)
  return out
}
