// Kept as a small JPEG.

import type { Pixels } from '../../image/pixels.ts'
import type { Severity } from '../corruption.ts'
import { jpegRoundTrip } from '../jpeg.ts'

const qualities = [25, 18, 15, 10, 7]

/** ImageNet-C's `jpeg_compression`. */
export function jpegCompression(image: Pixels, severity: Severity): Pixels {
  return jpegRoundTrip(image, qualities[severity - 1]!)
}
