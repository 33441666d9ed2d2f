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
  return boxMean(sloped(even, width, height), width, height).map(Math.round)
}

/**
 * Canny's edges (1986) as OpenCV finds them: Sobel gradients, |dx| + |dy|, thinning in four directions, and weak
 * edges kept where they touch strong ones.
 * @returns 1 on an edge
 */
function cannyEdges(image: Uint8Array, width: number, height: number, low: number, high: number): Uint8Array {
  // Strengths with a border of zeros, so that no neighbour has to be looked for outside.
  const stride = width + 2
  const strength = new Int32Array(stride * (height + 2))
  const dx = new Int16Array(image.length)
  const dy = new Int16Array(image.length)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const up = Math.max(0, y - 1) * width
    const down = Math.min(height - 1, y + 1) * width
    for (let x = 0; x < width; x++) {
      const left = x === 0 ? 0 : x - 1
      const right = x === width - 1 ? x : x + 1
      const falling = image[down + right]! - image[up + left]!
      const rising = image[up + right]! - image[down + left]!
      const across = falling + rising + 2 * (image[row + right]! - image[row + left]!)
      const along = falling - rising + 2 * (image[down + x]! - image[up + x]!)
      dx[row + x] = across
      dy[row + x] = along
      strength[(y + 1) * stride + x + 1] = Math.abs(across) + Math.abs(along)
    }
  }
  const candidate = new Uint8Array(image.length)
  const open: number[] = []
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = (y + 1) * stride + 1; x < width; x++, i++, at++) {
      const here = strength[at]!
      if (here <= low || !isRidge(strength, at, stride, dx[i]!, dy[i]!)) continue
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
  const map = new Int32Array(stride * (height + 2 * border)).fill(far)
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * width, at = (y + border) * stride + border; x < width; x++, i++, at++) {
      map[at] = edges[i] === 1 ? 0 : Math.min(far, nearest(map, at, -stride, -1))
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const at = (y + border) * stride + border + x
      const here = map[at]!
      const best = here === 0 ? 0 : Math.min(here, nearest(map, at, stride, 1))
      map[at] = best
      out[y * width + x] = Math.min(20, best / 65536)
    }
  }
  return out
}

/** The shortest way over the neighbours that lie `row` and `column` from `i`. */
function nearest(map: Int32Array, i: number, row: number, column: number): number {
  const straight = Math.min(map[i + column]!, map[i + row]!)
  const diagonal = Math.min(map[i + row + column]!, map[i + row - column]!)
  const far = Math.min(map[i + row + 2 * column]!, map[i + row - 2 * column]!)
  const steep = Math.min(map[i + 2 * row + column]!, map[i + 2 * row - column]!)
  return Math.min(straight + STRAIGHT, diagonal + DIAGONAL, Math.min(far, steep) + KNIGHT)
}

/** Means of 3x3 pixels, not rounded. */
function boxMean(image: Float32Array | Uint8Array, width: number, height: number): Float32Array {
  const out = new Float32Array(image.length)
  // Sums of columns, mirrored at both ends.
  const columns = new Float64Array(width + 2)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const up = mirroredOnce(y - 1, height) * width
    const down = mirroredOnce(y + 1, height) * width
    for (let x = 0; x < width; x++) columns[x + 1] = image[up + x]! + image[row + x]! + image[down + x]!
    columns[0] = columns[mirroredOnce(-1, width) + 1]!
    columns[width + 1] = columns[mirroredOnce(width, width) + 1]!
    for (let x = 0; x < width; x++) out[row + x] = (columns[x]! + columns[x + 1]! + columns[x + 2]!) / 9
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

/** The slope from the upper left to the lower right, over the pixel's surroundings, limited to bytes. */
function sloped(image: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8ClampedArray(image.length)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const up = mirroredOnce(y - 1, height) * width
    const down = mirroredOnce(y + 1, height) * width
    for (let x = 0; x < width; x++) {
      const left = x === 0 ? mirroredOnce(-1, width) : x - 1
      const right = x === width - 1 ? mirroredOnce(width, width) : x + 1
      const before = 2 * image[up + left]! + image[up + x]! + image[row + left]!
      const after = 2 * image[down + right]! + image[down + x]! + image[row + right]!
      out[row + x] = after - before + image[row + x]!
    }
  }
  return new Uint8Array(out.buffer)
}
