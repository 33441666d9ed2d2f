// Brings a unit's activation map to the size of a concept mask: bilinear interpolation between the points of
// the image at which the unit's receptive fields are centred. Only what lies above a level is asked for, and a
// map is above its level in few places: what cannot be is never interpolated.

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
  /** Pixels `first[cell]` to `first[cell + 1]` have `cell` as their lower one. */
  readonly first: Int32Array
}

/**
 * Interpolation weights for `size` mask pixels over `cells` map cells. Pixels outside the first and last
 * centre take that cell's value.
 */
export function axisWeights(geometry: AxisGeometry, cells: number, size: number): AxisWeights {
  const low = new Int32Array(size)
  const high = new Int32Array(size)
  const share = new Float64Array(size)
  const first = new Int32Array(cells + 1).fill(size)
  for (let pixel = size - 1; pixel >= 0; pixel--) {
    const place = Math.min(Math.max((pixel - geometry.start) / geometry.step, 0), cells - 1)
    const cell = Math.min(Math.floor(place), cells - 1)
    low[pixel] = cell
    high[pixel] = Math.min(cell + 1, cells - 1)
    share[pixel] = place - cell
    first[cell] = pixel
  }
  // A cell that no pixel has as its lower one begins and ends where the next one begins.
  for (let cell = cells - 1; cell >= 0; cell--) first[cell] = Math.min(first[cell]!, first[cell + 1]!)
  return { low, high, share, first }
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
 * Finds the mask pixels at which the interpolated `map[offset..]` (row-major, `width` cells a row) is above
 * `level`.
 * @param out receives their places in the mask, row-major, in no particular order
 * @returns how many there are
 */
export function pixelsAbove(
  map: Float32Array,
  offset: number,
  width: number,
  rows: AxisWeights,
  columns: AxisWeights,
  level: number,
  out: Int32Array,
): number {
  const maskWidth = columns.low.length
  const height = rows.first.length - 1
  let count = 0
  for (let r = 0; r < height; r++) {
    const top = offset + r * width
    const bottom = offset + Math.min(r + 1, height - 1) * width
    const [firstRow, lastRow] = [rows.first[r]!, rows.first[r + 1]!]
    if (firstRow === lastRow) continue
    let left = map[top]! > level || map[bottom]! > level
    for (let c = 0; c < width; c++) {
      const next = Math.min(c + 1, width - 1)
      // A mean is above the level only where one of the four cells is.
      const right = map[top + next]! > level || map[bottom + next]! > level
      if (left || right) {
        const [a, b] = [map[top + c]!, map[top + next]!]
        const [d, e] = [map[bottom + c]!, map[bottom + next]!]
        for (let y = firstRow; y < lastRow; y++) {
          const down = rows.share[y]!
          for (let x = columns.first[c]!; x < columns.first[c + 1]!; x++) {
            const across = columns.share[x]!
            const above = a + (b - a) * across
            const below = d + (e - d) * across
            if (above + (below - above) * down > level) out[count++] = y * maskWidth + x
          }
        }
      }
      left = right
    }
  }
  return count
}
