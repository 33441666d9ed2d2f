// Few large pixels: shrunk by averaging, enlarged by repeating.

import type { Pixels } from '../../image/pixels.ts'
import { resize } from '../../image/resize.ts'
import type { Severity } from '../corruption.ts'

/** Share of the side that is left in between. */
const factors = [0.6, 0.5, 0.4, 0.3, 0.25]

/** ImageNet-C's `pixelate`. */
export function pixelate(image: Pixels, severity: Severity): Pixels {
  const factor = factors[severity - 1]!
  const { width, height } = image
  const small = resize(image, Math.floor(width * factor), Math.floor(height * factor), 'box')
  return resize(small, width, height, 'nearest')
}
