// Where water on a lens gleams: a relief from the distance to the edges of its splashes. Each step follows OpenCV's
// 8-bit arithmetic, since the package's `spatter` chains them and a level lost in one shows in all that follow.

import { mirroredOnce } from './borders.ts'

/**
 * How bright water is at every pixel, 0 to 255.
 * @param depth `[height, width]`, 0 where there is no water
 */
export function waterRelief(depth: Uint8Array, width: number, height: number): Float32Array {
  const distance = distanceToEdges(cannyEdges(depth, width, height, 50, 150), width, height)
  const near = new Uint8Array(boxMean(distance, width, height))
  const even = equalised(near)
  const sloped = filter3x3(even, width, height, [-2, -1, 0, -1, 1, 1, 0, 1, 2])
  return boxMean(sloped, width, height).map(Math.round)
}

/**
 * Canny's edges (1986) as OpenCV finds them: Sobel gradients, |dx| + |dy|, thinning in four directions, and weak
 * edges kept where they touch strong ones.
 * @returns 1 on an edge
 */
function cannyEdges(image: Uint8Array, width: number, height: number, low: number, high: number): Uint8Array {
  const dx = new Int32Array(image.length)
  const dy = new Int32Array(image.length)
  const strength = new Int32Array(image.length)
  for (let y = 0; y < height; y++) {
    const [up, down] = [Math.max(0, y - 1) * width, Math.min(height - 1, y + 1) * width]
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)]
      const row = y * width
      const [nw, n, ne] = [image[up + left]!, image[up + x]!, image[up + right]!]
      const [w, e] = [image[row + left]!, image[row + right]!]
      const [sw, s, se] = [image[down + left]!, image[down + x]!, image[down + right]!]
      dx[row + x] = ne + 2 * e + se - nw - 2 * w - sw
      dy[row + x] = sw + 2 * s + se - nw - 2 * n - ne
      strength[row + x] = Math.abs(dx[row + x]!) + Math.abs(dy[row + x]!)
    }
  }
  // Strengths with a border of zeros, so that no neighbour has to be looked for outside.
  const stride = width + 2
  const padded = new Int32Array(stride * (height + 2))
  for (let y = 0; y < height; y++)
    padded.set(strength.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1)
  const candidate = new Uint8Array(image.length)
  const open: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const here = strength[i]!
      if (here <= low || !isRidge(padded, (y + 1) * stride + x + 1, stride, dx[i]!, dy[i]!)) continue
      candidate[i] = 1
      if (here > high) open.push(i)
    }
  }
  const edges = new Uint8Array(image.length)
  for (const i of open) edges[i] = 1
  while (open.length > 0) {
    const i = open.pop()!
    const [y, x] = [Math.floor(i / width), i % width]
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const next = ny * width + nx
        if (candidate[next] === 1 && edges[next] === 0) {
          edges[next] = 1
          open.push(next)
        }
      }
    }
  }
  return edges
}

/** tan(22.5 degrees) with 15 bits of fraction. */
const TANGENT = 13573

/** Whether the strength at `i` is the greatest across the edge, in the nearest of four directions. */
function isRidge(strength: Int32Array, i: number, stride: number, dx: number, dy: number): boolean {
  const here = strength[i]!
  const flat = Math.abs(dx) * TANGENT
  const rise = Math.abs(dy) * 32768
  if (rise < flat) return here > strength[i - 1]! && here >= strength[i + 1]!
  if (rise > flat + Math.abs(dx) * 65536) return here > strength[i - stride]! && here >= strength[i + stride]!
  const side = (dx ^ dy) < 0 ? -1 : 1
  return here > strength[i - stride - side]! && here > strength[i + stride + side]!
}

/** Steps to a neighbour, a diagonal one and a knight's move (Borgefors 1986), with 16 bits of fraction. */
const [STRAIGHT, DIAGONAL, KNIGHT] = [65536, Math.round(1.4 * 65536), Math.round(2.1969 * 65536)]

