// Super-resolution (Santurkar et al. 2019, section 3.4): from a small image, made large by interpolation, a short way
// towards its class.

import { resizeImages } from '../../image/resize-images.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import { crossEntropy } from '../objectives/class-score.ts'
import { descend, type Made, type RecipeContext } from './recipe.ts'

/** Settings at 224x224 and a factor of 8. */
const published = { epsilon: 8, stepSize: 1, steps: 40 }

/**
 * @param small `[n, 3, h, w]`, smaller than the model's images
 * @param labels class of each image
 */
export function superResolve(context: RecipeContext, small: FloatTensor, labels: Int32Array): Promise<Made> {
  const [height, width] = context.model.preprocessing.size
  const starts = resizeImages(small, height, width, 'bilinear')
  return descend(context, starts, crossEntropy(context.model, labels), published)
}
