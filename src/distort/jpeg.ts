// An image written as JPEG and read again, without the file: colour, subsampling, DCT and quantisation lose something,
// entropy coding does not, and is left out. This gives the bytes of libjpeg(-turbo) as Pillow calls it (baseline,
// 4:2:0, integer DCT), in browsers too, whose own encoders take no quality of libjpeg's scale. What is done to the
// planes is assembly/jpeg.ts; here its memory is laid out.

import type { Pixels } from '../image/pixels.ts'
import { wasmModule } from '../image/wasm-module.ts'
import { rgbLike } from './corruption.ts'
import { jpegWasm } from './jpeg-wasm.ts'

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

const roundUp = (size: number, unit: number) => Math.ceil(size / unit) * unit
// The module reads and writes 16 pixels at a time.
const SPARE = 48

/**
 * `image` (RGB, each side at least 5 pixels) after JPEG.
 * @param quality 1 to 100, on libjpeg's scale
 * @throws InputError when the image does not fit into the memory that WebAssembly can address
 */
export function jpegRoundTrip(image: Pixels, quality: number): Pixels {
  const { width, height, data } = image
  const [wide, tall] = [roundUp(width, 16), roundUp(height, 16)]
  let used = 0
  const place = (bytes: number) => {
    const at = used
    used = roundUp(used + bytes + SPARE, 16)
    return at
  }
  const tables = [lumaTable, chromaTable].map(table => ({
    table,
    units: place(128),
    reciprocals: place(256),
  }))
  const block = place(128)
  const sums = place(4 * wide + 128)
  const luma = place(wide * tall)
  const chroma = [0, 1].map(() => ({ full: place(wide * height), half: place((wide * tall) / 4) }))
  const source = place(data.length)
  const target = place(data.length)

  const { memory, separate, halve, throughBlocks, join } = jpegWith(used)
  const bytes = new Uint8Array(memory.buffer)
  bytes.set(data, source)
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality
  for (const { table, units, reciprocals } of tables) {
    for (let i = 0; i < 64; i++) {
      const unit = Math.max(1, Math.min(255, Math.floor((table[i]! * scale + 50) / 100)))
      new Int16Array(memory.buffer, units)[i] = unit
      new Float32Array(memory.buffer, reciprocals)[i] = 1 / (8 * unit)
    }
  }
  const [forLuma, forChroma] = [tables[0]!, tables[1]!]
  const [blue, red] = [chroma[0]!, chroma[1]!]
  separate(source, width, height, wide, tall, luma, blue.full, red.full)
  throughBlocks(luma, wide, tall, forLuma.units, forLuma.reciprocals, block)
  for (const { full, half } of chroma) {
    halve(full, wide, height, half, tall / 2)
    throughBlocks(half, wide / 2, tall / 2, forChroma.units, forChroma.reciprocals, block)
  }
  join(luma, blue.half, red.half, wide, width, height, sums, target)
  return rgbLike(image, bytes.slice(target, target + data.length))
}

interface Jpeg {
  readonly separate: (
    source: number,
    width: number,
    height: number,
    wide: number,
    tall: number,
    luma: number,
    blue: number,
    red: number,
  ) => void
  readonly halve: (plane: number, wide: number, height: number, target: number, tall: number) => void
  readonly throughBlocks: (
    plane: number,
    width: number,
    height: number,
    units: number,
    reciprocals: number,
    block: number,
  ) => void
  readonly join: (
    luma: number,
    blue: number,
    red: number,
    wide: number,
    width: number,
    height: number,
    sums: number,
    target: number,
  ) => void
  readonly memory: WebAssembly.Memory
}

// Sizes of planes are signed 32-bit numbers: half of what WebAssembly can address.
const jpegWith = wasmModule<Jpeg>(jpegWasm, 'compressing', 32_767)
