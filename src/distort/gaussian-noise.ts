// Independent Gaussian noise on every value of every pixel.

import { requireInput } from '../errors/input-error.ts'
import { float32 } from '../tensor/tensor.ts'
import { type Distortion, imageShape } from './distortion.ts'

/**
 * Adds noise and clips to [0, 1].
 * @param sigma standard deviation, in units of [0, 1]; .08 is ImageNet-C's severity 1
 * @throws InputError when sigma is negative or not a number
 */
export function gaussianNoise(sigma: number): Distortion {
  requireInput(sigma >= 0 && Number.isFinite(sigma), `sigma must be a number of at least 0, found ${sigma}`)
  return {
    name: 'gaussian-noise',
    settings: { sigma },
    apply(images, random) {
      imageShape(images)
      const out = images.data.map(value => Math.max(0, Math.min(1, value + sigma * random.normal())))
      return float32(images.shape, out)
    },
  }
}
