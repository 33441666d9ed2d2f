// Fog: a fractal cloud is added and the whole dimmed.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'
import { plasmaFractal } from '../plasma.ts'

/** Thickness, and how fast the cloud's detail decays. */
const settings: readonly (readonly [number, number])[] = [
  [1.5, 2],
  [2, 2],
  [2.5, 1.7],
  [2.5, 1.5],
  [3, 1.4],
]

/** ImageNet-C's `fog`. */
export function fog(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const [thickness, decay] = settings[severity - 1]!
  const { width, height, data } = image
  const side = 2 ** Math.ceil(Math.log2(Math.max(width, height)))
  const cloud = plasmaFractal(side, decay, draws)
  let brightest = 0
  for (let i = 0; i < data.length; i++) brightest = Math.max(brightest, data[i]!)
  const most = unitOf[brightest]!
  const out = new Uint8Array(data.length)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const added = thickness * cloud[y * side + x]!
      for (let channel = 0; channel < 3; channel++, i++) {
        out[i] = toByte(((unitOf[data[i]!]! + added) * most) / (most + thickness))
      }
    }
  }
  return rgbLike(image, out)
}
