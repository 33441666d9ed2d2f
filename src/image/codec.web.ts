// Image files in browsers, through the browser's own decoders. Colour profiles are not applied and pictures are
// not turned by EXIF, as in Node. Two things a browser cannot do as exactly: a canvas holds colours multiplied
// with alpha, so pixels that are nearly transparent lose precision; and its JPEG decoder may differ by a level.

import { InputError } from '../errors/input-error.ts'
import { type Pixels, pixels } from './pixels.ts'

/**
 * Decodes a file of any format the browser knows to RGB; alpha is dropped.
 * @param what how error messages call the file
 * @throws InputError naming `what` when the browser cannot decode it.
 */
export async function decodeImage(bytes: Uint8Array, what = 'image'): Promise<Pixels> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(new Blob([withoutOrientation(bytes)]), {
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
    })
  } catch (error) {
    throw new InputError(`${what}: damaged, or not an image that this browser reads`, { cause: error })
  }
  try {
    const { width, height } = bitmap
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
    if (!context)
      throw new InputError(`${what}: ${width}x${height} is too large for a canvas of this browser`)
    context.drawImage(bitmap, 0, 0)
    const { data } = context.getImageData(0, 0, width, height)
    const rgb = new Uint8Array(width * height * 3)
    for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
      rgb[to] = data[from]!
      rgb[to + 1] = data[from + 1]!
      rgb[to + 2] = data[from + 2]!
    }
    return pixels(width, height, 3, rgb)
  } finally {
    bitmap.close()
  }
}

/**
 * A copy of a JPEG file without its EXIF segments, which is where it says that it should be turned: browsers turn
 * it whatever they are asked. Other files are copied as they are.
 */
function withoutOrientation(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes)
  if (copy[0] !== 0xff || copy[1] !== 0xd8) return copy
  // Segments are FF, a marker, a length that counts itself; pictures begin after SOS (DA).
  for (let at = 2; at + 4 <= copy.length && copy[at] === 0xff && copy[at + 1] !== 0xda; ) {
    const length = copy[at + 2]! * 256 + copy[at + 3]!
    // APP1 (E1) becomes a comment (FE): every place in the file stays as it is.
    if (copy[at + 1] === 0xe1) copy[at + 1] = 0xfe
    at += 2 + length
  }
  return copy
}
