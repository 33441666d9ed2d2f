// Resizing equal to Pillow's, byte for byte: published accuracies were measured behind it, and a different
// resize shifts them by whole points. Pillow averages in two passes, with weights in 22-bit fixed point and
// 8-bit rounding between the passes; all of that shows in the last bit.

import { InputError } from '../errors/input-error.ts'
import { average, PRECISION, packTaps, type Taps } from './averaging.ts'
import { type Filter, type Kernel, kernels } from './filter.ts'
import type { Pixels } from './pixels.ts'

/** A rectangle of pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

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
  const columns = tapsFor(image.width, width, part.left, part.width, kernel)
  const rows = tapsFor(image.height, height, part.top, part.height, kernel)
  const data = average(image, columns, rows, verticalFirst(image, width, height))
  return { width: part.width, height: part.height, channels: image.channels, data }
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

/** The weights of output positions `first..first + length` of an axis that goes from `size` to `outSize`. */
function tapsFor(size: number, outSize: number, first: number, length: number, kernel: Kernel): Taps {
  // Pillow leaves an axis alone that keeps its length: one weight of exactly 1.
  if (size === outSize) {
    const one = [1 << PRECISION]
    return packTaps(
      Int32Array.from({ length }, (_, i) => first + i),
      new Array<number[]>(length).fill(one),
    )
  }
  const scale = size / outSize
  const spread = Math.max(scale, 1)
  const support = kernel.support * spread
  const start = new Int32Array(length)
  const weights = Array.from({ length }, (_, i) => {
    const center = (first + i + 0.5) * scale
    start[i] = Math.max(0, Math.trunc(center - support + 0.5))
    const count = Math.min(size, Math.trunc(center + support + 0.5)) - start[i]!
    const exact = Float64Array.from({ length: count }, (_, k) =>
      kernel.weight((k + start[i]! - center + 0.5) * (1 / spread)),
    )
    const sum = exact.reduce((total, w) => total + w, 0) || 1
    return exact.map(w => {
      const scaled = (w / sum) * (1 << PRECISION)
      return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
    })
  })
  return packTaps(start, weights)
}

function nearest(image: Pixels, width: number, height: number, part: Box): Pixels {
  const { channels } = image
  const columns = nearestSources(image.width, width, part.left, part.width)
  const rows = nearestSources(image.height, height, part.top, part.height)
  const data = new Uint8Array(part.width * part.height * channels)
  const rowBytes = part.width * channels
  let to = 0
  let before = -1
  for (const y of rows) {
    if (y === before) {
      data.copyWithin(to, to - rowBytes, to)
      to += rowBytes
      continue
    }
    before = y
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
