// The directory of a zip file, for reading single entries in place. torch.save stores its entries
// uncompressed so that they can be read like this; libraries that unpack a whole archive would hold it twice.
// (PKWARE APPNOTE 6.3, sections 4.3 and 4.4.)

import { InputError } from '../errors/input-error.ts'
import type { ByteSource } from './source.ts'

const END = 0x06054b50
const END_LENGTH = 22
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const longestComment = 65535

export interface ZipEntry {
  readonly size: number
  /** Bytes `from..from + length` of the entry. */
  read(from: number, length: number): Uint8Array
}

const utf8 = new TextDecoder('utf-8')

/** Whether `source` starts as a zip file does. */
export function isZip(source: ByteSource): boolean {
  return source.size >= END_LENGTH && view(source.read(0, 4)).getUint32(0, true) === LOCAL_HEADER
}

/**
 * The entries of a zip file by name.
 * @throws InputError for a damaged or cut file.
 */
export function readZip(source: ByteSource): Map<string, ZipEntry> {
  const { offset, length, count } = findDirectory(source)
  if (count * 46 > length) throw damaged(source, 'its directory is too short')
  const bytes = source.read(offset, length)
  const directory = view(bytes)
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || directory.getUint32(at, true) !== DIRECTORY_ENTRY)
      throw damaged(source, 'its directory is broken')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map(o => directory.getUint16(at + o, true))
    const nameEnd = at + 46 + nameLength!
    const end = nameEnd + extraLength! + commentLength!
    if (end > length) throw damaged(source, 'its directory is broken')
    const name = utf8.decode(bytes.subarray(at + 46, nameEnd))
    if (entries.has(name)) throw damaged(source, `it has two entries ${name}`)
    const method = directory.getUint16(at + 10, true)
    const [size, stored, header] = sizes64(
      directory,
      [
        directory.getUint32(at + 24, true),
        directory.getUint32(at + 20, true),
        directory.getUint32(at + 42, true),
      ],
      nameEnd,
      nameEnd + extraLength!,
    )
    entries.set(name, entry(source, name, method, size, stored, header))
    at = end
  }
  return entries
}

function entry(
  source: ByteSource,
  name: string,
  method: number,
  size: number,
  stored: number,
  header: number,
): ZipEntry {
  let start: number | undefined
  return {
    size,
    read(from, length) {
      if (method !== 0 || size !== stored)
        throw new InputError(
          `${source.name}: entry ${name} is compressed; write it with torch.save, which does not`,
        )
      start ??= dataStart(source, name, header)
      if (from < 0 || from + length > size)
        throw new InputError(`${source.name}: entry ${name} has ${size} bytes, ${from + length} expected`)
      return source.read(start + from, length)
    },
  }
}

/** Where the bytes of an entry start: behind its local header, whose lengths differ from the directory's. */
function dataStart(source: ByteSource, name: string, header: number): number {
  const local = view(source.read(header, 30))
  if (local.getUint32(0, true) !== LOCAL_HEADER)
    throw damaged(source, `entry ${name} is not where it should be`)
  return header + 30 + local.getUint16(26, true) + local.getUint16(28, true)
}

function findDirectory(source: ByteSource): { offset: number; length: number; count: number } {
  const tailLength = Math.min(source.size, END_LENGTH + longestComment)
  const tailStart = source.size - tailLength
  const tail = view(source.read(tailStart, tailLength))
  for (let at = tailLength - END_LENGTH; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue
    if (at + END_LENGTH + tail.getUint16(at + 20, true) !== tailLength) continue
    const locator = at - 20
    if (locator >= 0 && tail.getUint32(locator, true) === LOCATOR_64) {
      const end = view(source.read(safe(tail.getBigUint64(locator + 8, true)), 56))
      if (end.getUint32(0, true) !== END_64) throw damaged(source, 'its directory is not where it should be')
      return {
        count: safe(end.getBigUint64(32, true)),
        length: safe(end.getBigUint64(40, true)),
        offset: safe(end.getBigUint64(48, true)),
      }
    }
    return {
      count: tail.getUint16(at + 10, true),
      length: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    }
  }
  throw damaged(source, 'it has no directory at its end')
}

/** Replaces each of `values` that is all ones by the next eight bytes of the zip64 field, if there is one. */
function sizes64(
  directory: DataView,
  values: [size: number, stored: number, header: number],
  extra: number,
  end: number,
): [size: number, stored: number, header: number] {
  for (let at = extra; at + 4 <= end; at += 4 + directory.getUint16(at + 2, true)) {
    if (directory.getUint16(at, true) !== 1) continue
    let next = at + 4
    const fieldEnd = Math.min(end, next + directory.getUint16(at + 2, true))
    const wide = values.map(value => {
      if (value !== 0xffffffff || next + 8 > fieldEnd) return value
      next += 8
      return safe(directory.getBigUint64(next - 8, true))
    })
    return [wide[0]!, wide[1]!, wide[2]!]
  }
  return values
}

/** Infinity for what no file can be: the range check that follows refuses it. */
function safe(value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged({ name }: ByteSource, why: string): InputError {
  return new InputError(`${name} is a damaged zip file: ${why}: get it again`)
}
