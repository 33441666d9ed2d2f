// Reading whole files, with errors that a person can act on.

import { readFileSync } from 'node:fs'
import { InputError } from '../errors/input-error.ts'

/** @throws InputError naming the file and why it cannot be read. */
export function fileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${readFault(error)}`, { cause: error })
  }
}

/** Why reading failed, in words. */
export function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission'
  if (code === 'EISDIR') return 'it is a folder'
  return error instanceof Error ? error.message : String(error)
}
