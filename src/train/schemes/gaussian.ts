// Gaussian augmentation: a share of the images is trained on with noise (Rusak et al. 2020, A simple way to make
// neural networks robust against diverse image corruptions, section 2.1).

import { IMAGES } from '../../classifier/classifier.ts'
import { elementCount } from '../../tensor/shape.ts'
import { float32 } from '../../tensor/tensor.ts'
import type { Recipe } from '../recipe.ts'
import type { Scheme } from './scheme.ts'
import { standard } from './standard.ts'

export function gaussian({ sigma, share }: NonNullable<Recipe['noise']>, recipe: Recipe): Scheme {
  return {
    ...standard(recipe),
    async feeds({ images, random }) {
      const size = elementCount(images.shape.slice(1))
      const noisy = images.data.slice()
      for (let from = 0; from < noisy.length; from += size) {
        if (random.uniform() >= share) continue
        for (let i = from; i < from + size; i++)
          noisy[i] = Math.min(1, Math.max(0, noisy[i]! + sigma * random.normal()))
      }
      return { [IMAGES]: float32(images.shape, noisy) }
    },
  }
}
