import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openBroden } from '../../../../src/data/broden.node.ts'
import type { ConceptBatch, ConceptDataset } from '../../../../src/data/concepts.ts'
import { openCueConflict } from '../../../../src/data/cue-conflict.node.ts'
import type { Dataset } from '../../../../src/data/dataset.ts'
import { categories } from '../../../../src/data/emoji16/categories.ts'
import { emoji16ConceptDataset, emoji16Concepts, emoji16Maps } from '../../../../src/data/emoji16/concepts.ts'
import { type Emoji16, emoji16 } from '../../../../src/data/emoji16/emoji16.node.ts'
import { exportEmoji16, writeBroden, writeClassFolders } from '../../../../src/data/emoji16/export.node.ts'
import { testSets, validationSets } from '../../../../src/data/emoji16/icons.ts'
import { type Silhouette, silhouettes } from '../../../../src/data/emoji16/silhouettes.node.ts'
import type { Emoji16Split } from '../../../../src/data/emoji16/splits.ts'
import { openImageFolder } from '../../../../src/data/image-folder.node.ts'
import { decodeImage } from '../../../../src/image/codec.node.ts'

// Rendering and painting take seconds alone, more on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
let cacheDir: string
let all: readonly Silhouette[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-emoji16-'))
  cacheDir = join(folder, 'cache')
  all = await silhouettes(cacheDir)
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A second cache folder, with the silhouettes (seconds of work) in it. */
function freshCache(name: string): string {
  const dir = join(folder, name)
  mkdirSync(dir)
  const rendered = readdirSync(cacheDir).find(file => file.startsWith('emoji16-silhouettes'))!
  copyFileSync(join(cacheDir, rendered), join(dir, rendered))
  return dir
}
const part = (split: Emoji16Split, seed = 0) => emoji16({ split, size: 32, seed, cacheDir })
/** The first `n` images of a part. */
async function first(n: number, split: Emoji16Split): Promise<Emoji16> {
  const set = await part(split)
  return {
    ...set,
    size: n,
    labels: set.labels.slice(0, n),
    batches: options => set.batches({ ...options, limit: Math.min(n, options.limit ?? n) }),
  }
}
async function firstConcepts(data: ConceptDataset): Promise<ConceptBatch> {
  for await (const batch of data.batches({ batchSize: 4, limit: 4 })) return batch
  throw new Error(`${data.name} is empty`)
}
async function pixelsByName(data: Dataset): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const { images, names, labels } of data.batches({ batchSize: 7 })) {
    const stride = images.data.length / names.length
    for (const [i, name] of names.entries()) {
      const pixels = Array.from(images.data.subarray(i * stride, (i + 1) * stride), v => Math.round(255 * v))
      found.set(name.slice(name.lastIndexOf('/') + 1), `${labels[i]} ${pixels}`)
    }
  }
  return found
}

describe('silhouettes', () => {
  test('are as many as in the prototype: 487 for training and validation, 140 held out', () => {
    const counts = (split: string) => all.filter(s => s.split === split).length
    expect([counts('train') + counts('validation'), counts('test')]).toEqual([487, 140])
    expect(counts('validation')).toBe(25)
  })

  test('of held-out design families are in no other part', () => {
    for (const { set, split } of all) {
      expect(split === 'test').toBe(testSets.includes(set))
      expect(split === 'validation').toBe(validationSets.includes(set))
    }
  })

  test('show every category in training and in the tests', () => {
    for (const split of ['train', 'test']) {
      const seen = new Set(all.filter(s => s.split === split).map(s => s.category))
      expect(seen.size).toBe(categories.length)
    }
  })

  test('fill their squares and keep off the border', () => {
    for (const { outline, icon } of all) {
      const [xs, ys] = [new Set<number>(), new Set<number>()]
      for (const [i, value] of outline.entries()) {
        if (value <= 127) continue
        xs.add(i % 128)
        ys.add(Math.floor(i / 128))
      }
      const reach = Math.max(...[xs, ys].map(v => Math.max(...v) - Math.min(...v) + 1))
      expect(reach, icon).toBeGreaterThan(107)
      expect(reach, icon).toBeLessThanOrEqual(112)
    }
  })
})

