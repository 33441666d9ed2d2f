// Image files in Node, through sharp (libvips). What comes out is what Pillow's `open(...).convert('RGB')` gives,
// since that is what published networks were trained and measured behind: alpha is dropped (not blended), ICC
// profiles and gamma are ignored, palettes are looked up, CMYK is converted by the plain formula, 16-bit images
// keep their high byte. (Pillow itself clips 16-bit *grey* at 255, which turns nearly every picture white: there
// alone we differ.) Rotation by EXIF is off unless asked for.

import sharp from 'sharp'
import { InputError } from '../errors/input-error.ts'
import { type Pixels, pixels } from './pixels.ts'

// Several images are decoded at the same time, each on one thread: better than several threads on one image.
sharp.concurrency(1)
sharp.cache(false)

/** How files are decoded. */
export interface DecodeOptions {
  /** Turn the image as its EXIF orientation says. Default false, as in torchvision. */
  readonly orient?: boolean
}

// Larger pictures are an attack or a mistake; 2^28 pixels are what Pillow, too, refuses.
const MAX_PIXELS = 2 ** 28

/**
 * Decodes a JPEG, PNG, WebP, GIF (first frame), TIFF or AVIF file to RGB. JPEGs come out as libjpeg-turbo's
 * default decoder gives them (accurate integer DCT, smooth chroma upsampling).
 * @param what how error messages call the file
 * @throws InputError naming `what` when it is not such a file, is damaged, or is cut short.
 */
export async function decodeImage(
  bytes: Uint8Array,
  what = 'image',
  { orient = false }: DecodeOptions = {},
): Promise<Pixels> {
  try {
    const image = sharp(bytes, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: MAX_PIXELS })
    const cmyk = mayBeCmyk(bytes) && (await image.metadata()).space === 'cmyk'
    if (orient) image.autoOrient()
    if (cmyk) {
      const { data, info } = await image
        .pipelineColourspace('cmyk')
        .toColourspace('cmyk')
        .raw()
        .toBuffer({ resolveWithObject: true })
      return pixels(info.width, info.height, 3, fromCmyk(data, info.channels))
    }
    const { data, info } = await image
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return pixels(info.width, info.height, 3, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  } catch (error) {
    throw new InputError(`${what}: ${decodeFault(bytes, error)}`, { cause: error })
  }
}

/** `image` as a PNG file. */
export async function encodePng(image: Pixels): Promise<Uint8Array> {
  const { width, height, channels } = image
  const png = sharp(image.data, { raw: { width, height, channels } })
  return png
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer()
}

/** `image` as a WebP file, with losses: small enough for reports that show hundreds. */
export async function encodeWebp({ data, width, height, channels }: Pixels): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels } }).webp({ quality: 70 }).toBuffer()
}

/**
 * `image` as a baseline JPEG file, chroma at half size, as Pillow writes it.
 * @param quality 1 to 100
 */
export async function encodeJpeg(image: Pixels, quality: number): Promise<Uint8Array> {
  const { width, height, channels } = image
  return sharp(image.data, { raw: { width, height, channels } })
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer()
}

/**
 * Whether the file may hold CMYK: a TIFF, or a JPEG of four components. Asking libvips would read every header
 * twice, which costs a tenth of the decoding.
 */
function mayBeCmyk(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if (first === second && (first === 0x49 || first === 0x4d)) return true
  if (first !== 0xff || second !== 0xd8) return false
  // Segments are FF, a marker, a length that counts itself. SOF (C0..CF but C4, C8, CC) says how many components.
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return bytes[at + 9] === 4
    // Fill bytes before a marker are FF, too.
    at += marker === 0xff ? 1 : 2 + bytes[at + 2]! * 256 + bytes[at + 3]!
  }
  return true
}

/** RGB from interleaved CMYK (255 = full ink): each ink's rest times the black's rest, rounded as in Pillow. */
function fromCmyk(data: Uint8Array, channels: number): Uint8Array {
  const out = new Uint8Array((data.length / channels) * 3)
  let to = 0
  for (let i = 0; i < data.length; i += channels) {
    const rest = 255 - data[i + 3]!
    for (let c = 0; c < 3; c++) {
      const product = data[i + c]! * rest + 128
      out[to++] = Math.max(0, rest - (((product >> 8) + product) >> 8))
    }
  }
  return out
}

function decodeFault(bytes: Uint8Array, error: unknown): string {
  if (bytes.length === 0) return 'an empty file, expected an image'
  const message = error instanceof Error ? error.message : String(error)
  if (/unsupported image format/.test(message)) {
    const magic = String.fromCharCode(bytes[0]!, bytes[1] ?? 0)
    if (magic === 'BM' || /^P[1-6]$/.test(magic)) return 'BMP and PPM images are not read; convert it to PNG'
    return 'not an image (known: jpeg, png, webp, gif, tiff, avif)'
  }
  if (/exceeds pixel limit/.test(message)) return `more than ${MAX_PIXELS} pixels; make it smaller`
  return `damaged or cut short (${message.split('\n')[0]}); replace it or skip it`
}
