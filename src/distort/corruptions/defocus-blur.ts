// Out of focus as a lens is: every point becomes a disk.

import type { Pixels } from '../../image/pixels.ts'
import { mirroredOnce } from '../borders.ts'
import { rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'
import type { Plane } from '../gaussian-filter.ts'
import { sums, symmetricSums } from '../stencil.ts'

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
  const wide = surrounded(image, radius + margin)
  const disks = diskSums(runningSums(wide), wide, radius)
  const softened = softenedMiddle(disks, wide.width - 2 * radius, edge, width, height)
  if (radius >= 8) addTips(softened, wide, radius, edge[1]!, width, height)
  let area = 0
  for (let y = -radius; y <= radius; y++) area += 2 * reachAt(y, radius) + 1
  const out = new Uint8Array(width * height * 3)
  for (let i = 0; i < out.length; i++) out[i] = toByte(softened[i]! / area)
  return rgbLike(image, out)
}

/** How far the disk reaches to both sides in the row `dy` from its centre. */
const reachAt = (dy: number, radius: number) => Math.floor(Math.sqrt(radius * radius - dy * dy))

/** Weights of the softening at distance 0, 1, ...; OpenCV's Gaussian kernel of `2 reach + 1` taps. */
function softening(sigma: number, reach: number): Float64Array {
  const taps = Float64Array.from({ length: reach + 1 }, (_, d) => Math.exp(-(d * d) / (2 * sigma * sigma)))
  const sum = taps[0]! + 2 * taps.subarray(1).reduce((total, tap) => total + tap, 0)
  return taps.map(tap => tap / sum)
}

/** Values in [0, 1] with `around` mirrored pixels on all sides. */
function surrounded({ data, width, height }: Pixels, around: number): Plane {
  const [wide, tall] = [width + 2 * around, height + 2 * around]
  const columns = Int32Array.from({ length: wide }, (_, x) => 3 * mirroredOnce(x - around, width))
  const out = new Float64Array(wide * tall * 3)
  for (let y = 0, to = 0; y < tall; y++) {
    const row = 3 * width * mirroredOnce(y - around, height)
    for (let x = 0; x < wide; x++, to += 3) {
      const from = row + columns[x]!
      out[to] = unitOf[data[from]!]!
      out[to + 1] = unitOf[data[from + 1]!]!
      out[to + 2] = unitOf[data[from + 2]!]!
    }
  }
  return { data: out, width: wide, height: tall, channels: 3 }
}

/** Sums of each row's values left of every position: rows of `3 (width + 1)`. */
function runningSums({ data, width, height }: Plane): Float64Array {
  const out = new Float64Array((width + 1) * height * 3)
  for (let y = 0, from = 0, to = 3; y < height; y++, to += 3) {
    for (let i = 0; i < width * 3; i++, from++, to++) out[to] = out[to - 3]! + data[from]!
  }
  return out
}

/** Sums over a disk about each pixel that lies `radius` or more from all borders. */
function diskSums(running: Float64Array, plane: Plane, radius: number): Float64Array {
  const stride = (plane.width + 1) * 3
  const offsets: number[] = []
  const weights: number[] = []
  for (let dy = -radius; dy <= radius; dy++) {
    const reach = reachAt(dy, radius)
    offsets.push(dy * stride + (reach + 1) * 3, dy * stride - reach * 3)
    weights.push(1, -1)
  }
  const start = radius * stride + radius * 3
  const count = (plane.width - 2 * radius) * 3
  return sums(running, { start, stride, rows: plane.height - 2 * radius, count }, { offsets, weights })
}

/** `disks` (rows of `wide` pixels) softened along y and x, without the margin. */
function softenedMiddle(
  disks: Float64Array,
  wide: number,
  edge: Float64Array,
  width: number,
  height: number,
): Float64Array {
  const margin = edge.length - 1
  const stride = wide * 3
  const distances = Array.from(edge, (_, d) => d)
  const down = symmetricSums(
    disks,
    { start: margin * stride, stride, rows: height, count: stride },
    { offsets: distances.map(d => d * stride), weights: edge },
  )
  return symmetricSums(
    down,
    { start: margin * 3, stride, rows: height, count: width * 3 },
    { offsets: distances.map(d => d * 3), weights: edge },
  )
}

/**
 * The package softens the disk inside a square of 17 or 21 pixels and mirrors it at the square's border. Disks of
 * radius 8 and 10 touch that border: there a part of the tip does not leave the square, and the row before it counts
 * once more. What that adds, softened across the tip by its first tap, which is all of it that shows in a byte.
 */
function addTips(
  out: Float64Array,
  { data, width: wide }: Plane,
  radius: number,
  tap: number,
  width: number,
  height: number,
): void {
  const reach = reachAt(radius - 1, radius)
  const stride = wide * 3
  const around = (wide - width) / 2
  // Per tip: weights across it, for the row before the tip (added) and the tip itself (taken away).
  const across = (offset: number, most: number) =>
    [-1, 0, 1].reduce((sum, d) => sum + (Math.abs(offset + d) <= most ? (d === 0 ? 1 - 2 * tap : tap) : 0), 0)
  const offsets: number[] = []
  const weights: number[] = []
  for (const [stepAlong, stepAcross] of [
    [stride, 3],
    [-stride, 3],
    [3, stride],
    [-3, stride],
  ] as const) {
    for (let offset = -reach - 1; offset <= reach + 1; offset++) {
      const near = radius * stepAlong + offset * stepAcross
      offsets.push(near)
      weights.push(tap * across(offset, reach))
      if (Math.abs(offset) > 1) continue
      offsets.push(near + stepAlong)
      weights.push(-tap * across(offset, 0))
    }
  }
  const rows = { start: around * (stride + 3), stride, rows: height, count: width * 3 }
  const tips = sums(data, rows, { offsets, weights })
  for (let i = 0; i < out.length; i++) out[i]! += tips[i]!
}
