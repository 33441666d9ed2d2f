// Nothing but lines: the edges of the picture, white on black.

import { requireInput } from '../errors/input-error.ts'
import { type CannyOptions, cannyEdges } from './canny.ts'
import { type Distortion, imageShape } from './distortion.ts'
import { asColour, luminanceOf } from './greyscale.ts'

/**
 * Canny's edges of the picture's luminance.
 * @param options default: what the authors of the paper drew with, sigma .4, low .35, high .9
 * @throws InputError unless sigma is not negative and 0 <= low <= high
 */
export function contour({ sigma = 0.4, low = 0.35, high = 0.9 }: Partial<CannyOptions> = {}): Distortion {
  requireInput(
    sigma >= 0 && low >= 0 && high >= low,
    `contours need sigma >= 0 and 0 <= low <= high, found sigma ${sigma}, low ${low}, high ${high}`,
  )
  return {
    name: 'contour',
    settings: { sigma, low, high },
    apply(images) {
      const [n, height, width] = imageShape(images)
      const grey = luminanceOf(images)
      const area = height * width
      const lines = new Float32Array(grey.length)
      for (let i = 0; i < n; i++) {
        const plane = grey.subarray(i * area, (i + 1) * area)
        lines.set(cannyEdges(plane, height, width, { sigma, low, high }), i * area)
      }
      return asColour(lines, images.shape)
    },
  }
}
