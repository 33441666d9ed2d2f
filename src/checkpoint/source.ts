// Bytes that can be read at any place: a file too large to hold, or a buffer.

import { InputError } from '../errors/input-error.ts'

export interface ByteSource {
  /** What messages call it: a path. */
  readonly name: string
  readonly size: number
  /**
   * `length` bytes from `offset` on; not to be written to.
   * @throws InputError when the source ends before.
   */
  read(offset: number, length: number): Uint8Array
  close(): void
}

/** A source over `bytes`; reading makes views. */
export function memorySource(bytes: Uint8Array, name = 'buffer'): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      requireRange(this, offset, length)
      return bytes.subarray(offset, offset + length)
    },
    close() {},
  }
}

/** Throws unless `length` bytes from `offset` on lie inside `source`. */
export function requireRange({ name, size }: ByteSource, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size))
    throw new InputError(
      `${name} is damaged or cut: ${length} bytes expected at ${offset}, the file has ${size}: get it again`,
    )
}
