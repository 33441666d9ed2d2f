import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Blocks, cached, defaultCacheDir } from '../../../../src/data/emoji16/cache.node.ts'

let dir: string
let made = 0
const content: Blocks = {
  a: Uint8Array.of(1, 2, 3),
  empty: new Uint8Array(),
  b: new Uint8Array(5000).fill(7),
}
const make = async () => {
  made++
  return content
}
const get = (key: unknown) => cached(dir, 'thing', key, make)
const plain = (blocks: Blocks) => Object.entries(blocks).map(([name, bytes]) => [name, [...bytes]])

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'silhouette-cache-'))
  made = 0
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('is made once per key', async () => {
  for (const key of [{ seed: 0 }, { seed: 0 }, { seed: 1 }])
    expect(plain(await get(key))).toEqual(plain(content))
  expect(made).toBe(2)
  expect(readdirSync(dir)).toHaveLength(2)
})

test('a damaged file is made again', async () => {
  await get(0)
  const path = join(dir, readdirSync(dir)[0]!)
  const whole = readFileSync(path)
  const flipped = Buffer.from(whole)
  flipped[flipped.length - 1]! ^= 1
  const longTable = Buffer.from(whole)
  longTable.writeUInt32LE(0xffffffff, 32)
  for (const damaged of [flipped, longTable, whole.subarray(0, 40), Buffer.alloc(0)]) {
    writeFileSync(path, damaged)
    expect(plain(await get(0))).toEqual(plain(content))
  }
  expect(made).toBe(5)
})

test('what could not be made leaves nothing', async () => {
  const failing = async () => {
    throw new Error('no')
  }
  await expect(cached(dir, 'thing', 0, failing)).rejects.toThrow('no')
  expect(readdirSync(dir)).toEqual([])
})

test('a folder that cannot be one is said before anything is made', async () => {
  const file = join(dir, 'file')
  writeFileSync(file, '')
  await expect(cached(file, 'thing', 0, make)).rejects.toThrow(`cannot write the cache folder ${file}`)
  expect(made).toBe(0)
})

test('its place follows the environment', () => {
  const before = { ...process.env }
  try {
    process.env.XDG_CACHE_HOME = '/xdg'
    delete process.env.SILHOUETTE_CACHE
    expect(defaultCacheDir()).toBe(join('/xdg', 'silhouette'))
    process.env.SILHOUETTE_CACHE = '/mine'
    expect(defaultCacheDir()).toBe('/mine')
  } finally {
    process.env = before
  }
})
