// Grey of low contrast with uniform noise.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { greyDistortion, withContrast } from './grey.ts'

/**
 * @param width noise is drawn from [-width, width)
 * @param contrast share of the contrast that is left first, default .3 as in the experiments
 * @throws InputError for a negative width or a contrast outside [0, 1]
 */
export function uniformNoise(width: number, contrast = 0.3): Distortion {
  requireInput(width >= 0 && Number.isFinite(width), `a noise width is at least 0, found ${width}`)
  requireInput(contrast >= 0 && contrast <= 1, `a contrast level lies between 0 and 1, found ${contrast}`)
  return greyDistortion('uniform-noise', { width, contrast }, (plane, _height, _width, random) =>
    withContrast(plane, contrast).map(value => value + random.uniform(-width, width)),
  )
}
