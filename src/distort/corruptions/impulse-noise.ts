// Salt and pepper: some values become white or black.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity } from '../corruption.ts'

/** Share of values that change. */
const amounts = [0.03, 0.06, 0.09, 0.17, 0.27]

/** ImageNet-C's `impulse_noise`. First it is drawn for every value whether it changes, then to what. */
export function impulseNoise(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const amount = amounts[severity - 1]!
  const out = image.data.slice()
  const changes = new Uint8Array(out.length)
  for (let i = 0; i < out.length; i++) changes[i] = draws.uniform() <= amount ? 1 : 0
  for (let i = 0; i < out.length; i++) {
    const salt = draws.uniform() <= 0.5
    if (changes[i] === 1) out[i] = salt ? 255 : 0
  }
  return rgbLike(image, out)
}
