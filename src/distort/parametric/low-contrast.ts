// Grey with less contrast.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { greyDistortion, withContrast } from './grey.ts'

/**
 * @param level share of the contrast that is left, from 0 to 1
 * @throws InputError for another level
 */
export function lowContrast(level: number): Distortion {
  requireInput(level >= 0 && level <= 1, `a contrast level lies between 0 and 1, found ${level}`)
  return greyDistortion('low-contrast', { level }, plane => withContrast(plane, level))
}
