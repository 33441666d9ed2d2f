// The picture lies on rubber: every pixel comes from a smoothly displaced place.

import type { Pixels } from '../../image/pixels.ts'
import { mirrored } from '../borders.ts'
import { type Draws, rgbLike, type Severity } from '../corruption.ts'
import { gaussianFilter } from '../gaussian-filter.ts'

const strengths = [0.05, 0.065, 0.085, 0.1, 0.12]

/** ImageNet-C's `elastic_transform`. All displacements along x are drawn first, then those along y. */
export function elasticTransform(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const { width, height, data } = image
  const strength = 250 * strengths[severity - 1]!
  const dx = displacements(width, height, strength, draws)
  const dy = displacements(width, height, strength, draws)
  const out = new Uint8Array(data.length)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [atY, atX] = [y + dy[i]!, x + dx[i]!]
      const [row, column] = [Math.floor(atY), Math.floor(atX)]
      const [low, right] = [atY - row, atX - column]
      const top = mirrored(row, height) * width
      const bottom = mirrored(row + 1, height) * width
      const [first, second] = [mirrored(column, width), mirrored(column + 1, width)]
      const [a, b, c, d] = [(1 - low) * (1 - right), (1 - low) * right, low * (1 - right), low * right]
      for (let channel = 0; channel < 3; channel++) {
        const value =
          data[3 * (top + first) + channel]! * a +
          data[3 * (top + second) + channel]! * b +
          data[3 * (bottom + first) + channel]! * c +
          data[3 * (bottom + second) + channel]! * d
        // Single precision, as there: a value that is whole up to rounding is not to lose a level.
        out[3 * i + channel] = Math.fround(Math.fround(value / 255) * 255)
      }
    }
  }
  return rgbLike(image, out)
}

function displacements(width: number, height: number, strength: number, draws: Draws): Float32Array {
  const most = height * 0.005
  const data = new Float64Array(width * height)
  for (let i = 0; i < data.length; i++) data[i] = draws.uniform(-most, most)
  const sigma = [height * 0.01, width * 0.01] as const
  const smooth = gaussianFilter({ data, width, height, channels: 1 }, sigma, {
    truncate: 3,
    border: 'reflect',
  })
  return new Float32Array(smooth.data.map(value => value * strength))
}
