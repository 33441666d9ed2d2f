// Out of focus as a lens is: every point becomes a disk.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'

/** Radius of the disk, and standard deviation of the blur that softens its edge. */
const settings: readonly (readonly [radius: number, soft: number])[] = [
  [3, 0.1],
  [4, 0.5],
  [6, 0.5],
  [8, 0.5],
  [10, 0.5],
]

/**
 * ImageNet-C's `defocus_blur`. A disk's sum over a row of pixels is a difference of two running sums, so that the
 * cost grows with the radius and not with its square; the softening comes after it, along y and x.
 */
export function defocusBlur(image: Pixels, severity: Severity): Pixels {
  const [radius, soft] = settings[severity - 1]!
  const { width, height } = image
  const edge = softening(soft, radius <= 8 ? 1 : 2)
  const margin = edge.length - 1
  const around = radius + margin
  const [wide, tall] = [width + 2 * margin, height + 2 * margin]
  const sums = diskSums(runningSums(image, around), wide, tall, radius)
  const softened = softenedMiddle(sums, wide, edge, width, height)
  for (const tip of tipsOf(radius, edge)) addTip(softened, image, tip)
  let area = 0
  for (let y = -radius; y <= radius; y++) area += 2 * Math.floor(Math.sqrt(radius * radius - y * y)) + 1
  const out = new Uint8Array(width * height * 3)
  for (let i = 0; i < out.length; i++) out[i] = toByte(softened[i]! / area)
  return rgbLike(image, out)
}

/** Weights of the softening at distance 0, 1, ...; OpenCV's Gaussian kernel of `2 reach + 1` taps. */
function softening(sigma: number, reach: number): Float64Array {
  const taps = Float64Array.from({ length: reach + 1 }, (_, d) => Math.exp(-(d * d) / (2 * sigma * sigma)))
  const sum = taps[0]! + 2 * taps.subarray(1).reduce((total, tap) => total + tap, 0)
  return taps.map(tap => tap / sum)
}

/** Where a line of `size` that goes on mirrored (its border not repeated) is read at `i`. */
function mirrored(i: number, size: number): number {
  if (size === 1) return 0
  const period = 2 * size - 2
  const at = ((i % period) + period) % period
  return at < size ? at : period - at
}

/** Sums of each row's values left of every position, with `around` mirrored pixels on all sides. */
function runningSums({ data, width, height }: Pixels, around: number): Float64Array {
  const wide = width + 2 * around
  const tall = height + 2 * around
  const columns = Int32Array.from({ length: wide }, (_, x) => 3 * mirrored(x - around, width))
  const out = new Float64Array((wide + 1) * tall * 3)
  for (let y = 0, to = 3; y < tall; y++, to += 3) {
    const row = 3 * width * mirrored(y - around, height)
    for (let x = 0; x < wide; x++, to += 3) {
      const from = row + columns[x]!
      out[to] = out[to - 3]! + unitOf[data[from]!]!
      out[to + 1] = out[to - 2]! + unitOf[data[from + 1]!]!
      out[to + 2] = out[to - 1]! + unitOf[data[from + 2]!]!
    }
  }
  return out
}

/** Sums over a disk about each of `wide` x `tall` pixels. */
function diskSums(running: Float64Array, wide: number, tall: number, radius: number): Float64Array {
  const stride = (wide + 2 * radius + 1) * 3
  const rowLength = wide * 3
  const out = new Float64Array(rowLength * tall)
  for (let y = 0; y < tall; y++) {
    const to = out.subarray(y * rowLength, (y + 1) * rowLength)
    for (let dy = -radius; dy <= radius; dy++) {
      const reach = Math.floor(Math.sqrt(radius * radius - dy * dy))
      const row = (y + radius + dy) * stride + radius * 3
      const right = running.subarray(row + (reach + 1) * 3, row + (reach + 1) * 3 + rowLength)
      const left = running.subarray(row - reach * 3, row - reach * 3 + rowLength)
      for (let i = 0; i < rowLength; i++) to[i] = to[i]! + (right[i]! - left[i]!)
    }
  }
  return out
}

/** `sums` softened along y and x, without the margin. */
function softenedMiddle(
  sums: Float64Array,
  wide: number,
  edge: Float64Array,
  width: number,
  height: number,
): Float64Array {
  const margin = edge.length - 1
  const wideRow = wide * 3
  const column = new Float64Array(wideRow)
  const out = new Float64Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let i = 0, at = (y + margin) * wideRow; i < wideRow; i++, at++) {
      let sum = edge[0]! * sums[at]!
      for (let d = 1; d <= margin; d++) sum += edge[d]! * (sums[at - d * wideRow]! + sums[at + d * wideRow]!)
      column[i] = sum
    }
    const to = y * width * 3
    for (let i = 0, at = margin * 3; i < width * 3; i++, at++) {
      let sum = edge[0]! * column[at]!
      for (let d = 1; d <= margin; d++) sum += edge[d]! * (column[at - 3 * d]! + column[at + 3 * d]!)
      out[to + i] = sum
    }
  }
  return out
}

/** A pixel at (dy, dx) that counts `weight` more or less than the softened disk has it. */
interface Tip {
  readonly dy: number
  readonly dx: number
  readonly weight: number
}

/**
 * The package softens the disk inside a square of 17 or 21 pixels and mirrors it at the square's border, where disks
 * of radius 8 and 10 end: there its kernel differs from ours by these.
 */
function tipsOf(radius: number, edge: Float64Array): Tip[] {
  const half = Math.max(8, radius)
  const margin = edge.length - 1
  const inDisk = (y: number, x: number) => (y * y + x * x <= radius * radius ? 1 : 0)
  const fold = (i: number) => (Math.abs(i) > half ? Math.sign(i) * (2 * half - Math.abs(i)) : i)
  const tips: Tip[] = []
  for (let dy = -half - margin; dy <= half + margin; dy++) {
    for (let dx = -half - margin; dx <= half + margin; dx++) {
      const outside = Math.abs(dy) > half || Math.abs(dx) > half
      let weight = 0
      for (let i = -margin; i <= margin; i++) {
        for (let j = -margin; j <= margin; j++) {
          const tap = edge[Math.abs(i)]! * edge[Math.abs(j)]!
          const theirs = outside ? 0 : inDisk(fold(dy + i), fold(dx + j))
          weight += tap * (theirs - inDisk(dy + i, dx + j))
        }
      }
      if (Math.abs(weight) > 1e-3) tips.push({ dy, dx, weight })
    }
  }
  return tips
}

function addTip(to: Float64Array, { data, width, height }: Pixels, { dy, dx, weight }: Tip): void {
  for (let y = 0, i = 0; y < height; y++) {
    const row = width * mirrored(y + dy, height)
    for (let x = 0; x < width; x++, i += 3) {
      const at = x + dx
      const from = 3 * (row + (at >= 0 && at < width ? at : mirrored(at, width)))
      to[i]! += weight * unitOf[data[from]!]!
      to[i + 1]! += weight * unitOf[data[from + 1]!]!
      to[i + 2]! += weight * unitOf[data[from + 2]!]!
    }
  }
}
