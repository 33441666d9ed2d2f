// More light: the value of HSV goes up, hue and saturation stay.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'

const increases = [0.1, 0.2, 0.3, 0.4, 0.5]

/** ImageNet-C's `brightness`. With hue and saturation fixed, the channels keep their ratio to the largest. */
export function brightness(image: Pixels, severity: Severity): Pixels {
  const increase = increases[severity - 1]!
  const { data } = image
  const out = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!]
    const value = Math.max(r, g, b)
    const brighter = Math.min(1, unitOf[value]! + increase)
    const scale = value === 0 ? 0 : 1 / value
    out[i] = toByte(value === 0 || r === value ? brighter : brighter * (r * scale))
    out[i + 1] = toByte(value === 0 || g === value ? brighter : brighter * (g * scale))
    out[i + 2] = toByte(value === 0 || b === value ? brighter : brighter * (b * scale))
  }
  return rgbLike(image, out)
}
