// Gaussian smoothing as SciPy's `gaussian_filter` computes it (same taps, same order of sums), since the peers'
// corruptions and edge maps are built on it and cut fractions off afterwards.

/** Rows of interleaved channels, `[height, width, channels]`. */
export interface Plane {
  readonly data: Float64Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

export interface GaussianOptions {
  /** The kernel ends after so many standard deviations, default 4. */
  readonly truncate?: number
  /**
   * What lies outside: the border's value (`nearest`, the default), the picture mirrored with its border repeated
   * (`reflect`), or a number.
   */
  readonly border?: 'nearest' | 'reflect' | number
}

/** @param sigma standard deviation in pixels, along y and x or the same for both */
export function gaussianFilter(
  plane: Plane,
  sigma: number | readonly [number, number],
  { truncate = 4, border = 'nearest' }: GaussianOptions = {},
): Plane {
  const [sigmaY, sigmaX] = typeof sigma === 'number' ? [sigma, sigma] : sigma
  const down = vertical(plane, gaussianTaps(sigmaY, truncate), border)
  return { ...plane, data: horizontal({ ...plane, data: down }, gaussianTaps(sigmaX, truncate), border) }
}

/** Weights at distance 0, 1, ... of a normalised kernel. */
export function gaussianTaps(sigma: number, truncate = 4): Float64Array {
  if (sigma <= 1e-15) return Float64Array.of(1)
  const radius = Math.floor(truncate * sigma + 0.5)
  const taps = Float64Array.from({ length: radius + 1 }, (_, d) => Math.exp((-0.5 / (sigma * sigma)) * d * d))
  let sum = 0
  for (let d = -radius; d <= radius; d++) sum += taps[Math.abs(d)]!
  return taps.map(tap => tap / sum)
}

/** Where position `i` of a line of `size` is read; -1 for outside. */
function place(i: number, size: number, border: 'nearest' | 'reflect' | number): number {
  if (i >= 0 && i < size) return i
  if (border === 'nearest') return i < 0 ? 0 : size - 1
  return border === 'reflect' ? mirrored(i, size) : -1
}

/** Position `i` of a line of `size` that goes on mirrored, its border repeated. */
export function mirrored(i: number, size: number): number {
  if (i >= 0 && i < size) return i
  const period = 2 * size
  const at = ((i % period) + period) % period
  return at < size ? at : period - 1 - at
}

function vertical(plane: Plane, taps: Float64Array, border: 'nearest' | 'reflect' | number): Float64Array {
  const { data, height } = plane
  const rowLength = plane.width * plane.channels
  const out = new Float64Array(data.length)
  const outside = new Float64Array(rowLength).fill(typeof border === 'number' ? border : 0)
  const rows = Array.from({ length: height }, (_, y) => data.subarray(y * rowLength, (y + 1) * rowLength))
  const row = (y: number) => rows[place(y, height, border)] ?? outside
  for (let y = 0; y < height; y++) {
    const to = out.subarray(y * rowLength, (y + 1) * rowLength)
    scaled(to, rows[y]!, taps[0]!)
    let d = taps.length - 1
    for (; d >= 2; d -= 2) {
      addFour(to, taps[d]!, row(y - d), row(y + d), taps[d - 1]!, row(y - d + 1), row(y + d - 1))
    }
    if (d === 1) addTwo(to, taps[1]!, row(y - 1), row(y + 1))
  }
  return out
}

function horizontal(plane: Plane, taps: Float64Array, border: 'nearest' | 'reflect' | number): Float64Array {
  const { data, height, width, channels } = plane
  const radius = taps.length - 1
  const rowLength = width * channels
  const reach = radius * channels
  const out = new Float64Array(data.length)
  // One row with its surroundings: every output is then a sum at fixed distances.
  const wide = new Float64Array(rowLength + 2 * reach).fill(typeof border === 'number' ? border : 0)
  for (let y = 0; y < height; y++) {
    wide.set(data.subarray(y * rowLength, (y + 1) * rowLength), reach)
    for (let d = 1; d <= radius; d++) {
      const [before, after] = [place(-d, width, border), place(width - 1 + d, width, border)]
      if (before < 0) break
      for (let c = 0; c < channels; c++) {
        wide[reach - d * channels + c] = wide[reach + before * channels + c]!
        wide[reach + (width - 1 + d) * channels + c] = wide[reach + after * channels + c]!
      }
    }
    const to = out.subarray(y * rowLength, (y + 1) * rowLength)
    const at = (d: number) => wide.subarray(reach + d * channels, reach + d * channels + rowLength)
    scaled(to, at(0), taps[0]!)
    let d = radius
    for (; d >= 2; d -= 2) addFour(to, taps[d]!, at(-d), at(d), taps[d - 1]!, at(1 - d), at(d - 1))
    if (d === 1) addTwo(to, taps[1]!, at(-1), at(1))
  }
  return out
}

function scaled(to: Float64Array, a: Float64Array, weight: number): void {
  for (let i = 0; i < to.length; i++) to[i] = a[i]! * weight
}

function addTwo(to: Float64Array, weight: number, a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + (a[i]! + b[i]!) * weight
}

function addFour(
  to: Float64Array,
  outer: number,
  a: Float64Array,
  b: Float64Array,
  inner: number,
  c: Float64Array,
  d: Float64Array,
): void {
  for (let i = 0; i < to.length; i++) {
    to[i] = to[i]! + (a[i]! + b[i]!) * outer + (c[i]! + d[i]!) * inner
  }
}
