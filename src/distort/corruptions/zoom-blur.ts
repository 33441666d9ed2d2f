// The camera moves towards the scene: a mean over enlargements.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike, type Severity } from '../corruption.ts'
import { type ZoomLine, zoomLine } from '../zoom.ts'

/** Enlargements 1, 1 + step, ... below `end`. */
const ranges: readonly (readonly [end: number, step: number])[] = [
  [1.11, 0.01],
  [1.16, 0.01],
  [1.21, 0.02],
  [1.26, 0.02],
  [1.31, 0.03],
]

/** ImageNet-C's `zoom_blur`, in single precision as there. */
export function zoomBlur(image: Pixels, severity: Severity): Pixels {
  const [end, step] = ranges[severity - 1]!
  // NumPy's arange: so many terms, and the step as the second term leaves it after rounding.
  const count = Math.ceil((end - 1) / step)
  const exact = 1 + step - 1
  const { width, height } = image
  const values = new Float32Array(image.data.length)
  for (let i = 0; i < values.length; i++) values[i] = image.data[i]! / 255
  const sum = new Float32Array(values.length)
  for (let k = 0; k < count; k++) {
    const factor = 1 + k * exact
    addEnlarged(sum, values, zoomLine(height, factor), zoomLine(width, factor), height, width)
  }
  const out = new Uint8Array(values.length)
  for (let i = 0; i < out.length; i++) {
    const mean = Math.fround(Math.fround(values[i]! + sum[i]!) / (count + 1))
    out[i] = Math.fround(Math.min(1, mean) * 255)
  }
  return rgbLike(image, out)
}

function addEnlarged(
  sum: Float32Array,
  values: Float32Array,
  rows: ZoomLine,
  columns: ZoomLine,
  height: number,
  width: number,
): void {
  for (let y = 0; y < height; y++) {
    const row = rows.index[y]!
    if (row < 0) continue
    const low = rows.fraction[y]!
    const top = row * width * 3
    const bottom = Math.min(height - 1, row + 1) * width * 3
    for (let x = 0; x < width; x++) {
      const column = columns.index[x]!
      if (column < 0) continue
      const right = columns.fraction[x]!
      const [a, b, c, d] = [(1 - low) * (1 - right), (1 - low) * right, low * (1 - right), low * right]
      let at = 3 * (y * width + x)
      let upper = top + 3 * column
      let lower = bottom + 3 * column
      for (let channel = 0; channel < 3; channel++, at++, upper++, lower++) {
        sum[at]! += Math.fround(
          values[upper]! * a + values[upper + 3]! * b + values[lower]! * c + values[lower + 3]! * d,
        )
      }
    }
  }
}
