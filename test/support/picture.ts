// The input of the corruption fixtures, made by integers alone: scripts/fixtures/corruptions.py makes the same.

import { type Pixels, pixels } from '../../src/image/index.ts'

/** Slopes, a flat disc, a chequerboard and noise. */
export function testPicture(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) data.set(colourAt(x, y, width, height), i)
  }
  return pixels(width, height, 3, data)
}

function colourAt(x: number, y: number, width: number, height: number): readonly number[] {
  const radius = Math.floor((3 * height) / 4)
  if ((3 * x - width) ** 2 + (3 * y - height) ** 2 < radius ** 2) return [230, 40, 20]
  if (2 * x > width && 2 * y > height) return ((x >> 2) + (y >> 2)) & 1 ? [250, 235, 200] : [15, 10, 30]
  if (2 * x < width && 2 * y > height)
    return [0, 1, 2].map(c => (x * 73 + y * 151 + c * 199 + x * y * 7 + c * x * x * 3) % 256)
  const slope = (part: number, whole: number) => Math.floor((255 * part) / (whole - 1))
  return [slope(x, width), slope(y, height), slope(width - 1 - x, width)]
}

/** A stand-in for the package's frost photograph `index` (0 to 4). */
export function testOverlay(index: number): Pixels {
  const [height, width] = overlaySizes[index]!
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++, i++)
        data[i] = (x * (3 + index) + y * 5 + c * 40 + (Math.floor((x * y) / 7) % 90)) % 256
    }
  }
  return pixels(width, height, 3, data)
}

const overlaySizes: readonly (readonly [number, number])[] = [
  [90, 120],
  [250, 300],
  [40, 260],
  [260, 41],
  [300, 300],
]
