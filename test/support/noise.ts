// The pseudo-noise image of scripts/fixtures/resize.py: both sides compute it, so that no picture need be kept.

import { type Pixels, pixels } from '../../src/image/pixels.ts'

/** 8-bit noise in coarse blocks; the same formula as `noise` in scripts/fixtures/resize.py. */
export function noise(width: number, height: number, channels: 1 | 3): Pixels {
  const data = new Uint8Array(width * height * channels)
  const product = (n: number, prime: number) => Math.imul(n, prime) >>> 0
  let to = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const tint = product(c, 3266489917)
        const fine = (product(x, 2654435761) + product(y, 2246822519) + tint) >>> 0
        const block = [Math.floor(x / 5), Math.floor(y / 5)] as const
        const coarse = (product(block[0], 668265263) + product(block[1], 374761393) + tint) >>> 0
        data[to++] = ((fine >>> 16) & 15) + ((coarse >>> 16) & 240)
      }
    }
  }
  return pixels(width, height, channels, data)
}
