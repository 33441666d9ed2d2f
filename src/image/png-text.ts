// Text in PNG files (`tEXt` chunks, PNG specification 11.3.4.3): a picture says itself how it was made.

import { InputError } from '../errors/input-error.ts'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Signature and IHDR, the first chunk. Text follows it, so that a reader need not go through the pixels. */
const HEAD_BYTES = 33

/**
 * The PNG file `png` with `texts` (keyword to text) before its pixels. Characters beyond Latin-1 are written as JSON
 * escapes them.
 * @throws InputError when `png` is no PNG file or a keyword has not 1 to 79 characters.
 */
export function withText(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array {
  if (png.length < HEAD_BYTES || SIGNATURE.some((byte, i) => png[i] !== byte))
    throw new InputError('text can only be written into a PNG file')
  const chunks = Object.entries(texts).map(([keyword, text]) => {
    if (keyword.length < 1 || keyword.length > 79)
      throw new InputError(`a PNG keyword has 1 to 79 characters, found ${keyword.length}`)
    return chunk('tEXt', latin1(`${keyword}\0${text}`))
  })
  const out = new Uint8Array(png.length + chunks.reduce((sum, c) => sum + c.length, 0))
  let at = 0
  for (const part of [png.subarray(0, HEAD_BYTES), ...chunks, png.subarray(HEAD_BYTES)]) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The texts of a PNG file by keyword. */
export function textOf(png: Uint8Array): Record<string, string> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  const texts: Record<string, string> = {}
  for (let at = SIGNATURE.length; at + 12 <= png.length; at += 12 + view.getUint32(at)) {
    const data = png.subarray(at + 8, at + 8 + view.getUint32(at))
    if (String.fromCharCode(...png.subarray(at + 4, at + 8)) !== 'tEXt') continue
    const zero = data.indexOf(0)
    const decode = (bytes: Uint8Array) => Array.from(bytes, byte => String.fromCharCode(byte)).join('')
    texts[decode(data.subarray(0, zero))] = decode(data.subarray(zero + 1))
  }
  return texts
}

function latin1(text: string): Uint8Array {
  const escaped = text.replace(
    /[^\0-\xff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return Uint8Array.from(escaped, character => character.charCodeAt(0))
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, data.length)
  out.set(latin1(name), 4)
  out.set(data, 8)
  view.setUint32(8 + data.length, checksum(out.subarray(4, 8 + data.length)))
  return out
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** CRC-32 (PNG specification, annex D). */
function checksum(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = table[(c ^ byte) & 0xff]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}
