// Multi-scale structural similarity (Wang, Simoncelli & Bovik 2003): how alike two images look, in [0, 1].
// Built for comparing many pairs of a few images: what depends on one image alone is computed once per image.

import { symmetricSums } from '../distort/stencil.ts'
import { InputError } from '../errors/input-error.ts'

/** The five weights of the paper, finest scale first. */
const PAPER_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

export interface MsSsimOptions {
  /** Side of the Gaussian window, odd. Default 11. */
  readonly windowSize?: number
  /** Its standard deviation in pixels. Default 1.5. */
  readonly sigma?: number
  /** Exponent per scale, finest first; their number is the number of scales. Default {@link scaleWeights}. */
  readonly weights?: readonly number[]
}

/** One image at all scales, with what its comparisons share. Made by {@link msSsimPyramid}. */
export interface MsSsimPyramid {
  readonly channels: number
  readonly scales: readonly Scale[]
  readonly window: Float64Array
  readonly weights: readonly number[]
}

interface Scale {
  readonly height: number
  readonly width: number
  readonly pixels: Float64Array
  /** Windowed mean and windowed variance; `[channels, height - window + 1, width - window + 1]`. */
  readonly mean: Float64Array
  readonly variance: Float64Array
}

/**
 * The paper's weights for as many scales as an image of `side` pixels has room for (the coarsest must be wider
 * than the window), scaled to sum to 1: all five from 161 pixels on, three at 64.
 */
export function scaleWeights(side: number, windowSize = 11): number[] {
  let count = 0
  while (count < PAPER_WEIGHTS.length && (windowSize - 1) * 2 ** count < side) count++
  const weights = PAPER_WEIGHTS.slice(0, count)
  const sum = count === PAPER_WEIGHTS.length ? 1 : weights.reduce((a, b) => a + b, 0)
  return weights.map(w => w / sum)
}

/**
 * Prepares `[channels, height, width]` pixels in [0, 1] for comparison.
 * @throws InputError when the image is too small for the window at the coarsest scale.
 */
export function msSsimPyramid(
  pixels: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  options: MsSsimOptions = {},
): MsSsimPyramid {
  const { windowSize = 11, sigma = 1.5 } = options
  const side = Math.min(height, width)
  const weights = options.weights ?? scaleWeights(side, windowSize)
  if (weights.length === 0 || (windowSize - 1) * 2 ** (weights.length - 1) >= side) {
    throw new InputError(
      `MS-SSIM of ${weights.length} scales with a window of ${windowSize} needs images wider than ` +
        `${(windowSize - 1) * 2 ** Math.max(weights.length - 1, 0)} pixels, found ${height}x${width}`,
    )
  }
  const window = gaussian(windowSize, sigma)
  const scales: Scale[] = []
  let current = { height, width, pixels: Float64Array.from(pixels) }
  for (let s = 0; s < weights.length; s++) {
    if (s > 0) current = halve(current.pixels, channels, current.height, current.width)
    const mean = filter(current.pixels, channels, current.height, current.width, window)
    const squares = current.pixels.map(v => v * v)
    const variance = filter(squares, channels, current.height, current.width, window)
    for (let i = 0; i < mean.length; i++) variance[i]! -= mean[i]! ** 2
    scales.push({ ...current, mean, variance })
  }
  return { channels, scales, window, weights }
}

const C1 = 0.01 ** 2
const C2 = 0.03 ** 2

/**
 * MS-SSIM of two prepared images: per channel the product over scales of (contrast x structure)^weight, with
 * luminance at the coarsest scale only; negative factors count as 0; the mean over channels.
 */
export function msSsim(a: MsSsimPyramid, b: MsSsimPyramid): number {
  const product = new Float64Array(a.channels).fill(1)
  for (const [s, weight] of a.weights.entries()) {
    const x = a.scales[s]!
    const y = b.scales[s]
    if (y === undefined || x.height !== y.height || x.width !== y.width || a.channels !== b.channels) {
      throw new InputError('MS-SSIM compares images of the same size')
    }
    const products = new Float64Array(x.pixels.length)
    for (let i = 0; i < products.length; i++) products[i] = x.pixels[i]! * y.pixels[i]!
    const crossed = filter(products, a.channels, x.height, x.width, a.window)
    const last = s === a.weights.length - 1
    const size = crossed.length / a.channels
    for (let c = 0; c < a.channels; c++) {
      let sum = 0
      for (let i = c * size; i < (c + 1) * size; i++) {
        const mx = x.mean[i]!
        const my = y.mean[i]!
        let value = (2 * (crossed[i]! - mx * my) + C2) / (x.variance[i]! + y.variance[i]! + C2)
        if (last) value *= (2 * mx * my + C1) / (mx * mx + my * my + C1)
        sum += value
      }
      product[c]! *= Math.max(sum / size, 0) ** weight
    }
  }
  return product.reduce((total, value) => total + value, 0) / a.channels
}

function gaussian(size: number, sigma: number): Float64Array {
  const window = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size >> 1)) ** 2) / (2 * sigma ** 2)),
  )
  const sum = window.reduce((a, b) => a + b, 0)
  return window.map(v => v / sum)
}

/** Separable filter without padding; the window is symmetric. */
function filter(
  pixels: Float64Array,
  channels: number,
  height: number,
  width: number,
  window: Float64Array,
): Float64Array {
  const middle = window.length >> 1
  const [h, w] = [height - 2 * middle, width - 2 * middle]
  // The middle of the window, then the others from the outermost to the innermost.
  const distances = Array.from({ length: middle + 1 }, (_, i) => (i === 0 ? 0 : middle + 1 - i))
  const weights = distances.map(distance => window[middle - distance]!)
  const out = new Float64Array(channels * h * w)
  for (let c = 0; c < channels; c++) {
    const plane = pixels.subarray(c * height * width, (c + 1) * height * width)
    const lines = { start: middle, stride: width, rows: height, count: w }
    const across = symmetricSums(plane, lines, { offsets: distances, weights })
    const rows = { start: middle * w, stride: w, rows: h, count: w }
    out.set(symmetricSums(across, rows, { offsets: distances.map(d => d * w), weights }), c * h * w)
  }
  return out
}

/** 2x2 means; an odd side gets a border of zeros first, which count (as the reference implementations do). */
function halve(pixels: Float64Array, channels: number, height: number, width: number) {
  const padY = height % 2
  const padX = width % 2
  const outHeight = Math.floor((height + 2 * padY) / 2)
  const outWidth = Math.floor((width + 2 * padX) / 2)
  const out = new Float64Array(channels * outHeight * outWidth)
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        let sum = 0
        for (let dy = 0; dy < 2; dy++) {
          for (let dx = 0; dx < 2; dx++) {
            const sy = 2 * y + dy - padY
            const sx = 2 * x + dx - padX
            if (sy >= 0 && sy < height && sx >= 0 && sx < width)
              sum += pixels[(c * height + sy) * width + sx]!
          }
        }
        out[(c * outHeight + y) * outWidth + x] = sum / 4
      }
    }
  }
  return { height: outHeight, width: outWidth, pixels: out }
}
