// A file as a byte source: read at the places asked for, never as a whole.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { InputError } from '../errors/input-error.ts'
import { type ByteSource, requireRange } from './source.ts'

/**
 * Opens `path` for reading. The caller closes it.
 * @throws InputError when it cannot be opened or is no file.
 */
export function fileSource(path: string): ByteSource {
  const descriptor = open(path)
  const { size } = fstatSync(descriptor)
  return {
    name: path,
    size,
    read(offset, length) {
      requireRange(this, offset, length)
      const bytes = new Uint8Array(length)
      let done = 0
      while (done < length) {
        const count = readSync(descriptor, bytes, done, length - done, offset + done)
        if (count === 0) throw new InputError(`${path} became shorter while it was read: get it again`)
        done += count
      }
      return bytes
    },
    close: () => closeSync(descriptor),
  }
}

function open(path: string): number {
  try {
    const descriptor = openSync(path, 'r')
    if (fstatSync(descriptor).isFile()) return descriptor
    closeSync(descriptor)
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  throw new InputError(`cannot read ${path}: it is not a file`)
}
