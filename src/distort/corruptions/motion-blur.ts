// The camera moves while the picture is taken.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity } from '../corruption.ts'
import { motionBlurred } from '../motion.ts'

/** Radius and standard deviation along the line. */
const settings: readonly (readonly [number, number])[] = [
  [10, 3],
  [15, 5],
  [15, 8],
  [15, 12],
  [20, 15],
]

/** ImageNet-C's `motion_blur`; the direction is drawn from -45 to 45 degrees. */
export function motionBlur(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const [radius, sigma] = settings[severity - 1]!
  const plane = {
    data: Float64Array.from(image.data),
    width: image.width,
    height: image.height,
    channels: 3,
  }
  const blurred = motionBlurred(plane, radius, sigma, draws.uniform(-45, 45))
  const out = new Uint8Array(blurred.length)
  for (let i = 0; i < out.length; i++) out[i] = Math.min(255, blurred[i]!)
  return rgbLike(image, out)
}
