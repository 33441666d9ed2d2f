// Grey, turned by quarters.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { greyDistortion } from './grey.ts'

/**
 * Counterclockwise.
 * @throws InputError for other angles; applied to images that are not square, for 90 and 270 degrees
 */
export function rotated(degrees: 90 | 180 | 270): Distortion {
  requireInput([90, 180, 270].includes(degrees), `a rotation is by 90, 180 or 270 degrees, found ${degrees}`)
  return greyDistortion('rotated', { degrees }, (plane, height, width) => {
    if (degrees === 180) return plane.reverse()
    requireInput(
      height === width,
      `only square images can be rotated by ${degrees} degrees, found ${width}x${height}`,
    )
    const last = width - 1
    return plane.map((_, i) => {
      const [y, x] = [Math.floor(i / width), i % width]
      return degrees === 90 ? plane[x * width + last - y]! : plane[(last - x) * width + y]!
    })
  })
}
