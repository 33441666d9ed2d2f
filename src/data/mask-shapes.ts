// Outlines and run-length codes, as annotation tools write them, turned into masks of any size.

import { InputError } from '../errors/input-error.ts'

/** Where the pixels of a mask lie in the annotated image: the place of each column's and row's centre, in its pixels. */
export interface MaskGrid {
  /** Ascending; the image's left edge is 0, the centre of its first pixel .5. */
  readonly xs: Float64Array
  /** Ascending, from the top. */
  readonly ys: Float64Array
}

// Larger pictures are a mistake, and not decoded either.
const MAX_PIXELS = 2 ** 28

/** `[ys, xs]`, 1 inside. */
export type Mask = Uint8Array

/**
 * Where polygons are: at the mask pixels whose centres lie in one of them (even-odd rule within a polygon).
 * @param polygons each x, y, x, y, ... in pixels of the image
 */
export function polygonMask(polygons: readonly (readonly number[])[], { xs, ys }: MaskGrid): Mask {
  const mask = new Uint8Array(ys.length * xs.length)
  const crossings: number[] = []
  for (const points of polygons) {
    const n = points.length >> 1
    for (const [row, y] of ys.entries()) {
      crossings.length = 0
      for (let i = 0, j = n - 1; i < n; j = i++) {
        const [xi, yi, xj, yj] = [points[2 * i]!, points[2 * i + 1]!, points[2 * j]!, points[2 * j + 1]!]
        if (yi > y !== yj > y) crossings.push(xi + ((y - yi) / (yj - yi)) * (xj - xi))
      }
      crossings.sort((a, b) => a - b)
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        for (let x = firstAtLeast(xs, crossings[k]!); x < xs.length && xs[x]! < crossings[k + 1]!; x++)
          mask[row * xs.length + x] = 1
      }
    }
  }
  return mask
}

function firstAtLeast(values: Float64Array, bound: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Where a run-length code is on: lengths of runs off, on, off, ..., down the columns of an image.
 * @param counts the lengths, or COCO's packed string of them
 * @param size height and width of the image
 * @throws InputError naming `what` when the runs do not fill the image, or it is too large to be one.
 */
export function rleMask(
  counts: readonly number[] | string,
  [height, width]: readonly [number, number],
  { xs, ys }: MaskGrid,
  what = 'a run-length code',
): Mask {
  const runs = typeof counts === 'string' ? unpacked(counts) : counts
  const total = runs.reduce((sum, run) => sum + run, 0)
  if (!(height * width <= MAX_PIXELS))
    throw new InputError(`${what} is of an image of ${width}x${height}: too many pixels`)
  if (total !== height * width || runs.some(run => !(run >= 0))) {
    throw new InputError(`${what} covers ${total} pixels, expected ${width}x${height} = ${height * width}`)
  }
  const pixels = new Uint8Array(total)
  let at = 0
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1) pixels.fill(1, at, at + run)
    at += run
  }
  const place = (centre: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(centre)))
  const mask = new Uint8Array(ys.length * xs.length)
  for (const [row, y] of ys.entries()) {
    for (const [column, x] of xs.entries())
      mask[row * xs.length + column] = pixels[place(x, width) * height + place(y, height)]!
  }
  return mask
}

/** COCO's string: 5 bits a character, low ones first, 6th bit for more; from the third run on differences. */
function unpacked(text: string): number[] {
  const runs: number[] = []
  let at = 0
  while (at < text.length) {
    let [value, shift, more] = [0, 0, true]
    while (more && at < text.length) {
      const code = text.charCodeAt(at++) - 48
      value |= (code & 31) << shift
      shift += 5
      more = (code & 32) !== 0
      if (!more && (code & 16) !== 0 && shift < 32) value |= -1 << shift
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value)
  }
  return runs
}
