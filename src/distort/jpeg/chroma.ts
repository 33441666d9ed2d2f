// Colour as JPEG keeps it: luma at full size, two chroma planes at half size, in the fixed-point arithmetic of
// libjpeg. Planes are padded to whole blocks by repeating borders.

import type { Pixels } from '../../image/pixels.ts'

/** One component, `[height, width]`, both multiples of 8. */
export interface Component {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Luma and the two chroma components of an RGB image. */
export interface Components {
  readonly luma: Component
  readonly blue: Component
  readonly red: Component
}

const HALF = 1 << 15
const OFFSET = (128 << 16) + HALF - 1
const fixed = (value: number) => Math.floor(value * 65536 + 0.5)
const [lumaRed, lumaGreen, lumaBlue] = [fixed(0.299), fixed(0.587), fixed(0.114)]
const [blueRed, blueGreen] = [fixed(0.16874), fixed(0.33126)]
const [redGreen, redBlue] = [fixed(0.41869), fixed(0.08131)]

const padded = (size: number, unit: number) => Math.ceil(size / unit) * unit

/** Colour conversion and 2x2 averaging of the chroma. */
export function separate({ data, width, height }: Pixels): Components {
  const [wide, tall] = [padded(width, 16), padded(height, 16)]
  const luma = new Uint8Array(wide * tall)
  const blue = new Uint8Array(wide * height)
  const red = new Uint8Array(wide * height)
  for (let y = 0, from = 0; y < height; y++) {
    let to = y * wide
    for (let x = 0; x < width; x++, from += 3, to++) {
      const [r, g, b] = [data[from]!, data[from + 1]!, data[from + 2]!]
      luma[to] = (lumaRed * r + lumaGreen * g + lumaBlue * b + HALF) >> 16
      blue[to] = (OFFSET - blueRed * r - blueGreen * g + (b << 15)) >> 16
      red[to] = (OFFSET - redGreen * g - redBlue * b + (r << 15)) >> 16
    }
    for (const plane of [luma, blue, red]) plane.fill(plane[to - 1]!, to, (y + 1) * wide)
  }
  for (let y = height; y < tall; y++) luma.copyWithin(y * wide, (height - 1) * wide, height * wide)
  return {
    luma: { data: luma, width: wide, height: tall },
    blue: halved(blue, wide, height, tall / 2),
    red: halved(red, wide, height, tall / 2),
  }
}

/** Means of 2x2 values, halves rounded down and up in turn. */
function halved(plane: Uint8Array, wide: number, height: number, tall: number): Component {
  const width = wide / 2
  const data = new Uint8Array(width * tall)
  const rows = Math.ceil(height / 2)
  for (let y = 0; y < rows; y++) {
    let upper = 2 * y * wide
    let lower = Math.min(height - 1, 2 * y + 1) * wide
    for (let x = 0, to = y * width; x < width; x++, to++, upper += 2, lower += 2) {
      const sum = plane[upper]! + plane[upper + 1]! + plane[lower]! + plane[lower + 1]!
      data[to] = (sum + 1 + (x & 1)) >> 2
    }
  }
  for (let y = rows; y < tall; y++) data.copyWithin(y * width, (rows - 1) * width, rows * width)
  return { data, width, height: tall }
}

const redOf = Int32Array.from({ length: 256 }, (_, v) => (fixed(1.402) * (v - 128) + HALF) >> 16)
const blueOf = Int32Array.from({ length: 256 }, (_, v) => (fixed(1.772) * (v - 128) + HALF) >> 16)
const greenOfBlue = Int32Array.from({ length: 256 }, (_, v) => -fixed(0.34414) * (v - 128))
const greenOfRed = Int32Array.from({ length: 256 }, (_, v) => -fixed(0.71414) * (v - 128) + HALF)

/** RGB again, `[height, width, 3]`; the chroma is enlarged by the triangle filter of libjpeg's default decoder. */
export function joined({ luma, blue, red }: Components, width: number, height: number): Uint8ClampedArray {
  const out = new Uint8ClampedArray(width * height * 3)
  const blueRow = new Uint8Array(blue.width * 2)
  const redRow = new Uint8Array(red.width * 2)
  for (let y = 0, to = 0; y < height; y++) {
    enlargedRow(blueRow, blue, y, width, height)
    enlargedRow(redRow, red, y, width, height)
    for (let x = 0, at = y * luma.width; x < width; x++, at++, to += 3) {
      const level = luma.data[at]!
      const [cb, cr] = [blueRow[x]!, redRow[x]!]
      out[to] = level + redOf[cr]!
      out[to + 1] = level + ((greenOfBlue[cb]! + greenOfRed[cr]!) >> 16)
      out[to + 2] = level + blueOf[cb]!
    }
  }
  return out
}

/** Row `y` of the image from a component of half size: 9, 3, 3 and 1 parts of the four values nearest. */
function enlargedRow(out: Uint8Array, half: Component, y: number, width: number, height: number): void {
  const rows = Math.ceil(height / 2)
  const columns = Math.ceil(width / 2)
  const near = y >> 1
  const far = Math.max(0, Math.min(rows - 1, near + (y & 1 ? 1 : -1)))
  const { data } = half
  const [nearRow, farRow] = [near * half.width, far * half.width]
  let last = 3 * data[nearRow]! + data[farRow]!
  let here = last
  for (let x = 0; x < columns; x++) {
    const following = Math.min(columns - 1, x + 1)
    const next = 3 * data[nearRow + following]! + data[farRow + following]!
    out[2 * x] = (3 * here + last + 8) >> 4
    out[2 * x + 1] = (3 * here + next + 7) >> 4
    last = here
    here = next
  }
}
