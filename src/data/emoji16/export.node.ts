// Writes emoji16 as files in the layouts that other tools read, so that it goes through the same loaders as
// any real data set: ImageFolder, model-vs-human's cue-conflict, Broden.

import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InputError } from '../../errors/input-error.ts'
import { makeFolder } from '../../files/atomic.node.ts'
import { encodePng } from '../../image/codec.node.ts'
import { pixels } from '../../image/pixels.ts'
import { encodeMask } from '../broden-mask.node.ts'
import { BrodenTables } from '../broden-tables.ts'
import { categories } from './categories.ts'
import { emoji16Concepts, emoji16Maps } from './concepts.ts'
import { type Emoji16, type Emoji16Options, emoji16 } from './emoji16.node.ts'
import type { Emoji16Split } from './splits.ts'

export interface ExportOptions extends Omit<Emoji16Options, 'split'> {
  /** A folder that does not exist yet, or is empty. */
  readonly out: string
}

/** One folder that was written. */
export interface ExportedFolder {
  readonly folder: string
  readonly layout: 'ImageFolder' | 'cue-conflict' | 'Broden'
  readonly images: number
}

const imageFolders: readonly (readonly [folder: string, split: Emoji16Split])[] = [
  ['train', 'train'],
  ['val', 'validation'],
  ['test', 'clean'],
  ['shape-only', 'shape-only'],
  ['texture-only', 'texture-only'],
  ['texture-blob', 'texture-blob'],
  ['novel-texture', 'novel-texture'],
]

/** Files encoded at the same time. */
const lanes = 16

/**
 * Writes the whole data set. The folder appears when everything is in it.
 * @returns its folders
 * @throws InputError when `out` holds something already or cannot be written
 */
export async function exportEmoji16(options: ExportOptions): Promise<readonly ExportedFolder[]> {
  const { out } = options
  if (existsSync(out) && readdirOf(out).length > 0) {
    throw new InputError(`${out} is not empty; name a new folder, so that no files of two data sets mix`)
  }
  const building = `${out}.${process.pid}.tmp`
  try {
    const written: ExportedFolder[] = []
    for (const [folder, split] of imageFolders) {
      const set = await emoji16({ ...options, split })
      await writeClassFolders(set, join(building, folder), options)
      written.push({ folder, layout: 'ImageFolder', images: set.size })
    }
    const conflict = await emoji16({ ...options, split: 'cue-conflict' })
    await writeClassFolders(conflict, join(building, 'cue-conflict'), options)
    written.push({ folder: 'cue-conflict', layout: 'cue-conflict', images: conflict.size })
    const dissection = await emoji16({ ...options, split: 'dissection' })
    await writeBroden(dissection, join(building, 'broden'), options)
    written.push({ folder: 'broden', layout: 'Broden', images: dissection.size })
    makeFolder(dirname(out))
    rmSync(out, { recursive: true, force: true })
    renameSync(building, out)
    return written
  } catch (error) {
    rmSync(building, { recursive: true, force: true })
    if (error instanceof Error && 'code' in error && !(error instanceof InputError)) {
      throw new InputError(`cannot write ${out}: ${error.message}; choose another place`, { cause: error })
    }
    throw error
  }
}

function readdirOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    throw new InputError(`${path} is not a folder; name a new one`, { cause: error })
  }
}

/** How a part is written. */
export type WriteOptions = Pick<Emoji16Options, 'progress' | 'signal'>

/** Writes `root/<class>/<name>` for every image of a part in which every image has a class. */
export async function writeClassFolders(
  set: Emoji16,
  root: string,
  options: WriteOptions = {},
): Promise<void> {
  for (const name of new Set(set.labels)) makeFolder(join(root, categories[name]!))
  await forEach(set, options, async index => {
    const png = await pngOf(set, index)
    writeFileSync(join(root, categories[set.labels[index]!]!, set.names[index]!), png)
  })
}

/** Writes images, masks and tables in Broden's layout. */
export async function writeBroden(set: Emoji16, root: string, options: WriteOptions = {}): Promise<void> {
  const images = join(root, 'images')
  makeFolder(images)
  const tables = new BrodenTables(emoji16Concepts)
  const half = set.side / 2
  const rows = await forEach(set, options, async index => {
    const image = set.names[index]!
    const cells = new Map<string, readonly string[]>()
    const maps: Uint16Array[] = []
    writeFileSync(join(images, image), await pngOf(set, index))
    for (const [category, map] of Object.entries(emoji16Maps(set, index))) {
      if (map === undefined) continue
      const file = image.replace('.png', `_${category}.png`)
      cells.set(category, [file])
      maps.push(map)
      writeFileSync(join(images, file), await encodeMask(map, half, half))
    }
    const masks = { height: half, width: half, maps, whole: [] }
    return () => tables.add({ image, size: [set.side, set.side], masks, cells })
  })
  for (const add of rows) add()
  for (const [name, text] of Object.entries(tables.files())) writeFileSync(join(root, name), text)
}

async function pngOf(set: Emoji16, index: number): Promise<Uint8Array> {
  const area = set.side ** 2
  const planes = set.pixels.subarray(3 * area * index, 3 * area * (index + 1))
  const rgb = new Uint8Array(3 * area)
  for (let i = 0; i < area; i++) {
    for (let channel = 0; channel < 3; channel++) rgb[3 * i + channel] = planes[channel * area + i]!
  }
  return encodePng(pixels(set.side, set.side, 3, rgb))
}

/** Calls `work` for every image, several at a time; results in order. */
async function forEach<T>(
  set: Emoji16,
  { progress, signal }: WriteOptions,
  work: (index: number) => Promise<T>,
): Promise<T[]> {
  const task = progress?.start(`writing ${set.name}`, set.size, 'images')
  const results: T[] = []
  for (let from = 0; from < set.size; from += lanes) {
    signal?.throwIfAborted()
    const indices = Array.from({ length: Math.min(lanes, set.size - from) }, (_, i) => from + i)
    results.push(...(await Promise.all(indices.map(work))))
    task?.advance(indices.length)
  }
  task?.end()
  return results
}
