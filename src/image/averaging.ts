// Weighted means of pixels along rows and columns, in WebAssembly SIMD: the inner loops of a resize. The module
// itself is assembly/averaging.ts; here its memory is laid out.

import { averagingWasm } from './averaging-wasm.ts'
import type { Pixels } from './pixels.ts'
import { wasmModule } from './wasm-module.ts'

/** Fractional bits of a weight, as in Pillow. */
export const PRECISION = 22
// The module multiplies 16-bit numbers: weights come as their upper and lower bits.
const SPLIT = 11

/** What each of `length` output positions along one axis is made of. */
export interface Taps {
  readonly length: number
  /** First source position of each output position, ascending. */
  readonly start: Int32Array
  /** Groups of four taps per output position. */
  readonly fours: number
  /** Per output position and group, the weights in the module's form. */
  readonly packed: Int32Array
  /** Source positions `first..end` are used. */
  readonly first: number
  readonly end: number
}

/**
 * @param start first source position per output position, ascending
 * @param weights per output position, in fixed point of {@link PRECISION} bits, below 4 in size
 */
export function packTaps(start: Int32Array, weights: readonly ArrayLike<number>[]): Taps {
  const fours = Math.ceil(weights.reduce((most, taps) => Math.max(most, taps.length), 1) / 4)
  const packed = new Int32Array(start.length * fours * 4)
  for (const [i, taps] of weights.entries()) {
    const at = i * fours * 4
    for (let k = 0; k < taps.length; k++) {
      const weight = taps[k]!
      const pair = at + 4 * (k >> 2) + ((k >> 1) & 1)
      const shift = 16 * (k & 1)
      packed[pair]! |= ((weight >> SPLIT) & 0xffff) << shift
      packed[pair + 2]! |= (weight & ((1 << SPLIT) - 1)) << shift
    }
  }
  const end = start.reduce((most, first, i) => Math.max(most, first + weights[i]!.length), 0)
  return { length: start.length, start, fours, packed, first: start[0] ?? 0, end }
}

/**
 * `image` averaged along both axes, `[rows.length, columns.length, channels]`. Between the passes, numbers are
 * rounded to bytes: their order shows in the last bit.
 * @throws InputError when the images do not fit into the 4 GB that WebAssembly can address
 */
export function average(image: Pixels, columns: Taps, rows: Taps, verticalFirst: boolean): Uint8Array {
  const { channels } = image
  const rowBytes = image.width * channels
  const outRowBytes = columns.length * channels
  const sourceRows = rows.end - rows.first
  const middleRowBytes = verticalFirst ? rowBytes : outRowBytes
  const middleRows = verticalFirst ? rows.length : sourceRows
  const outBytes = rows.length * outRowBytes
  // Groups of four may reach past the last tap: behind every image come as many rows (and a vector) that count 0.
  const beyond = (bytes: number) => 4 * rows.fours * bytes + 4 * columns.fours * channels + 16

  let used = 0
  const place = (bytes: number) => {
    const at = used
    used = Math.ceil((used + bytes) / 16) * 16
    return at
  }
  const at = {
    columnStart: place(columns.start.byteLength),
    columnWeights: place(columns.packed.byteLength),
    rowStart: place(rows.start.byteLength),
    rowWeights: place(rows.packed.byteLength),
    source: place(sourceRows * rowBytes + beyond(rowBytes)),
    middle: place(middleRows * middleRowBytes + beyond(middleRowBytes)),
    out: place(outBytes + 16),
  }
  const { memory, ...averager } = averagerWith(used)
  const bytes = new Uint8Array(memory.buffer)
  const write = (values: Int32Array, to: number) => new Int32Array(memory.buffer, to).set(values)
  write(
    columns.start.map(x => x * channels),
    at.columnStart,
  )
  write(columns.packed, at.columnWeights)
  write(
    rows.start.map(y => y - rows.first),
    at.rowStart,
  )
  write(rows.packed, at.rowWeights)
  bytes.set(image.data.subarray(rows.first * rowBytes, rows.end * rowBytes), at.source)

  const horizontal = channels === 3 ? averager.horizontalRgb : averager.horizontalGrey
  const alongRows = (from: number, fromBytes: number, count: number, to: number) =>
    horizontal(from, fromBytes, count, at.columnStart, at.columnWeights, columns.fours, to, columns.length)
  const alongColumns = (from: number, fromBytes: number, to: number) =>
    averager.vertical(from, fromBytes, at.rowStart, at.rowWeights, rows.fours, to, rows.length)
  if (verticalFirst) {
    alongColumns(at.source, rowBytes, at.middle)
    alongRows(at.middle, middleRowBytes, middleRows, at.out)
  } else {
    alongRows(at.source, rowBytes, sourceRows, at.middle)
    alongColumns(at.middle, middleRowBytes, at.out)
  }
  return bytes.slice(at.out, at.out + outBytes)
}

type PassAlongRows = (
  source: number,
  sourceBytes: number,
  rows: number,
  starts: number,
  weights: number,
  fours: number,
  target: number,
  width: number,
) => void

type PassAlongColumns = (
  source: number,
  rowBytes: number,
  starts: number,
  weights: number,
  fours: number,
  target: number,
  height: number,
) => void

interface Averager {
  readonly horizontalRgb: PassAlongRows
  readonly horizontalGrey: PassAlongRows
  readonly vertical: PassAlongColumns
  readonly memory: WebAssembly.Memory
}

const averagerWith = wasmModule<Averager>(averagingWasm, 'resizing', 65_535)
