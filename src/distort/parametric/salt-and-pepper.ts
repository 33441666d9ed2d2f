// Grey of low contrast in which some pixels are white or black.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { greyDistortion, withContrast } from './grey.ts'

/**
 * @param share of pixels that change, half of them to white
 * @param contrast share of the contrast that is left first, default .3 as in the experiments
 * @throws InputError for a share or contrast outside [0, 1]
 */
export function saltAndPepper(share: number, contrast = 0.3): Distortion {
  requireInput(share >= 0 && share <= 1, `a share of pixels lies between 0 and 1, found ${share}`)
  requireInput(contrast >= 0 && contrast <= 1, `a contrast level lies between 0 and 1, found ${contrast}`)
  return greyDistortion('salt-and-pepper', { share, contrast }, (plane, _height, _width, random) =>
    withContrast(plane, contrast).map(value => {
      const draw = random.uniform()
      return value + (draw >= 1 - share / 2 ? 1 : 0) - (draw < share / 2 ? 1 : 0)
    }),
  )
}
