// Resizing equal to Pillow's, byte for byte: published accuracies were measured behind it, and a different
// resize shifts them by whole points. Pillow averages in two passes, with weights in 22-bit fixed point and
// 8-bit rounding between the passes; all of that shows in the last bit.

import { InputError } from '../errors/input-error.ts'
import { type Filter, type Kernel, kernels } from './filter.ts'
import type { Pixels } from './pixels.ts'

/** A rectangle of pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const PRECISION = 22
const HALF = 1 << (PRECISION - 1)
const MAX_SIDE = 65_535

/**
 * `image` at `width` x `height` by `filter`, equal to Pillow's `Image.resize`. With `box`, only that part of the
 * resized image: equal to cropping afterwards, but only what the part needs is computed.
 * @throws InputError when a side is not a whole number from 1 to 65535 or `box` does not lie inside.
 */
export function resize(image: Pixels, width: number, height: number, filter: Filter, box?: Box): Pixels {
  const part = box ?? { left: 0, top: 0, width, height }
  check(width, height, part)
  if (filter === 'nearest') return nearest(image, width, height, part)
  const kernel = kernels[filter]
  const columns = weightsFor(image.width, width, part.left, part.width, kernel)
  const rows = weightsFor(image.height, height, part.top, part.height, kernel)
  const { channels } = image
  if (verticalFirst(image, width, height)) {
    const middle = vertical(image.data, image.width * channels, 0, rows)
    const data = horizontal({ ...image, data: middle }, 0, part.height, columns)
    return { width: part.width, height: part.height, channels, data }
  }
  const firstRow = rows.start[0]!
  const endRow = rows.start[part.height - 1]! + rows.count[part.height - 1]!
  const middle = horizontal(image, firstRow, endRow, columns)
  const data = vertical(middle, part.width * channels, firstRow, rows)
  return { width: part.width, height: part.height, channels, data }
}

/**
 * Pillow's choice of which pass goes first, as of 13.0; each order rounds differently. (Before, rows always went
 * first: there, tall images came out up to one level different.)
 */
function verticalFirst(image: Pixels, width: number, height: number): boolean {
  const shorter = image.height - height
  return shorter > 0 && shorter > 2 * (image.width - width)
}

function check(width: number, height: number, part: Box): void {
  const whole = (n: number) => Number.isInteger(n) && n >= 1 && n <= MAX_SIDE
  if (!whole(width) || !whole(height)) {
    throw new InputError(
      `cannot resize to ${width}x${height}: each side must be a whole number from 1 to ${MAX_SIDE}`,
    )
  }
  const inside =
    part.left >= 0 && part.top >= 0 && part.left + part.width <= width && part.top + part.height <= height
  if (!inside || !whole(part.width) || !whole(part.height)) {
    throw new InputError(
      `the part ${part.width}x${part.height} at ${part.left},${part.top} does not lie inside ${width}x${height}`,
    )
  }
}

/** For each output position: where its source run starts, how long it is, and its weights, `stride` apart. */
interface Weights {
  readonly start: Int32Array
  readonly count: Int32Array
  readonly weight: Int32Array
  readonly stride: number
}

function weightsFor(size: number, outSize: number, first: number, length: number, kernel: Kernel): Weights {
  const start = new Int32Array(length)
  const count = new Int32Array(length).fill(1)
  if (size === outSize) {
    // Pillow leaves an axis alone that keeps its length: one weight of exactly 1.
    return {
      start: start.map((_, i) => first + i),
      count,
      weight: start.map(() => 1 << PRECISION),
      stride: 1,
    }
  }
  const scale = size / outSize
  const spread = Math.max(scale, 1)
  const support = kernel.support * spread
  const stride = Math.ceil(support) * 2 + 1
  const weight = new Int32Array(length * stride)
  const exact = new Float64Array(stride)
  for (let i = 0; i < length; i++) {
    const center = (first + i + 0.5) * scale
    const from = Math.max(0, Math.trunc(center - support + 0.5))
    const n = Math.min(size, Math.trunc(center + support + 0.5)) - from
    let sum = 0
    for (let k = 0; k < n; k++) {
      const w = kernel.weight((k + from - center + 0.5) * (1 / spread))
      exact[k] = w
      sum += w
    }
    for (let k = 0; k < n; k++) {
      const w = (sum === 0 ? exact[k]! : exact[k]! / sum) * (1 << PRECISION)
      weight[i * stride + k] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5)
    }
    start[i] = from
    count[i] = n
  }
  return { start, count, weight, stride }
}

