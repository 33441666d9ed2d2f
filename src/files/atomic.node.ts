// Files appear whole or not at all: content goes to a temporary neighbour that is renamed into place.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../errors/input-error.ts'

/**
 * Writes `content` to `path` atomically, making parent folders as needed.
 * @throws InputError when the place cannot be written or the disk is full; nothing is left behind then.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    makeFolder(dirname(path))
    writeFileSync(temporary, content)
    renameSync(temporary, path)
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary)
    throw new InputError(`cannot write ${path}: ${writeFault(error)}`, { cause: error })
  }
}

/**
 * Makes a folder and its parents. One at a time: Node's own recursion never ends where a file system such as
 * /proc answers "no such file" for a folder whose parent exists.
 * @throws whatever `mkdir` throws
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

function writeFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC') return 'the disk is full; free some space or choose another place'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'no permission; choose another place'
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return 'a part of the path is a file, not a folder; choose another place'
  if (code === 'ENOENT') return 'nothing can be made there; choose another place'
  if (code === 'EISDIR' || code === 'ENOTEMPTY') return 'it is a folder; name a file'
  return error instanceof Error ? error.message : String(error)
}
