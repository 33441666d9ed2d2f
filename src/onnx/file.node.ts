// ONNX files on disk, weights in files beside them included. Reads map nothing and run nothing; a model can only
// name files in its own folder or below.

import { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import type { Graph } from './graph.ts'
import { readOnnx } from './read.ts'
import type { ExternalResolver } from './tensor-proto.ts'
import { writeOnnx } from './write.ts'

/**
 * Reads the model in `path`.
 * @throws InputError naming the file when it is missing, not a valid model, or names weights outside its folder.
 */
export function readOnnxFile(path: string): Graph {
  const bytes = readWhole(path)
  try {
    return readOnnx(bytes, { external: filesBeside(path) })
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Weights up to this size stay in the model file when the others move out. */
const INLINE_BYTES = 1024

/** Above this size of all weights they move out: protobuf ends at 2 GiB. */
const SPLIT_BYTES = 1.9e9

export interface WriteFileOptions {
  /** Whether weights above 1 KiB go to a second file, `<path>.data`. Default: only above 1.9 GB in all. */
  readonly split?: boolean
}

/**
 * Writes `graph` to `path`. Each file appears as a whole or not at all, the weights before the model that names them.
 * @throws InputError when the place cannot be written.
 */
export function writeOnnxFile(path: string, graph: Graph, options: WriteFileOptions = {}): void {
  const weights = [...graph.initializers].filter(([, { data }]) => data.byteLength > INLINE_BYTES)
  const total = weights.reduce((sum, [, { data }]) => sum + data.byteLength, 0)
  const { split = total > SPLIT_BYTES } = options
  if (!split) {
    writeFileAtomic(path, writeOnnx(graph))
    return
  }
  const offsets = new Map<string, number>()
  let end = 0
  for (const [name, { data }] of weights) {
    offsets.set(name, end)
    end += Math.ceil(data.byteLength / 64) * 64
  }
  const all = new Uint8Array(end)
  for (const [name, { data }] of weights)
    all.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offsets.get(name))
  const location = `${basename(path)}.data`
  writeFileAtomic(join(dirname(path), location), all)
  const external = (name: string) => {
    const offset = offsets.get(name)
    return offset === undefined ? undefined : { location, offset }
  }
  writeFileAtomic(path, writeOnnx(graph, { external }))
}

/** Reads ranges of files in the folder of the model at `path`; refuses to leave it, by `..` or by link. */
function filesBeside(path: string): ExternalResolver {
  const folder = dirname(resolve(path))
  return (location, offset, length) => {
    const target = resolve(folder, location)
    if (isAbsolute(location) || location === '' || !isInside(folder, target)) throw outside(location)
    const what = `the external data file ${location}`
    const real = attempt(what, () => realpathSync(target))
    if (!isInside(realpathSync(folder), real)) throw outside(location)
    return readRange(real, what, offset, length)
  }
}

function isInside(folder: string, target: string): boolean {
  const path = relative(folder, target)
  return path !== '' && !path.startsWith('..') && !isAbsolute(path)
}

function outside(location: string): InputError {
  return new InputError(
    `the model asks for weights in ${location}, outside its own folder, which is refused: put the file beside it`,
  )
}

function readRange(path: string, what: string, offset: number, length: number | undefined): Uint8Array {
  const file = attempt(what, () => openSync(path, 'r'))
  try {
    const { size } = fstatSync(file)
    const count = length ?? size - offset
    if (offset + count > size || count < 0) {
      throw new InputError(
        `${what} is truncated: it has ${size} bytes, the model reads ${count} from byte ${offset} on`,
      )
    }
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; ) {
      const read = readSync(file, bytes, at, Math.min(count - at, 2 ** 30), offset + at)
      if (read === 0) throw new InputError(`${what} changed while it was read`)
      at += read
    }
    return bytes
  } finally {
    closeSync(file)
  }
}

function readWhole(path: string): Uint8Array {
  return attempt(path, () => readFileSync(path))
}

/** Runs `read`; faults of the file system become InputErrors about `what`. */
function attempt<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    throw new InputError(`cannot read ${what}: ${faults[code] ?? code}`, { cause: error })
  }
}

const faults: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EISDIR: 'it is a folder, expected a file',
  ENOENT: 'no such file',
  ERR_FS_FILE_TOO_LARGE: 'it exceeds 2 GiB, which no valid .onnx file does',
}
