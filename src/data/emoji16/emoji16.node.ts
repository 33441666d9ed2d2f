// emoji16, the embedded data set: sixteen shapes, sixteen textures, and in training each shape always wears
// its own texture. Made from icons and formulas, from a seed, and kept in the cache.

import { requireInput } from '../../errors/input-error.ts'
import { type Progress, silent } from '../../progress/progress.ts'
import { Random } from '../../tensor/random.ts'
import type { Batch, BatchOptions, CueConflictDataset } from '../dataset.ts'
import { type Blocks, cached, defaultCacheDir, hex } from './cache.node.ts'
import { categories } from './categories.ts'
import { compose, type Scene } from './compose.ts'
import { type Silhouette, type Split, silhouettes, silhouettesFingerprint } from './silhouettes.node.ts'
import { type Cue, cuesOf, type Emoji16Split, emoji16Splits } from './splits.ts'

export interface Emoji16Options {
  readonly split: Emoji16Split
  /** Pixels per side: 32, 64 (default), 128 or 256. */
  readonly size?: number
  /** Default 0. */
  readonly seed?: number
  /** Default: the user's cache folder. */
  readonly cacheDir?: string
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** A part of emoji16, held in memory. */
export interface Emoji16 extends CueConflictDataset {
  readonly split: Emoji16Split
  /** Pixels per side. */
  readonly side: number
  /** uint8 `[size, 3, side, side]` */
  readonly pixels: Uint8Array
  /** Class to be recognised, per image; -1 for shapeless images of the dissection set. */
  readonly labels: Int32Array
  /** Shape per image (index into `categories`), -1 for none. */
  readonly shapes: Int32Array
  /** Texture per image (index into `textureNames`), -1 for none. */
  readonly textures: Int32Array
  /** File name per image, without a folder. */
  readonly names: readonly string[]
  /** `[size, side, side]`, 1 where the figure is. */
  readonly figures: Uint8Array
  /** Colour (index into `colourNames`) of figure and background, per image. */
  readonly figureColours: Uint8Array
  readonly backgroundColours: Uint8Array
}

/** Raised when the same silhouettes and seed would give other images. */
const version = 1

/**
 * A part of emoji16. The same options give the same bytes.
 * @throws InputError for an unknown split or size, or when the icon packages are not installed
 */
export async function emoji16(options: Emoji16Options): Promise<Emoji16> {
  const { split, size: side = 64, seed = 0, cacheDir = defaultCacheDir() } = options
  requireInput(
    emoji16Splits.includes(split),
    () => `unknown emoji16 split: ${split} (known: ${emoji16Splits.join(', ')})`,
  )
  requireInput(
    [32, 64, 128, 256].includes(side),
    `emoji16 images are 32, 64, 128 or 256 pixels wide, found ${side}`,
  )
  const all = await silhouettes(cacheDir)
  const outlines = silhouettesFingerprint(all)
  const key = { version, outlines, split, side, seed }
  const own = all.filter(silhouette => silhouette.split === source(split))
  const blocks = await cached(cacheDir, `emoji16-${split}`, key, () => paint(options, side, seed, own))
  return assemble(split, side, blocks)
}

const source = (split: Emoji16Split): Split => (split === 'train' || split === 'validation' ? split : 'test')

async function paint(
  { split, progress = silent, signal }: Emoji16Options,
  side: number,
  seed: number,
  own: readonly Silhouette[],
): Promise<Blocks> {
  const random = new Random(seed).fork(`emoji16 ${split}`)
  const byCategory = categories.map((_, category) => own.filter(s => s.category === category))
  const shapes = [...byCategory.keys()].filter(category => byCategory[category]!.length > 0)
  const cues = cuesOf(split, shapes, random)
  const area = side * side
  const pixels = new Uint8Array(3 * area * cues.length)
  const figures = new Uint8Array(area * cues.length)
  const facts: Facts = { names: [], labels: [], shapes: [], textures: [], figure: [], background: [] }
  const task = progress.start(`making emoji16 ${split}`, cues.length, 'images')
  for (const [i, cue] of cues.entries()) {
    const candidates = byCategory[cue.shape] ?? []
    const instance = cue.figure === 'outline' ? random.integer(candidates.length) : 0
    const picture = compose(sceneOf(cue, candidates[instance]), side, random)
    pixels.set(picture.pixels, 3 * area * i)
    figures.set(picture.figure, area * i)
    facts.names.push(nameOf(split, cue, i, instance))
    facts.labels.push(cue.label)
    facts.shapes.push(cue.shape)
    facts.textures.push(cue.texture)
    facts.figure.push(picture.figureColour)
    facts.background.push(picture.backgroundColour)
    task.advance()
    if (i % 64 === 63) {
      await new Promise(resolve => setImmediate(resolve))
      signal?.throwIfAborted()
    }
  }
  task.end()
  return { pixels, figures, facts: Buffer.from(JSON.stringify(facts)) }
}

/** What is known of the images, in their order. */
interface Facts {
  readonly names: string[]
  readonly labels: number[]
  readonly shapes: number[]
  readonly textures: number[]
  readonly figure: number[]
  readonly background: number[]
}

function sceneOf(cue: Cue, silhouette: Silhouette | undefined): Scene {
  const figure: Scene['figure'] =
    silhouette === undefined
      ? { kind: cue.figure === 'canvas' ? 'canvas' : 'blob' }
      : { kind: 'outline', outline: silhouette.outline }
  return { figure, texture: cue.texture, ...(cue.coloured ? { hueOf: cue.shape } : {}) }
}

/** `cat1-bird3.png` (shape and its icon, texture and its sample) for cue conflicts, `cat-0007.png` otherwise. */
function nameOf(split: Emoji16Split, cue: Cue, i: number, instance: number): string {
  if (split === 'cue-conflict') {
    const sample = Math.floor(i / (categories.length * (categories.length - 1)))
    return `${categories[cue.shape]}${instance + 1}-${categories[cue.texture]}${sample + 1}.png`
  }
  return `${categories[cue.label] ?? 'texture'}-${String(i).padStart(4, '0')}.png`
}

function assemble(split: Emoji16Split, side: number, blocks: Blocks): Emoji16 {
  const pixels = blocks.pixels ?? new Uint8Array()
  const factBytes = blocks.facts ?? new Uint8Array()
  // Written by `paint` and covered by the cache's checksum.
  const facts: Facts = JSON.parse(Buffer.from(factBytes).toString())
  const labels = Int32Array.from(facts.labels)
  const stride = 3 * side * side
  async function* batches({ batchSize, limit = labels.length }: BatchOptions): AsyncIterable<Batch> {
    const end = Math.min(limit, labels.length)
    for (let from = 0; from < end; from += batchSize) {
      const to = Math.min(from + batchSize, end)
      const images = new Float32Array((to - from) * stride)
      for (let i = 0; i < images.length; i++) images[i] = pixels[from * stride + i]! / 255
      yield {
        images: { dtype: 'float32', shape: [to - from, 3, side, side], data: images },
        labels: labels.slice(from, to),
        names: facts.names.slice(from, to),
      }
    }
  }
  return {
    name: `emoji16/${split}`,
    classes: categories,
    size: labels.length,
    fingerprint: hex(factBytes, pixels),
    batches,
    split,
    side,
    pixels,
    labels,
    shapes: Int32Array.from(facts.shapes),
    textures: Int32Array.from(facts.textures),
    names: facts.names,
    figures: blocks.figures ?? new Uint8Array(),
    figureColours: Uint8Array.from(facts.figure),
    backgroundColours: Uint8Array.from(facts.background),
  }
}
