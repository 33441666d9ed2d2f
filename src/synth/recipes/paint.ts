// Feature painting (Santurkar et al. 2019, section 3.5): more of what one unit stands for, under a mask only.

import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { plus, times } from '../objective.ts'
import { unit } from '../objectives/direction.ts'
import { pixelDistance } from '../objectives/picture.ts'
import { composed } from './inpaint.ts'
import { descend, type Made, type RecipeContext } from './recipe.ts'

/** Settings at 224x224, and the weight of the mean square outside the mask. */
const published = { epsilon: 70, stepSize: 1, steps: 140 }
const KEEP = 10

/**
 * @param images `[n, 3, h, w]`
 * @param masks `[n, 1, h, w]`, 1 where the brush may go; what is outside stays as it was.
 * @param channels the unit of `layer` to paint with, per image
 */
export async function paint(
  context: RecipeContext,
  images: FloatTensor,
  masks: FloatTensor,
  layer: string,
  channels: readonly number[],
): Promise<Made> {
  const kept = float32(
    masks.shape,
    masks.data.map(v => 1 - v),
  )
  const goal = plus(times(-1, unit(context.model, layer, channels)), times(KEEP, pixelDistance(images, kept)))
  const made = await descend(context, images, goal, published)
  return { ...made, pictures: composed(made.pictures, images, masks) }
}
