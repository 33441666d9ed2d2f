// Ice on the window: a picture of frost is laid over the image.

import { InputError } from '../../errors/input-error.ts'
import { type Pixels, toRgb } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity } from '../corruption.ts'
import { proceduralFrost } from '../procedural-frost.ts'

/** Weights of the image and of the frost. */
const settings: readonly (readonly [number, number])[] = [
  [1, 0.4],
  [0.8, 0.6],
  [0.7, 0.7],
  [0.65, 0.7],
  [0.6, 0.75],
]

/**
 * ImageNet-C's `frost`, a random part of one of `overlays` (default: {@link proceduralFrost}). The package draws among
 * the first five of its six photographs: given those five, in the order of their names, this is the same function.
 * @throws InputError when there are no overlays
 */
export function frost(
  image: Pixels,
  severity: Severity,
  draws: Draws,
  overlays: readonly Pixels[] = proceduralFrost(),
): Pixels {
  if (overlays.length === 0) throw new InputError('frost needs at least one overlay, found none')
  const [kept, iced] = settings[severity - 1]!
  const { width, height, data } = image
  const overlay = toRgb(overlays[draws.integer(overlays.length)]!)
  const fitting = Math.max(1, height / overlay.height, width / overlay.width) * 1.1
  const [tall, wide] = [Math.ceil(overlay.height * fitting), Math.ceil(overlay.width * fitting)]
  const top = draws.integer(tall - height)
  const left = draws.integer(wide - width)
  const rows = cubicLine(overlay.height, tall, top, height)
  const columns = cubicLine(overlay.width, wide, left, width)
  const ice = enlargedPart(overlay, rows, columns)
  const out = new Uint8Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = Math.min(255, kept * data[i]! + iced * ice[i]!)
  return rgbLike(image, out)
}

/** Four source positions and their weights (11 bits of fraction) for each position of a resized line. */
interface CubicLine {
  readonly length: number
  readonly position: Int32Array
  readonly weight: Int32Array
}

/** Positions `first` on, `length` of them, of a line of `size` resized to `newSize`: OpenCV's cubic (a = -0.75). */
function cubicLine(size: number, newSize: number, first: number, length: number): CubicLine {
  const a = -0.75
  const scale = 1 / (newSize / size)
  const position = new Int32Array(4 * length)
  const weight = new Int32Array(4 * length)
  for (let i = 0; i < length; i++) {
    const at = Math.fround((first + i + 0.5) * scale - 0.5)
    const floor = Math.floor(at)
    const x = at - floor
    const taps = [
      ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a,
      ((a + 2) * x - (a + 3)) * x * x + 1,
      ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1,
    ]
    taps.push(1 - taps[0]! - taps[1]! - taps[2]!)
    for (let k = 0; k < 4; k++) {
      position[4 * i + k] = Math.max(0, Math.min(size - 1, floor - 1 + k))
      weight[4 * i + k] = Math.round(taps[k]! * 2048)
    }
  }
  return { length, position, weight }
}

/** The part of the resized `overlay` that the lines describe, `[rows, columns, 3]`. */
function enlargedPart(overlay: Pixels, rows: CubicLine, columns: CubicLine): Uint8ClampedArray {
  const { data, width } = overlay
  const firstRow = rows.position[0]!
  const lastRow = rows.position.at(-1)!
  const rowLength = columns.length * 3
  const middle = new Int32Array((lastRow - firstRow + 1) * rowLength)
  for (let y = firstRow, to = 0; y <= lastRow; y++) {
    const row = y * width
    for (let x = 0; x < columns.length; x++) {
      for (let channel = 0; channel < 3; channel++, to++) {
        let sum = 0
        for (let k = 4 * x; k < 4 * x + 4; k++)
          sum += data[3 * (row + columns.position[k]!) + channel]! * columns.weight[k]!
        middle[to] = sum
      }
    }
  }
  const out = new Uint8ClampedArray(rows.length * rowLength)
  for (let y = 0, to = 0; y < rows.length; y++) {
    const k = 4 * y
    const row = (tap: number) => (rows.position[k + tap]! - firstRow) * rowLength
    const [r0, r1, r2, r3] = [row(0), row(1), row(2), row(3)]
    const [w0, w1, w2, w3] = [rows.weight[k]!, rows.weight[k + 1]!, rows.weight[k + 2]!, rows.weight[k + 3]!]
    for (let i = 0; i < rowLength; i++, to++) {
      const sum = middle[r0 + i]! * w0 + middle[r1 + i]! * w1 + middle[r2 + i]! * w2 + middle[r3 + i]! * w3
      out[to] = Math.floor((sum + 2097152) / 4194304)
    }
  }
  return out
}