/** Distance of every pixel to the nearest edge by a 5x5 mask, at most 20. */
function distanceToEdges(edges: Uint8Array, width: number, height: number): Float32Array {
  const border = 2
  const stride = width + 2 * border
  const far = 0x1fffffff
  const map = new Float64Array(stride * (height + 2 * border)).fill(far)
  const start = (y: number) => (y + border) * stride + border
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = start(y) + x
      const best = edges[y * width + x] === 1 ? 0 : far
      map[i] = best === 0 ? 0 : nearest(map, i, -stride, -1, best)
    }
  }
  const out = new Float32Array(width * height)
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const i = start(y) + x
      const best = nearest(map, i, stride, 1, map[i]!)
      map[i] = best
      out[y * width + x] = Math.min(20, best / 65536)
    }
  }
  return out
}

/** The least of `best` and the ways over the neighbours that lie `row` and `column` from `i`. */
function nearest(map: Float64Array, i: number, row: number, column: number, best: number): number {
  const straight = Math.min(map[i + column]!, map[i + row]!) + STRAIGHT
  const diagonal = Math.min(map[i + row + column]!, map[i + row - column]!) + DIAGONAL
  const far = Math.min(map[i + row + 2 * column]!, map[i + row - 2 * column]!)
  const steep = Math.min(map[i + 2 * row + column]!, map[i + 2 * row - column]!)
  return Math.min(best, straight, diagonal, Math.min(far, steep) + KNIGHT)
}

/** Means of 3x3 pixels, not rounded. */
function boxMean(image: Float32Array | Uint8Array, width: number, height: number): Float32Array {
  const out = new Float32Array(image.length)
  const columns = new Float64Array(width)
  for (let y = 0; y < height; y++) {
    const [up, down] = [mirroredOnce(y - 1, height) * width, mirroredOnce(y + 1, height) * width]
    const row = y * width
    for (let x = 0; x < width; x++) columns[x] = image[up + x]! + image[row + x]! + image[down + x]!
    for (let x = 0; x < width; x++)
      out[row + x] =
        (columns[mirroredOnce(x - 1, width)]! + columns[x]! + columns[mirroredOnce(x + 1, width)]!) / 9
  }
  return out
}

/** Levels spread so that each is about as frequent as the next. */
function equalised(image: Uint8Array): Uint8Array {
  const counts = new Uint32Array(256)
  for (const level of image) counts[level]! += 1
  const first = counts.findIndex(count => count > 0)
  const rest = image.length - counts[first]!
  if (rest === 0) return image
  const scale = Math.fround(255 / rest)
  let sum = 0
  const table = counts.map((count, level) => {
    if (level > first) sum += count
    return Math.round(Math.fround(sum * scale))
  })
  return image.map(level => table[level]!)
}

/** 3x3 weights, row by row, over the pixel's surroundings, limited to bytes. */
function filter3x3(image: Uint8Array, width: number, height: number, weights: readonly number[]): Uint8Array {
  const out = new Uint8ClampedArray(image.length)
  for (let y = 0; y < height; y++) {
    const [up, row, down] = [
      mirroredOnce(y - 1, height) * width,
      y * width,
      mirroredOnce(y + 1, height) * width,
    ]
    for (let x = 0; x < width; x++) {
      const [left, right] = [mirroredOnce(x - 1, width), mirroredOnce(x + 1, width)]
      out[row + x] =
        weights[0]! * image[up + left]! +
        weights[1]! * image[up + x]! +
        weights[2]! * image[up + right]! +
        weights[3]! * image[row + left]! +
        weights[4]! * image[row + x]! +
        weights[5]! * image[row + right]! +
        weights[6]! * image[down + left]! +
        weights[7]! * image[down + x]! +
        weights[8]! * image[down + right]!
    }
  }
  return new Uint8Array(out.buffer)
}
