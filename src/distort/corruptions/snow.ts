// Falling snow: bright flakes, blurred along their fall, over a paler picture.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity, toByte } from '../corruption.ts'
import type { Plane } from '../gaussian-filter.ts'
import { motionBlurred } from '../motion.ts'
import { roundHalfEven, zoomLine } from '../zoom.ts'

interface SnowSettings {
  /** Mean and standard deviation of the noise that flakes are cut from. */
  readonly mean: number
  readonly sigma: number
  /** Enlargement of the noise, and the level above which it is a flake. */
  readonly zoom: number
  readonly threshold: number
  /** Radius and standard deviation of the fall. */
  readonly radius: number
  readonly spread: number
  /** Share of the picture that stays as it is. */
  readonly kept: number
}

const settings: readonly SnowSettings[] = [
  { mean: 0.1, sigma: 0.3, zoom: 3, threshold: 0.5, radius: 10, spread: 4, kept: 0.8 },
  { mean: 0.2, sigma: 0.3, zoom: 2, threshold: 0.5, radius: 12, spread: 4, kept: 0.7 },
  { mean: 0.55, sigma: 0.3, zoom: 4, threshold: 0.9, radius: 12, spread: 8, kept: 0.7 },
  { mean: 0.55, sigma: 0.3, zoom: 4.5, threshold: 0.85, radius: 12, spread: 8, kept: 0.65 },
  { mean: 0.55, sigma: 0.3, zoom: 2.5, threshold: 0.85, radius: 12, spread: 12, kept: 0.55 },
]

/** ImageNet-C's `snow`. The noise is drawn first, then the angle of the fall. */
export function snow(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const { mean, sigma, zoom, threshold, radius, spread, kept } = settings[severity - 1]!
  const { width, height, data } = image
  const noise = new Float64Array(width * height)
  for (let i = 0; i < noise.length; i++) noise[i] = mean + sigma * draws.normal()
  const flakes = enlarged(noise, width, height, zoom)
  for (let i = 0; i < flakes.data.length; i++) {
    const value = flakes.data[i]!
    flakes.data[i] = value < threshold ? 0 : Math.min(1, value)
  }
  const fallen = motionBlurred(flakes, radius, spread, draws.uniform(-135, -45))
  const layer = (y: number, x: number) => roundHalfEven(fallen[y * flakes.width + x]! * 255) / 255
  const out = new Uint8Array(data.length)
  const pale = Math.fround(1 - kept)
  const keptShare = Math.fround(kept)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      // The layer falls twice, once turned by half a turn.
      const snowfall = layer(y, x)
      const turned = layer(height - 1 - y, width - 1 - x)
      const [r, g, b] = [unit[data[i]!]!, unit[data[i + 1]!]!, unit[data[i + 2]!]!]
      const whitened = Math.fround(Math.fround(0.299 * r + 0.587 * g + 0.114 * b) * 1.5 + 0.5)
      out[i] = toByte(keptShare * r + pale * Math.max(r, whitened) + snowfall + turned)
      out[i + 1] = toByte(keptShare * g + pale * Math.max(g, whitened) + snowfall + turned)
      out[i + 2] = toByte(keptShare * b + pale * Math.max(b, whitened) + snowfall + turned)
    }
  }
  return rgbLike(image, out)
}

const unit = Float32Array.from({ length: 256 }, (_, v) => v / 255)

/** The middle of `noise` at `factor` times its size. */
function enlarged(noise: Float64Array, width: number, height: number, factor: number): Plane {
  const [rows, columns] = [zoomLine(height, factor), zoomLine(width, factor)]
  const data = new Float64Array(rows.length * columns.length)
  for (let y = 0; y < rows.length; y++) {
    const row = rows.index[y]!
    if (row < 0) continue
    const low = rows.fraction[y]!
    const [top, bottom] = [row * width, Math.min(height - 1, row + 1) * width]
    for (let x = 0; x < columns.length; x++) {
      const column = columns.index[x]!
      if (column < 0) continue
      const right = columns.fraction[x]!
      const next = Math.min(width - 1, column + 1)
      data[y * columns.length + x] =
        noise[top + column]! * (1 - low) * (1 - right) +
        noise[top + next]! * (1 - low) * right +
        noise[bottom + column]! * low * (1 - right) +
        noise[bottom + next]! * low * right
    }
  }
  return { data, width: columns.length, height: rows.length, channels: 1 }
}
