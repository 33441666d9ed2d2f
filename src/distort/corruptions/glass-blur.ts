// Seen through frosted glass: neighbouring pixels are exchanged at random, between two light blurs.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity } from '../corruption.ts'
import { blurredBytes } from './gaussian-blur.ts'

/** Standard deviation of the blurs, largest displacement, rounds. */
const settings: readonly (readonly [number, number, number])[] = [
  [0.7, 1, 2],
  [0.9, 2, 1],
  [1, 2, 3],
  [1.1, 3, 2],
  [1.5, 4, 2],
]

/**
 * ImageNet-C's `glass_blur`. What was meant as an exchange of two pixels is a copy there (the first is overwritten
 * before it is read), in the published images too; so it is here.
 */
export function glassBlur(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const [sigma, reach, rounds] = settings[severity - 1]!
  const { width, height } = image
  const data = blurredBytes(image.data, image, sigma)
  for (let round = 0; round < rounds; round++) {
    for (let y = height - reach; y > reach; y--) {
      for (let x = width - reach; x > reach; x--) {
        const fromX = x + draws.integer(2 * reach) - reach
        const fromY = y + draws.integer(2 * reach) - reach
        const from = 3 * (fromY * width + fromX)
        const to = 3 * (y * width + x)
        data[to] = data[from]!
        data[to + 1] = data[from + 1]!
        data[to + 2] = data[from + 2]!
      }
    }
  }
  return rgbLike(image, blurredBytes(data, image, sigma))
}
