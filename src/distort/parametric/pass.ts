// Only the coarse part of the picture, or only the fine part.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { gaussianFilter } from '../gaussian-filter.ts'
import { BACKGROUND, greyDistortion } from './grey.ts'

/**
 * Grey, blurred.
 * @param sigma standard deviation of the Gaussian in pixels, above 0
 * @throws InputError for another sigma
 */
export function lowPass(sigma: number): Distortion {
  checkSigma(sigma)
  return greyDistortion('low-pass', { sigma }, (plane, height, width) => coarse(plane, height, width, sigma))
}

/**
 * Grey less its blurred self, brought to the mean of all pictures.
 * @param sigma standard deviation of the Gaussian in pixels, above 0
 * @throws InputError for another sigma
 */
export function highPass(sigma: number): Distortion {
  checkSigma(sigma)
  return greyDistortion('high-pass', { sigma }, (plane, height, width) => {
    const blurred = coarse(plane, height, width, sigma)
    const fine = plane.map((value, i) => value - blurred[i]!)
    const mean = fine.reduce((sum, value) => sum + value, 0) / fine.length
    return fine.map(value => value + (BACKGROUND - mean))
  })
}

function coarse(data: Float64Array, height: number, width: number, sigma: number): Float64Array {
  return gaussianFilter({ data, height, width, channels: 1 }, sigma, { border: BACKGROUND }).data
}

function checkSigma(sigma: number): void {
  requireInput(sigma > 0 && Number.isFinite(sigma), `sigma must be a number above 0, found ${sigma}`)
}
