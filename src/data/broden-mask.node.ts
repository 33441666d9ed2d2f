// A mask of concept numbers as Broden stores it: a PNG whose pixels hold the number as red + 256 x green.

import { encodePng } from '../image/codec.node.ts'
import { pixels } from '../image/pixels.ts'

/** The PNG of a map `[height, width]` of concept numbers. */
export function encodeMask(map: Uint16Array, height: number, width: number): Promise<Uint8Array> {
  const rgb = new Uint8Array(3 * map.length)
  for (const [i, number] of map.entries()) {
    rgb[3 * i] = number & 255
    rgb[3 * i + 1] = number >> 8
  }
  return encodePng(pixels(width, height, 3, rgb))
}