describe('a part', () => {
  test('gives the same bytes for the same seed, wherever it is kept', async () => {
    const here = await part('validation')
    const there = await emoji16({ split: 'validation', size: 32, seed: 0, cacheDir: freshCache('other') })
    expect(there.fingerprint).toBe(here.fingerprint)
    expect(Buffer.compare(there.pixels, here.pixels)).toBe(0)
    const other = await part('validation', 1)
    expect(other.fingerprint).not.toBe(here.fingerprint)
    expect(Buffer.compare(other.pixels, here.pixels)).not.toBe(0)
  })

  test('comes in batches that add up to its pixels', async () => {
    const set = await part('validation')
    expect([set.size, set.side]).toEqual([700, 32])
    let at = 0
    for await (const { images, labels, names } of set.batches({ batchSize: 64, limit: 100 })) {
      expect(images.shape).toEqual([labels.length, 3, 32, 32])
      const bytes = Uint8Array.from(images.data, value => Math.round(255 * value))
      expect(Buffer.compare(bytes, set.pixels.subarray(at * 3072, at * 3072 + bytes.length))).toBe(0)
      expect([...labels]).toEqual([...set.labels.subarray(at, at + labels.length)])
      expect(names).toEqual(set.names.slice(at, at + names.length))
      at += labels.length
    }
    expect(at).toBe(100)
  })

  test('stops when told to, and leaves nothing behind', async () => {
    const signal = AbortSignal.abort(new Error('stop'))
    const empty = freshCache('stopped')
    await expect(emoji16({ split: 'clean', cacheDir: empty, signal })).rejects.toThrow('stop')
    expect(readdirSync(empty).filter(file => file.includes('clean') || file.includes('tmp'))).toEqual([])
  })

  test('refuses what it does not know', async () => {
    // @ts-expect-error: not a split
    await expect(emoji16({ split: 'tests', cacheDir })).rejects.toThrow(
      'unknown emoji16 split: tests (known: train,',
    )
    await expect(emoji16({ split: 'clean', size: 48, cacheDir })).rejects.toThrow(
      'emoji16 images are 32, 64, 128 or 256 pixels wide, found 48',
    )
  })

  test('says which cache folder it cannot write', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    await expect(emoji16({ split: 'clean', cacheDir: file })).rejects.toThrow(
      `cannot write the cache folder ${file}`,
    )
  })
})

