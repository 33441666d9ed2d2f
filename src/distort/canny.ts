// Canny's edge detector (1986) as scikit-image computes it, since the paper's contours were drawn with it.

import { mirrored } from './borders.ts'
import { gaussianFilter } from './gaussian-filter.ts'

export interface CannyOptions {
  /** Standard deviation of the smoothing, in pixels. */
  readonly sigma: number
  /** Gradients at least this strong are edges where they are connected to a strong one. */
  readonly low: number
  /** Gradients at least this strong are edges. */
  readonly high: number
}

/**
 * Edges of a grey image `[height, width]` in [0, 1].
 * @returns 1 on an edge, 0 elsewhere
 */
export function cannyEdges(
  data: Float64Array,
  height: number,
  width: number,
  { sigma, low, high }: CannyOptions,
): Uint8Array {
  const smooth = smoothed(data, height, width, sigma)
  const down = sobel(smooth, height, width, true)
  const right = sobel(smooth, height, width, false)
  const strength = down.map((value, i) => Math.sqrt(value * value + right[i]! * right[i]!))
  const ridge = new Uint8Array(data.length)
  const open: number[] = []
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      if (strength[i]! < low || strength[i] === 0) continue
      if (!isRidge(strength, i, width, down[i]!, right[i]!)) continue
      ridge[i] = 1
      if (strength[i]! >= high) open.push(i)
    }
  }
  return connected(ridge, open, width)
}

/** Gaussian smoothing in which what lies outside of the picture has no weight. */
function smoothed(data: Float64Array, height: number, width: number, sigma: number): Float64Array {
  const filter = (values: Float64Array) =>
    gaussianFilter({ data: values, height, width, channels: 1 }, sigma, { border: 0 }).data
  const weights = filter(new Float64Array(data.length).fill(1))
  return filter(data).map((value, i) => value / (weights[i]! + Number.EPSILON))
}

/** Differences along y (`vertical`) or x, averaged over three lines with weights 1, 2, 1. */
function sobel(data: Float64Array, height: number, width: number, vertical: boolean): Float64Array {
  const at = (y: number, x: number) => data[mirrored(y, height) * width + mirrored(x, width)]!
  const step = vertical
    ? (y: number, x: number) => at(y + 1, x) - at(y - 1, x)
    : (y: number, x: number) => at(y, x + 1) - at(y, x - 1)
  return Float64Array.from(data, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width]
    return vertical
      ? 2 * step(y, x) + (step(y, x - 1) + step(y, x + 1))
      : 2 * step(y, x) + (step(y - 1, x) + step(y + 1, x))
  })
}

/** Whether the strength at `i` is the greatest along the gradient, neighbours being interpolated between two. */
function isRidge(strength: Float64Array, i: number, width: number, down: number, right: number): boolean {
  const [vertical, horizontal] = [Math.abs(down), Math.abs(right)]
  // Towards lower right and upper left, or towards upper right and lower left.
  const falling = (down >= 0 && right >= 0) || (down <= 0 && right <= 0)
  const steep = falling ? vertical > horizontal : vertical >= horizontal
  const along = steep ? (falling ? width : -width) : 1
  const diagonal = falling ? width + 1 : 1 - width
  const share = steep ? horizontal / vertical : vertical / horizontal
  const here = strength[i]!
  return (
    strength[i + diagonal]! * share + strength[i + along]! * (1 - share) <= here &&
    strength[i - diagonal]! * share + strength[i - along]! * (1 - share) <= here
  )
}

/** Those of `ridge` (never on the border) that are connected, also diagonally, to one in `open`. */
function connected(ridge: Uint8Array, open: number[], width: number): Uint8Array {
  const edges = new Uint8Array(ridge.length)
  for (const i of open) edges[i] = 1
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]
  while (open.length > 0) {
    const i = open.pop()!
    for (const step of around) {
      if (ridge[i + step] !== 1 || edges[i + step] === 1) continue
      edges[i + step] = 1
      open.push(i + step)
    }
  }
  return edges
}
