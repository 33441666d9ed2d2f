// Less colour or more: the saturation of HSV is scaled and shifted, hue and value stay.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'

/** Factor and summand. */
const changes: readonly (readonly [number, number])[] = [
  [0.3, 0],
  [0.1, 0],
  [2, 0],
  [5, 0.1],
  [20, 0.2],
]

/** ImageNet-C's `saturate`. Grey has hue 0: where saturation is added, it turns red, as there. */
export function saturate(image: Pixels, severity: Severity): Pixels {
  const [factor, summand] = changes[severity - 1]!
  const { data } = image
  const out = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!]
    const most = Math.max(r, g, b)
    const spread = most - Math.min(r, g, b)
    const value = unitOf[most]!
    const saturation = Math.max(0, Math.min(1, (most === 0 ? 0 : spread / most) * factor + summand))
    // A channel lies below the largest by value x saturation x (its share of the spread).
    const drop = value * saturation * (spread === 0 ? 1 : 1 / spread)
    if (spread === 0) {
      out[i] = most
      out[i + 1] = toByte(value - drop)
      out[i + 2] = out[i + 1]!
    } else {
      out[i] = toByte(value - drop * (most - r))
      out[i + 1] = toByte(value - drop * (most - g))
      out[i + 2] = toByte(value - drop * (most - b))
    }
  }
  return rgbLike(image, out)
}