describe('written as files, it comes back through the loaders', () => {
  test('cue conflicts', async () => {
    const set = await first(40, 'cue-conflict')
    const root = join(folder, 'cue-conflict')
    await writeClassFolders(set, root)
    expect(new Set(set.names.slice(0, 40)).size).toBe(40)
    const data = await openCueConflict(root, { classes: categories })
    expect(data.size).toBe(40)
    expect(await pixelsByName(data)).toEqual(await pixelsByName(set))
    const textureOf = new Map(set.names.map((name, i) => [name, set.textures[i]!]))
    let at = 0
    for await (const { names } of data.batches({ batchSize: 40 })) {
      for (const name of names) expect(data.textures[at++]).toBe(textureOf.get(name.split('/')[1]!))
    }
  })

  test('image folders', async () => {
    const set = await first(40, 'validation')
    const root = join(folder, 'val')
    await writeClassFolders(set, root)
    const data = await openImageFolder(root, undefined, { classes: categories })
    expect(await pixelsByName(data)).toEqual(await pixelsByName(set))
  })

  test('names of cue conflicts differ for all images', async () => {
    const { names, size } = await part('cue-conflict')
    expect(new Set(names).size).toBe(size)
    expect(names[0]).toMatch(/^airplane\d+-bear1\.png$/)
  })

  test('masks', async () => {
    const whole = await part('dissection')
    // The first objects, then blobs and canvases.
    const set = { ...whole, size: 4 }
    const root = join(folder, 'broden')
    await writeBroden(set, root)
    const [header, ...rows] = readFileSync(join(root, 'index.csv'), 'utf8').trim().split('\n')
    expect(header).toBe('image,split,ih,iw,sh,sw,color,object,part,material,scene,texture')
    expect(rows).toHaveLength(4)
    const [image, split, ih, iw, sh, sw, color, object, ...none] = rows[1]!.split(',')
    expect([split, ih, iw, sh, sw, ...none]).toEqual(['train', '32', '32', '16', '16', '', '', '', ''])
    const maps = emoji16Maps(set, 1)
    for (const [file, map] of [
      [color, maps.color],
      [object, maps.object],
    ] as const) {
      const { data, width } = await decodeImage(readFileSync(join(root, 'images', file!)))
      expect(width).toBe(16)
      expect([...map!.keys()].map(i => data[3 * i]! + 256 * data[3 * i + 1]!)).toEqual([...map!])
    }
    const read = await openBroden(root, [32, 32])
    const direct = await firstConcepts(await emoji16ConceptDataset(set))
    const loaded = await firstConcepts(read)
    expect(read.concepts).toEqual(emoji16Concepts)
    expect(loaded.masks).toEqual(direct.masks)
    expect(loaded.images).toEqual(direct.images)
    const { data } = await decodeImage(readFileSync(join(root, 'images', image!)))
    expect(data[3 * 100 + 2]).toBe(set.pixels[1 * 3072 + 2 * 1024 + 100])
    expect(readFileSync(join(root, 'category.csv'), 'utf8')).toMatch(
      /^name,first,last,count,frequency\ncolor,1,11,11,8\nobject,12,27,16,4\ntexture,28,51,24,0\n$/,
    )
    expect(readFileSync(join(root, 'c_object.csv'), 'utf8')).toContain('\n2,13,bear,1,0.')
    expect(readFileSync(join(root, 'label.csv'), 'utf8')).toContain('\n13,bear,object(1),1,0.')
  })

  test('not into a folder that holds something', async () => {
    const out = join(folder, 'full')
    mkdirSync(out)
    writeFileSync(join(out, 'mine.txt'), '')
    await expect(exportEmoji16({ out, cacheDir })).rejects.toThrow(`${out} is not empty; name a new folder`)
    await expect(exportEmoji16({ out: join(out, 'mine.txt'), cacheDir })).rejects.toThrow('is not a folder')
    expect(readdirSync(out)).toEqual(['mine.txt'])
  })
})

describe('masks', () => {
  test('mark object, colour and texture where the figure is', async () => {
    const set = await part('cue-conflict')
    const { object, texture, color } = emoji16Maps(set, 5)
    const nameOf = (number: number) => emoji16Concepts.find(concept => concept.number === number)
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const inside = set.figures[5 * 1024 + (2 * y + 1) * 32 + 2 * x + 1] === 1
        const i = y * 16 + x
        expect(object![i]! > 0 && texture![i]! > 0).toBe(inside)
        if (!inside) continue
        expect(nameOf(color[i]!)?.category).toBe('color')
        expect(nameOf(object![i]!)).toMatchObject({ category: 'object', name: categories[set.shapes[5]!] })
        expect(nameOf(texture![i]!)?.category).toBe('texture')
      }
    }
  })

  test('leave out the texture that belongs to the shape', async () => {
    const set = await part('dissection')
    expect(emoji16Maps(set, 0)).toMatchObject({ texture: undefined })
    expect(emoji16Maps(set, 1200)).toMatchObject({ object: undefined })
    const concepts = await emoji16ConceptDataset(set)
    const counts: number[] = []
    for await (const { masks } of concepts.batches({ batchSize: 500 })) {
      for (const { maps } of masks) counts.push(maps.length)
    }
    expect(counts).toEqual(new Array(1840).fill(2))
    expect(concepts.categories).toEqual(['color', 'object', 'texture'])
  })
})
