// Keeps what is costly to make and always comes out the same: bytes under a key in a folder of the user's
// cache. What is damaged or from another version is made again.

import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../errors/input-error.ts'
import { makeFolder, writeFileAtomic } from '../../files/atomic.node.ts'

/** Byte arrays by name. */
export type Blocks = Readonly<Record<string, Uint8Array>>

/** Where caches live unless told otherwise: $SILHOUETTE_CACHE, $XDG_CACHE_HOME/silhouette, ~/.cache/silhouette. */
export function defaultCacheDir(): string {
  const { SILHOUETTE_CACHE, XDG_CACHE_HOME } = process.env
  return SILHOUETTE_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'silhouette')
}

/**
 * What `make` gives, made at most once per `key` and folder.
 * @param name start of the file's name, for people who look into the folder
 * @param key everything the content depends on
 * @throws InputError when the folder cannot be written
 */
export async function cached(
  dir: string,
  name: string,
  key: unknown,
  make: () => Promise<Blocks>,
): Promise<Blocks> {
  const path = join(dir, `${name}-${hex(Buffer.from(JSON.stringify(key))).slice(0, 16)}.bin`)
  const found = existsSync(path) ? unpack(readFileSync(path)) : undefined
  if (found !== undefined) return found
  requireWritable(dir)
  const blocks = await make()
  writeFileAtomic(path, pack(blocks))
  return blocks
}

/** Before minutes of work, not after. */
function requireWritable(dir: string): void {
  try {
    makeFolder(dir)
    accessSync(dir, constants.W_OK)
  } catch (error) {
    throw new InputError(
      `cannot write the cache folder ${dir}; name another one (SILHOUETTE_CACHE, --cache-dir)`,
      { cause: error },
    )
  }
}

/** SHA-256 of `bytes` as hex digits. */
export function hex(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

// Layout: SHA-256 of all that follows (32 bytes), length of the table (uint32 LE), table (JSON), blocks.
const tableStart = 36

function pack(blocks: Blocks): Uint8Array {
  const table = Buffer.from(
    JSON.stringify(Object.entries(blocks).map(([name, block]) => [name, block.length])),
  )
  const length = Buffer.alloc(4)
  length.writeUInt32LE(table.length)
  const parts = [length, table, ...Object.values(blocks)]
  return Buffer.concat([Buffer.from(hex(...parts), 'hex'), ...parts])
}

function unpack(file: Buffer): Blocks | undefined {
  if (file.length < tableStart) return undefined
  if (hex(file.subarray(32)) !== file.subarray(0, 32).toString('hex')) return undefined
  let at = tableStart + file.readUInt32LE(32)
  const table: [string, number][] = JSON.parse(file.toString('utf8', tableStart, at))
  const blocks: Record<string, Uint8Array> = {}
  for (const [name, length] of table) {
    blocks[name] = file.subarray(at, at + length)
    at += length
  }
  return blocks
}
