// The plain prior that a network is measured against: of all pictures that agree with what is known, the smoothest one
// (Rudin, Osher & Fatemi 1992). No network takes part.

import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { type Objective, plus, times } from '../objective.ts'
import { pixelDistance, smallDistance, totalVariation } from '../objectives/picture.ts'
import { adam } from '../optimiser.ts'
import { synthesize } from '../synthesize.ts'
import { composed } from './inpaint.ts'
import type { RecipeContext } from './recipe.ts'

/** Weight of the mean square of what is known against total variation. */
const KNOWN = 100
const STEPS = 200
const optimiser = adam({ learningRate: 0.02 })

/** Fills `holes` `[n, 1, h, w]` of `starts` smoothly. */
export async function smoothInpainting(
  context: RecipeContext,
  starts: FloatTensor,
  holes: FloatTensor,
): Promise<FloatTensor> {
  const kept = float32(
    holes.shape,
    holes.data.map(v => 1 - v),
  )
  return composed(await smooth(context, starts, pixelDistance(starts, kept), 1), starts, holes)
}

/** Makes `small` `[n, 3, h, w]` large: a smooth picture whose means over blocks are its pixels. */
export function smoothSuperResolution(
  context: RecipeContext,
  small: FloatTensor,
  starts: FloatTensor,
): Promise<FloatTensor> {
  return smooth(context, starts, smallDistance(small, context.model.preprocessing.size), 0.1)
}

async function smooth(
  { model, signal }: RecipeContext,
  start: FloatTensor,
  known: Objective,
  smoothness: number,
): Promise<FloatTensor> {
  const goal = plus(times(smoothness, totalVariation(model.preprocessing.size)), times(KNOWN, known))
  const made = await synthesize(model, { goal, start, optimiser, steps: STEPS, ...(signal && { signal }) })
  return made.pictures
}
