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
  const columns = tapsFor(image.width, width, part.left, part.width, kernel)
  const rows = tapsFor(image.height, height, part.top, part.height, kernel)
  const { channels } = image
  if (verticalFirst(image, width, height)) {
    const middle = vertical(image.data, image.width * channels, 0, rows)
    const data = horizontal({ ...image, data: middle }, 0, part.height, columns)
    return { width: part.width, height: part.height, channels, data }
  }
  const firstRow = rows.position[0]!
  const endRow = rows.position.at(-1)! + 1
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

/**
 * What each of `length` output positions is made of: `stride` source positions and their weights. `stride` is a
 * multiple of 4, since four taps are summed at a time; unused taps repeat a position with weight 0.
 */
interface Taps {
  readonly length: number
  readonly stride: number
  readonly position: Int32Array
  readonly weight: Int32Array
}

function tapsFor(size: number, outSize: number, first: number, length: number, kernel: Kernel): Taps {
  const scale = size / outSize
  const spread = Math.max(scale, 1)
  const support = kernel.support * spread
  const centerOf = (i: number) => (first + i + 0.5) * scale
  const startOf = (i: number) => Math.max(0, Math.trunc(centerOf(i) - support + 0.5))
  const endOf = (i: number) => Math.min(size, Math.trunc(centerOf(i) + support + 0.5))
  // Pillow leaves an axis alone that keeps its length: one weight of exactly 1.
  const same = size === outSize
  let most = 1
  for (let i = 0; i < length && !same; i++) most = Math.max(most, endOf(i) - startOf(i))
  const stride = Math.ceil(most / 4) * 4
  const position = new Int32Array(length * stride)
  const weight = new Int32Array(length * stride)
  const exact = new Float64Array(stride)
  for (let i = 0; i < length; i++) {
    const start = same ? first + i : startOf(i)
    const count = same ? 1 : endOf(i) - start
    let sum = 0
    for (let k = 0; k < count; k++) {
      exact[k] = same ? 1 : kernel.weight((k + start - centerOf(i) + 0.5) * (1 / spread))
      sum += exact[k]!
    }
    for (let k = 0; k < stride; k++) {
      position[i * stride + k] = start + Math.min(k, count - 1)
      const w = k < count ? (exact[k]! / (sum || 1)) * (1 << PRECISION) : 0
      weight[i * stride + k] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5)
    }
  }
  return { length, stride, position, weight }
}

/** Rows `firstRow..endRow` of `image`, each averaged along x: `[endRow - firstRow, columns, channels]`. */
function horizontal(image: Pixels, firstRow: number, endRow: number, columns: Taps): Uint8Array {
  const { data, channels } = image
  const rowBytes = image.width * channels
  const outRowBytes = columns.length * channels
  const count = endRow - firstRow
  const out = new Uint8ClampedArray(count * outRowBytes)
  const sums = new Int32Array(count)
  for (let x = 0; x < columns.length; x++) {
    for (let c = 0; c < channels; c++) {
      const from = { data, offset: firstRow * rowBytes + c, unit: channels, step: rowBytes }
      const to = { data: out, offset: x * channels + c, step: outRowBytes }
      average(from, to, columns, x, sums)
    }
  }
  return new Uint8Array(out.buffer)
}

/** `middle` (rows of `rowBytes`, the first being source row `firstRow`) averaged along y. */
function vertical(middle: Uint8Array, rowBytes: number, firstRow: number, rows: Taps): Uint8Array {
  const out = new Uint8ClampedArray(rows.length * rowBytes)
  const sums = new Int32Array(rowBytes)
  const from = { data: middle, offset: -firstRow * rowBytes, unit: rowBytes, step: 1 }
  for (let y = 0; y < rows.length; y++) {
    average(from, { data: out, offset: y * rowBytes, step: 1 }, rows, y, sums)
  }
  return new Uint8Array(out.buffer)
}

/** Bytes read along one axis: tap at position `p` of line `i` is `data[offset + p * unit + i * step]`. */
interface Reading {
  readonly data: Uint8Array
  readonly offset: number
  readonly unit: number
  readonly step: number
}

interface Writing {
  readonly data: Uint8ClampedArray
  readonly offset: number
  readonly step: number
}

/** Output position `index` of every line: the weighted sum of its taps. `sums` has one place per line. */
function average(from: Reading, to: Writing, taps: Taps, index: number, sums: Int32Array): void {
  const { stride } = taps
  const first = index * stride
  if (stride === 4) {
    averageOfFour(from, to, taps, first, sums.length)
    return
  }
  sums.fill(HALF)
  for (let k = first; k < first + stride; k += 4) addFour(from, sums, taps, k)
  for (let i = 0, at = to.offset; i < sums.length; i++, at += to.step) to.data[at] = sums[i]! >> PRECISION
}

// The two inner loops, where all time goes; apart, because four taps are the usual case and need no sums.

function averageOfFour(from: Reading, to: Writing, taps: Taps, k: number, lines: number): void {
  const { data, unit, step } = from
  const { position, weight } = taps
  const out = to.data
  const outStep = to.step
  let a = from.offset + position[k]! * unit
  const b = (position[k + 1]! - position[k]!) * unit
  const c = (position[k + 2]! - position[k]!) * unit
  const d = (position[k + 3]! - position[k]!) * unit
  const wa = weight[k]!
  const wb = weight[k + 1]!
  const wc = weight[k + 2]!
  const wd = weight[k + 3]!
  for (let i = 0, at = to.offset; i < lines; i++, at += outStep, a += step) {
    const near = Math.imul(data[a]!, wa) + Math.imul(data[a + b]!, wb)
    out[at] = (HALF + near + Math.imul(data[a + c]!, wc) + Math.imul(data[a + d]!, wd)) >> PRECISION
  }
}

function addFour(from: Reading, sums: Int32Array, taps: Taps, k: number): void {
  const { data, unit, step } = from
  const { position, weight } = taps
  let a = from.offset + position[k]! * unit
  const b = (position[k + 1]! - position[k]!) * unit
  const c = (position[k + 2]! - position[k]!) * unit
  const d = (position[k + 3]! - position[k]!) * unit
  const wa = weight[k]!
  const wb = weight[k + 1]!
  const wc = weight[k + 2]!
  const wd = weight[k + 3]!
  for (let i = 0; i < sums.length; i++, a += step) {
    const near = Math.imul(data[a]!, wa) + Math.imul(data[a + b]!, wb)
    sums[i] = sums[i]! + near + Math.imul(data[a + c]!, wc) + Math.imul(data[a + d]!, wd)
  }
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
