// The picture as it would be if it had been taken with fewer pixels: fine texture goes, outlines stay longest.

import { requireInput } from '../errors/input-error.ts'
import { resize } from '../image/resize.ts'
import { toPixels, writePlanes } from '../image/to-tensor.ts'
import { float32 } from '../tensor/tensor.ts'
import { type Distortion, imageShape } from './distortion.ts'

/**
 * Scales images down and up to their own size again (Pillow's bilinear, which averages on the way down).
 * @param factor how many times fewer pixels per side, at least 1
 * @throws InputError for another factor; applied to images of which nothing would be left, too
 */
export function lowResolution(factor: number): Distortion {
  requireInput(
    factor >= 1 && Number.isFinite(factor),
    `a resolution is lowered by a factor of at least 1, found ${factor}`,
  )
  return {
    name: 'low-resolution',
    settings: { factor },
    apply(images) {
      const [n, height, width] = imageShape(images)
      const [low, narrow] = [Math.round(height / factor), Math.round(width / factor)]
      requireInput(
        Math.min(low, narrow) >= 1,
        `nothing is left of images of ${width}x${height} pixels at a resolution ${factor} times lower`,
      )
      const out = new Float32Array(images.data.length)
      for (let image = 0; image < n; image++) {
        const small = resize(toPixels(images, image), narrow, low, 'bilinear')
        writePlanes(resize(small, width, height, 'bilinear'), out, image * 3 * height * width)
      }
      return float32(images.shape, out)
    },
  }
}
