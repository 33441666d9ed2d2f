// Brings a unit's activation map to the size of a concept mask: bilinear interpolation between the points of
// the image at which the unit's receptive fields are centred.

/** Where the cells of a map lie along one axis of the mask: cell i at `start + i x step` (in mask pixels). */
export interface AxisGeometry {
  readonly start: number
  readonly step: number
}

/** For each mask pixel of one axis: the two cells to mix and the share of the second. */
export interface AxisWeights {
  readonly low: Int32Array
  readonly high: Int32Array
  readonly share: Float64Array
}

/**
 * Interpolation weights for `size` mask pixels over `cells` map cells. Pixels outside the first and last
 * centre take that cell's value.
 */
export function axisWeights(geometry: AxisGeometry, cells: number, size: number): AxisWeights {
  const low = new Int32Array(size)
  const high = new Int32Array(size)
  const share = new Float64Array(size)
  for (let pixel = 0; pixel < size; pixel++) {
    const place = Math.min(Math.max((pixel - geometry.start) / geometry.step, 0), cells - 1)
    const cell = Math.min(Math.floor(place), cells - 1)
    low[pixel] = cell
    high[pixel] = Math.min(cell + 1, cells - 1)
    share[pixel] = place - cell
  }
  return { low, high, share }
}

/**
 * NetDissect-Lite's geometry for a map of `cells` cells over an image of `imageSize` pixels whose mask is
 * `imageSize / reduction` pixels wide: cells are taken to tile the image, whatever the network's padding.
 */
export function tiledGeometry(imageSize: number, cells: number, reduction: number): AxisGeometry {
  const field = imageSize / cells
  return {
    start: Math.floor(Math.floor(field / 2) / reduction),
    step: Math.floor(field / reduction),
  }
}

/**
 * Interpolates `map[offset..]` (`[rows.cells, columns.cells]`, row-major, `width` cells a row) at every mask
 * pixel into `out` `[h, w]`.
 */
export function upsample(
  map: Float32Array,
  offset: number,
  width: number,
  rows: AxisWeights,
  columns: AxisWeights,
  out: Float32Array,
): void {
  const h = rows.low.length
  const w = columns.low.length
  for (let y = 0; y < h; y++) {
    const top = offset + rows.low[y]! * width
    const bottom = offset + rows.high[y]! * width
    const down = rows.share[y]!
    for (let x = 0; x < w; x++) {
      const left = columns.low[x]!
      const right = columns.high[x]!
      const across = columns.share[x]!
      const above = map[top + left]! + (map[top + right]! - map[top + left]!) * across
      const below = map[bottom + left]! + (map[bottom + right]! - map[bottom + left]!) * across
      out[y * w + x] = above + (below - above) * down
    }
  }
}
