// Makes cue-conflict stimuli from a user's own pictures, as files that `openCueConflict` reads.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Classifier } from '../../classifier/classifier.ts'
import { foldersIn, imagesIn, readImage } from '../../data/image-list.node.ts'
import { filledSilhouettes, guessedSilhouette } from '../../distort/index.ts'
import { requireInput } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { keepSettings } from '../../files/settings.node.ts'
import { encodePng } from '../../image/codec.node.ts'
import type { Geometry } from '../../image/geometry.ts'
import { toPixels, toTensor } from '../../image/to-tensor.ts'
import { type Progress, silent } from '../../progress/progress.ts'
import { Random } from '../../tensor/random.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { type StyliseSettings, stylise } from '../recipes/stylise.ts'
import { type ClassPictures, cueConflictPairs, type Pair } from './pairs.ts'

export interface CueConflictMakerOptions {
  /** Folders `<class>/<image>`; the same classes in both. */
  readonly shapes: string
  readonly textures: string
  readonly out: string
  /** Folder with the paths of `shapes`: not black where the object is. Default: {@link guessedSilhouette}. */
  readonly masks?: string | undefined
  /** How pictures are brought to one size. */
  readonly geometry: Geometry
  /** The network whose features transfer style; without one, silhouettes are filled with texture. */
  readonly features?: Classifier | undefined
  readonly style?: Partial<StyliseSettings> | undefined
  /** Stimuli per two classes, default 1. */
  readonly perPair?: number | undefined
  readonly seed: number
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was made, and each cue alone for a judge. */
export interface MadeStimuli {
  readonly pairs: readonly Pair[]
  /** Files that were there already. */
  readonly kept: number
}

/** Stimuli made together. */
const BATCH = 16

/**
 * Writes `out/<shape>/<shape>N-<texture>M.png`. A file that is there is not made again.
 * @throws InputError for folders that do not fit (see {@link cueConflictPairs}), a picture that cannot be read, or an
 * `out` that holds stimuli made otherwise
 */
export async function makeCueConflicts(options: CueConflictMakerOptions): Promise<MadeStimuli> {
  const { shapes, textures, out, features, perPair = 1, seed, progress = silent, signal } = options
  const random = new Random(seed)
  const pairs = cueConflictPairs(picturesOf(shapes), picturesOf(textures), perPair, random.fork('pairs'))
  keepSettings(out, {
    shapes,
    textures,
    masks: options.masks ?? 'guessed',
    method: features === undefined ? 'fill' : 'transfer',
    features: features?.fingerprint ?? null,
    style: options.style ?? {},
    size: options.geometry.size,
    perPair,
    seed,
  })
  const open = pairs.filter(pair => !existsSync(join(out, pair.path)))
  const task = progress.start('making stimuli', open.length, 'stimuli')
  for (let from = 0; from < open.length; from += BATCH) {
    signal?.throwIfAborted()
    const batch = open.slice(from, from + BATCH)
    const stimuli = await made(batch, options, random)
    for (const [i, { path }] of batch.entries())
      writeFileAtomic(join(out, path), await encodePng(toPixels(stimuli, i)))
    task.advance(batch.length)
  }
  task.end()
  return { pairs, kept: pairs.length - open.length }
}

async function made(
  pairs: readonly Pair[],
  options: CueConflictMakerOptions,
  random: Random,
): Promise<FloatTensor> {
  const textures = await texturesOf(pairs, options)
  const { features: model, style = {}, signal } = options
  if (model === undefined) return filledSilhouettes(await silhouettesOf(pairs, options), textures)
  const contents = await read(
    options.shapes,
    pairs.map(pair => pair.shapeFile),
    options.geometry,
  )
  const context = { model, random, ...(signal && { signal }) }
  return (await stylise(context, contents, textures, style)).pictures
}

/** The textures of `pairs` as they are. */
export function texturesOf(pairs: readonly Pair[], options: CueConflictMakerOptions): Promise<FloatTensor> {
  return read(
    options.textures,
    pairs.map(pair => pair.textureFile),
    options.geometry,
  )
}

/** The silhouettes of the shapes of `pairs`, 1 on the object, 0 elsewhere. */
export async function silhouettesOf(
  pairs: readonly Pair[],
  { shapes, masks, geometry }: CueConflictMakerOptions,
): Promise<FloatTensor> {
  const files = pairs.map(pair => pair.shapeFile)
  if (masks === undefined) return guessedSilhouette.apply(await read(shapes, files, geometry), new Random(0))
  const read3 = await read(masks, files, geometry)
  return float32(
    read3.shape,
    read3.data.map(value => (value > 0.5 / 255 ? 1 : 0)),
  )
}

async function read(root: string, files: readonly string[], geometry: Geometry): Promise<FloatTensor> {
  const treatment = { size: geometry.size, geometry, orient: false }
  return toTensor(await Promise.all(files.map(file => readImage(join(root, file), treatment))))
}

function picturesOf(root: string): ClassPictures[] {
  const classes = foldersIn(root).map(name => ({
    name,
    files: imagesIn(join(root, name)).map(file => `${name}/${file}`),
  }))
  requireInput(classes.length > 0, `${root} has no class folders; expected ${root}/<class>/<image>`)
  for (const { name, files } of classes) requireInput(files.length > 0, `${root}/${name} holds no images`)
  return classes
}
