// Values move towards the mean of their channel.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'

const factors = [0.4, 0.3, 0.2, 0.1, 0.05]

/** ImageNet-C's `contrast`. */
export function contrast(image: Pixels, severity: Severity): Pixels {
  const factor = factors[severity - 1]!
  const { data } = image
  const out = new Uint8Array(data.length)
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0
    for (let i = channel; i < data.length; i += 3) sum += data[i]!
    const mean = sum / 255 / (data.length / 3)
    const table = Uint8Array.from(unitOf, value => toByte((value - mean) * factor + mean))
    for (let i = channel; i < data.length; i += 3) out[i] = table[data[i]!]!
  }
  return rgbLike(image, out)
}
