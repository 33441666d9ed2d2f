// An image written as JPEG and read again, without the file: colour, subsampling, DCT and quantisation lose something,
// entropy coding does not, and is left out. This gives the bytes of libjpeg(-turbo) as Pillow calls it (baseline,
// 4:2:0, integer DCT), in browsers too, whose own encoders take no quality of libjpeg's scale.

import type { Pixels } from '../../image/pixels.ts'
import { rgbLike } from '../corruption.ts'
import { type Component, joined, separate } from './chroma.ts'
import { forwardDct, inverseDct } from './dct.ts'

// ITU-T T.81, tables K.1 and K.2.
// biome-ignore format: rows of a matrix
const lumaTable = [
  16, 11, 10, 16, 24, 40, 51, 61,
  12, 12, 14, 19, 26, 58, 60, 55,
  14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77,
  24, 35, 55, 64, 81, 104, 113, 92,
  49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
]
// biome-ignore format: rows of a matrix
const chromaTable = [
  17, 18, 24, 47, 99, 99, 99, 99,
  18, 21, 26, 66, 99, 99, 99, 99,
  24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99,
]

/**
 * `image` (RGB, each side at least 5 pixels) after JPEG.
 * @param quality 1 to 100, on libjpeg's scale
 */
export function jpegRoundTrip(image: Pixels, quality: number): Pixels {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality
  const atQuality = (table: readonly number[]) =>
    Int32Array.from(table, entry => Math.max(1, Math.min(255, Math.floor((entry * scale + 50) / 100))))
  const components = separate(image)
  quantise(components.luma, atQuality(lumaTable))
  quantise(components.blue, atQuality(chromaTable))
  quantise(components.red, atQuality(chromaTable))
  const data = joined(components, image.width, image.height)
  return rgbLike(image, new Uint8Array(data.buffer))
}

/** Every block of `component` by way of its quantised DCT, in place. */
function quantise({ data, width, height }: Component, table: Int32Array): void {
  const block = new Int32Array(64)
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const start = top * width + left
      for (let y = 0, from = start, i = 0; y < 8; y++, from += width) {
        for (let x = 0; x < 8; x++, i++) block[i] = data[from + x]! - 128
      }
      forwardDct(block)
      if (roundToTable(block, table)) inverseDct(block)
      // Nothing but the mean is left of the block: what the inverse makes of it is the same everywhere.
      else block.fill((((block[0]! << 2) + 16) >> 5) | 0)
      for (let y = 0, to = start, i = 0; y < 8; y++, to += width) {
        for (let x = 0; x < 8; x++, i++) {
          const value = block[i]! + 128
          data[to + x] = value < 0 ? 0 : value > 255 ? 255 : value
        }
      }
    }
  }
}

/** Rounds coefficients (scaled by 8) to multiples of the table. Returns whether any but the first is left. */
function roundToTable(block: Int32Array, table: Int32Array): boolean {
  let rest = 0
  for (let i = 0; i < 64; i++) {
    const coefficient = block[i]!
    const unit = table[i]!
    const size = coefficient < 0 ? -coefficient : coefficient
    let level = 0
    // Half a unit, in eighths; less rounds to 0, as most coefficients do.
    if (size >= unit << 2) {
      level = Math.trunc((size + (unit << 2)) / (unit << 3)) * unit
      if (coefficient < 0) level = -level
      if (i > 0) rest |= level
    }
    block[i] = level
  }
  return rest !== 0
}
