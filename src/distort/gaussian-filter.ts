// Gaussian smoothing as SciPy's `gaussian_filter` computes it (same taps, same order of sums), since the peers'
// corruptions and edge maps are built on it and cut fractions off afterwards.

import { mirrored } from './borders.ts'
import { symmetricSums, type Terms } from './stencil.ts'

/** Rows of interleaved channels, `[height, width, channels]`. */
export interface Plane {
  readonly data: Float64Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

export interface GaussianOptions {
  /** The kernel ends after so many standard deviations, default 4. */
  readonly truncate?: number
  /**
   * What lies outside: the border's value (`nearest`, the default), the picture mirrored with its border repeated
   * (`reflect`), or a number.
   */
  readonly border?: 'nearest' | 'reflect' | number
}

/** @param sigma standard deviation in pixels, along y and x or the same for both */
export function gaussianFilter(
  plane: Plane,
  sigma: number | readonly [number, number],
  { truncate = 4, border = 'nearest' }: GaussianOptions = {},
): Plane {
  const [sigmaY, sigmaX] = typeof sigma === 'number' ? [sigma, sigma] : sigma
  const down = vertical(plane, gaussianTaps(sigmaY, truncate), border)
  return { ...plane, data: horizontal({ ...plane, data: down }, gaussianTaps(sigmaX, truncate), border) }
}

/** Weights at distance 0, 1, ... of a normalised kernel. */
export function gaussianTaps(sigma: number, truncate = 4): Float64Array {
  if (sigma <= 1e-15) return Float64Array.of(1)
  const radius = Math.floor(truncate * sigma + 0.5)
  const taps = Float64Array.from({ length: radius + 1 }, (_, d) => Math.exp((-0.5 / (sigma * sigma)) * d * d))
  let sum = 0
  for (let d = -radius; d <= radius; d++) sum += taps[Math.abs(d)]!
  return taps.map(tap => tap / sum)
}

/** Where position `i` of a line of `size` is read; -1 for outside. */
function place(i: number, size: number, border: 'nearest' | 'reflect' | number): number {
  if (i >= 0 && i < size) return i
  if (border === 'nearest') return i < 0 ? 0 : size - 1
  return border === 'reflect' ? mirrored(i, size) : -1
}

function vertical(plane: Plane, taps: Float64Array, border: 'nearest' | 'reflect' | number): Float64Array {
  const { data, height } = plane
  const count = plane.width * plane.channels
  const radius = taps.length - 1
  // The rows with their surroundings: every output is then a sum at fixed distances.
  const tall = new Float64Array((height + 2 * radius) * count).fill(typeof border === 'number' ? border : 0)
  tall.set(data, radius * count)
  for (let d = 1; d <= radius; d++) {
    const [before, after] = [place(-d, height, border), place(height - 1 + d, height, border)]
    if (before < 0) break
    tall.copyWithin((radius - d) * count, (radius + before) * count, (radius + before + 1) * count)
    tall.copyWithin((radius + height - 1 + d) * count, (radius + after) * count, (radius + after + 1) * count)
  }
  const rows = { start: radius * count, stride: count, rows: height, count }
  return symmetricSums(tall, rows, inwards(taps, count))
}

function horizontal(plane: Plane, taps: Float64Array, border: 'nearest' | 'reflect' | number): Float64Array {
  const { data, height, width, channels } = plane
  const radius = taps.length - 1
  const count = width * channels
  const reach = radius * channels
  const stride = count + 2 * reach
  const wide = new Float64Array(height * stride).fill(typeof border === 'number' ? border : 0)
  for (let y = 0; y < height; y++) {
    wide.set(data.subarray(y * count, (y + 1) * count), y * stride + reach)
  }
  for (let d = 1; d <= radius; d++) {
    const [before, after] = [place(-d, width, border), place(width - 1 + d, width, border)]
    if (before < 0) break
    for (let at = reach; at < wide.length; at += stride) {
      for (let c = 0; c < channels; c++) {
        wide[at - d * channels + c] = wide[at + before * channels + c]!
        wide[at + (width - 1 + d) * channels + c] = wide[at + after * channels + c]!
      }
    }
  }
  return symmetricSums(wide, { start: reach, stride, rows: height, count }, inwards(taps, channels))
}

/** The middle tap, then the others from the outermost to the innermost: SciPy's order of sums. */
function inwards(taps: Float64Array, step: number): Terms {
  const order = Array.from(taps, (_, i) => (taps.length - i) % taps.length)
  return { offsets: order.map(d => d * step), weights: order.map(d => taps[d]!) }
}
