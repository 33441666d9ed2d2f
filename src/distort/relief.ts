// Where water on a lens gleams: a relief from the distance to the edges of its splashes. Each step follows OpenCV's
// 8-bit arithmetic, since the package's `spatter` chains them and a level lost in one shows in all that follow.

/**
 * How bright water is at every pixel, 0 to 255.
 * @param depth `[height, width]`, 0 where there is no water
 */
export function waterRelief(depth: Uint8Array, width: number, height: number): Float32Array {
  const distance = distanceToEdges(cannyEdges(depth, width, height, 50, 150), width, height)
  const near = Uint8Array.from(boxMean(distance, width, height))
  const even = equalised(near)
  const sloped = filter3x3(even, width, height, [-2, -1, 0, -1, 1, 1, 0, 1, 2])
  return Float32Array.from(boxMean(sloped, width, height), Math.round)
}

/** Position `i` of a line of `size` that goes on mirrored, its border not repeated; `i` from -1 to `size`. */
const mirrored = (i: number, size: number) =>
  i < 0 ? Math.min(1, size - 1) : i < size ? i : Math.max(0, size - 2)

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
  const at = (y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : strength[y * width + x]!
  const candidate = new Uint8Array(image.length)
  const open: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const here = strength[i]!
      if (here <= low || !isRidge(here, dx[i]!, dy[i]!, y, x, at)) continue
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

function isRidge(
  here: number,
  dx: number,
  dy: number,
  y: number,
  x: number,
  at: (y: number, x: number) => number,
): boolean {
  const flat = Math.abs(dx) * TANGENT
  const rise = Math.abs(dy) * 32768
  if (rise < flat) return here > at(y, x - 1) && here >= at(y, x + 1)
  if (rise > flat + Math.abs(dx) * 65536) return here > at(y - 1, x) && here >= at(y + 1, x)
  const side = (dx ^ dy) < 0 ? -1 : 1
  return here > at(y - 1, x - side) && here > at(y + 1, x + side)
}

/** Steps to a neighbour, a diagonal one and a knight's move (Borgefors 1986), with 16 bits of fraction. */
const [STRAIGHT, DIAGONAL, KNIGHT] = [65536, Math.round(1.4 * 65536), Math.round(2.1969 * 65536)]

/** Distance of every pixel to the nearest edge by a 5x5 mask, at most 20. */
function distanceToEdges(edges: Uint8Array, width: number, height: number): Float32Array {
  const border = 2
  const stride = width + 2 * border
  const far = 0x1fffffff
  const map = new Float64Array(stride * (height + 2 * border)).fill(far)
  const steps: readonly (readonly [offset: number, cost: number])[] = [
    [-1, STRAIGHT],
    [-stride, STRAIGHT],
    [-stride - 1, DIAGONAL],
    [-stride + 1, DIAGONAL],
    [-stride - 2, KNIGHT],
    [-stride + 2, KNIGHT],
    [-2 * stride - 1, KNIGHT],
    [-2 * stride + 1, KNIGHT],
  ]
  const start = (y: number) => (y + border) * stride + border
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = start(y) + x
      let best = edges[y * width + x] === 1 ? 0 : far
      if (best > 0) for (const [offset, cost] of steps) best = Math.min(best, map[i + offset]! + cost)
      map[i] = best
    }
  }
  const out = new Float32Array(width * height)
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const i = start(y) + x
      let best = map[i]!
      for (const [offset, cost] of steps) best = Math.min(best, map[i - offset]! + cost)
      map[i] = best
      out[y * width + x] = Math.min(20, best / 65536)
    }
  }
  return out
}

/** Means of 3x3 pixels, not rounded. */
function boxMean(image: Float32Array | Uint8Array, width: number, height: number): Float32Array {
  const out = new Float32Array(image.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let dy = -1; dy <= 1; dy++) {
        const row = mirrored(y + dy, height) * width
        for (let dx = -1; dx <= 1; dx++) sum += image[row + mirrored(x + dx, width)]!
      }
      out[y * width + x] = sum / 9
    }
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
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let k = 0; k < 9; k++) {
        const row = mirrored(y + Math.floor(k / 3) - 1, height) * width
        sum += weights[k]! * image[row + mirrored(x + (k % 3) - 1, width)]!
      }
      out[y * width + x] = sum
    }
  }
  return new Uint8Array(out.buffer)
}
