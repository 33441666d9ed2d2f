// Standard training: the images as they are.

import { IMAGES } from '../../classifier/classifier.ts'
import { crossEntropyLoss } from '../loss.ts'
import type { Recipe } from '../recipe.ts'
import type { Scheme } from './scheme.ts'

export function standard({ labelSmoothing }: Pick<Recipe, 'labelSmoothing'>): Scheme {
  return {
    extra: new Map(),
    loss: form => crossEntropyLoss(form, labelSmoothing),
    feeds: async ({ images }) => ({ [IMAGES]: images }),
  }
}