/** Rows `firstRow..endRow` of `image`, each averaged along x: `[endRow - firstRow, columns, channels]`. */
function horizontal(image: Pixels, firstRow: number, endRow: number, columns: Weights): Uint8Array {
  const { data, channels } = image
  const { start, count, weight, stride } = columns
  const rowBytes = image.width * channels
  const length = start.length
  const out = new Uint8ClampedArray((endRow - firstRow) * length * channels)
  let to = 0
  for (let y = firstRow; y < endRow; y++) {
    const row = y * rowBytes
    for (let x = 0; x < length; x++) {
      const w = x * stride
      const end = w + count[x]!
      let from = row + start[x]! * channels
      if (channels === 1) {
        let sum = HALF
        for (let k = w; k < end; k++) sum = (sum + data[from++]! * weight[k]!) | 0
        out[to++] = sum >> PRECISION
      } else {
        let red = HALF
        let green = HALF
        let blue = HALF
        for (let k = w; k < end; k++) {
          const v = weight[k]!
          red = (red + data[from]! * v) | 0
          green = (green + data[from + 1]! * v) | 0
          blue = (blue + data[from + 2]! * v) | 0
          from += 3
        }
        out[to] = red >> PRECISION
        out[to + 1] = green >> PRECISION
        out[to + 2] = blue >> PRECISION
        to += 3
      }
    }
  }
  return new Uint8Array(out.buffer)
}

/** `middle` (rows of `rowBytes`, the first being source row `firstRow`) averaged along y. */
function vertical(middle: Uint8Array, rowBytes: number, firstRow: number, rows: Weights): Uint8Array {
  const { start, count, weight, stride } = rows
  const out = new Uint8ClampedArray(start.length * rowBytes)
  const sums = new Int32Array(rowBytes)
  for (let y = 0; y < start.length; y++) {
    sums.fill(HALF)
    let from = (start[y]! - firstRow) * rowBytes
    for (let k = 0; k < count[y]!; k++) {
      const v = weight[y * stride + k]!
      for (let i = 0; i < rowBytes; i++) sums[i] = sums[i]! + middle[from + i]! * v
      from += rowBytes
    }
    const to = y * rowBytes
    for (let i = 0; i < rowBytes; i++) out[to + i] = sums[i]! >> PRECISION
  }
  return new Uint8Array(out.buffer)
}

function nearest(image: Pixels, width: number, height: number, part: Box): Pixels {
  const { channels } = image
  const columns = nearestSources(image.width, width, part.left, part.width)
  const rows = nearestSources(image.height, height, part.top, part.height)
  const data = new Uint8Array(part.width * part.height * channels)
  let to = 0
  for (const y of rows) {
    for (const x of columns) {
      const from = (y * image.width + x) * channels
      for (let c = 0; c < channels; c++) data[to++] = image.data[from + c]!
    }
  }
  return { width: part.width, height: part.height, channels, data }
}

/** Source position of each output position. Pillow adds the scale up step by step, and so its roundings. */
function nearestSources(size: number, outSize: number, first: number, length: number): Int32Array {
  const scale = size / outSize
  const sources = new Int32Array(length)
  let at = scale * 0.5
  for (let i = 0; i < first + length; i++) {
    if (i >= first) sources[i - first] = Math.min(size - 1, Math.trunc(at))
    at += scale
  }
  return sources
}
