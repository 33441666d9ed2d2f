// The plain prior that a network is measured against: of all pictures that agree with what is known, the smoothest one
// (Rudin, Osher & Fatemi 1992). No network takes part.

import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { plus, times } from '../objective.ts'
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
  { model, signal }: RecipeContext,
  starts: FloatTensor,
  holes: FloatTensor,
): Promise<FloatTensor> {
  const kept = float32(
    holes.shape,
    holes.data.map(v => 1 - v),
  )
  const goal = plus(totalVariation(model.preprocessing.size), times(KNOWN, pixelDistance(starts, kept)))
  const { pictures } = await synthesize(model, {
    goal,
    start: starts,
    optimiser,
    steps: STEPS,
    ...(signal && { signal }),
  })
  return composed(pictures, starts, holes)
}

/** Makes `small` `[n, 3, h, w]` large: a smooth picture whose means over blocks are its pixels. */
export async function smoothSuperResolution(
  { model, signal }: RecipeContext,
  small: FloatTensor,
  starts: FloatTensor,
): Promise<FloatTensor> {
  const { size } = model.preprocessing
  const goal = plus(times(0.1, totalVariation(size)), times(KNOWN, smallDistance(small, size)))
  const { pictures } = await synthesize(model, {
    goal,
    start: starts,
    optimiser,
    steps: STEPS,
    ...(signal && { signal }),
  })
  return pictures
}
