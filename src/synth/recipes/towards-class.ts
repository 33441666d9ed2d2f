// Recipes that move pictures towards a class by its cross-entropy alone (Santurkar et al. 2019, sections 3.1, 3.3 and
// appendix): they differ in what they start from and in how far they go.

import type { FloatTensor } from '../../tensor/tensor.ts'
import { crossEntropy } from '../objectives/class-score.ts'
import { type DescentSettings, descend, type Made, type RecipeContext } from './recipe.ts'

/** Settings at 224x224. */
export const published = {
  /** From a sample of the class's Gaussian. */
  generate: { epsilon: 40, stepSize: 1, steps: 60 },
  /** From an image of another class. */
  translate: { epsilon: 80, stepSize: 0.5, steps: 200 },
  /** From a drawing. */
  sketch: { epsilon: 40, stepSize: 1, steps: 60 },
  /** From an image, no further than it must be to look like the class: a large-epsilon adversarial example. */
  'what-if': { epsilon: 30, stepSize: 1, steps: 60 },
} as const satisfies Record<string, Omit<DescentSettings, 'norm'>>

/**
 * @param starts `[n, 3, h, w]`
 * @param labels the class that each should become
 * @throws InputError for a class that does not exist or starts of another size.
 */
export function towardsClass(
  context: RecipeContext,
  recipe: keyof typeof published,
  starts: FloatTensor,
  labels: Int32Array,
): Promise<Made> {
  return descend(context, starts, crossEntropy(context.model, labels), published[recipe])
}
