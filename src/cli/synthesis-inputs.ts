// What a synthesis recipe works on, from the words of a command line: data sets by name, images in turn of their
// classes, masks, class names, units.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileSource } from '../checkpoint/source.node.ts'
import { layerOf } from '../classifier/ablate.ts'
import type { Classifier } from '../classifier/classifier.ts'
import type { Dataset } from '../data/dataset.ts'
import { emoji16 } from '../data/emoji16/emoji16.node.ts'
import { openIdx } from '../data/idx.node.ts'
import { openImageFolder } from '../data/image-folder.node.ts'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { decodeImage } from '../image/codec.node.ts'
import type { Progress } from '../progress/progress.ts'
import {
  type ClassGaussians,
  fitGaussians,
  middleHoles,
  type RecipeInputs,
  type RecipeName,
  readGaussians,
  recipeOf,
  writeGaussians,
} from '../synth/index.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'

export interface SynthesisWords {
  readonly data?: string | undefined
  readonly train?: string | undefined
  readonly classes?: string | undefined
  readonly count: number
  readonly mask?: string | undefined
  readonly factor?: number | undefined
  readonly layer?: string | undefined
  readonly units?: string | undefined
  readonly gaussians?: string | undefined
}

interface Work {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/**
 * The images that a recipe starts from and those that it learns from: `emoji16`, a folder of IDX files, or a folder of
 * class folders, which serves as both unless `train` names another.
 * @throws InputError when the data are missing or have other classes than the model.
 */
export async function openSynthesisData(
  model: Classifier,
  recipe: RecipeName,
  { data, train }: SynthesisWords,
  work: Work,
): Promise<{ images: Dataset; training: Dataset } | undefined> {
  if (data === undefined) {
    if (recipeOf(recipe).reads === 'nothing') return undefined
    throw new InputError(`${recipe} needs images: name emoji16 or a folder with --data`)
  }
  const open = async (name: string, part: 'test' | 'train'): Promise<Dataset> => {
    if (name === 'emoji16') {
      const split = part === 'train' ? 'train' : recipe === 'sketch' ? 'shape-only' : 'clean'
      return emoji16({ split, size: model.preprocessing.size[0], ...work })
    }
    if (!statSync(name, { throwIfNoEntry: false })?.isDirectory())
      throw new InputError(`unknown data: ${name} is neither emoji16 nor a folder`)
    const isIdx = ['', '.gz'].some(end => existsSync(join(name, `train-images-idx3-ubyte${end}`)))
    return isIdx
      ? openIdx(name, model.preprocessing, { split: part, classes: model.classes })
      : openImageFolder(name, model.preprocessing, { classes: model.classes })
  }
  const images = await open(data, 'test')
  if (images.classes.length !== model.classes.length) {
    throw new InputError(
      `${data} has ${images.classes.length} classes, ${model.name} has ${model.classes.length}: choose data that fit`,
    )
  }
  return { images, training: await open(train ?? data, 'train') }
}

/**
 * What the recipe works on.
 * @throws InputError for classes, units, layers that do not exist and masks of another size.
 */
export async function synthesisInputs(
  model: Classifier,
  recipe: RecipeName,
  words: SynthesisWords,
  data: { images: Dataset; training: Dataset } | undefined,
  work: Work,
): Promise<RecipeInputs> {
  const size = model.preprocessing.size
  const real = data === undefined ? noImages(size) : await imagesInTurn(data.images, words.count)
  const count = recipeOf(recipe).reads === 'images' ? real.labels.length : words.count
  const layer = layerOf(model.layers, words.layer ?? model.layers.at(-1)?.name ?? 'none')
  return {
    ...real,
    targets: targetsOf(model, recipe, words, count, real.labels),
    holes:
      words.mask === undefined
        ? middleHoles(count, size)
        : await readMask(words.mask, count, size, model.name),
    factor: words.factor ?? (Math.min(...size) >= 128 ? 8 : 4),
    layer: layer.name,
    channels: channelsOf(words.units, count, layer.units),
    gaussians:
      recipe === 'generate' && data !== undefined ? await gaussiansOf(data.training, words, work) : undefined,
  }
}

const noImages = ([height, width]: readonly [number, number]) => ({
  images: float32([0, 3, height, width], new Float32Array(0)),
  labels: new Int32Array(0),
})

/** `count` images, one of each class in turn, as far as the first 4,096 have them. */
async function imagesInTurn(
  data: Dataset,
  count: number,
): Promise<{ images: FloatTensor; labels: Int32Array }> {
  const byClass = data.classes.map((): Float32Array[] => [])
  const each = Math.ceil(count / data.classes.length)
  let shape: readonly number[] = []
  for await (const { images, labels } of data.batches({ batchSize: 64, limit: 4096 })) {
    shape = images.shape.slice(1)
    const values = images.data.length / labels.length
    for (const [i, label] of labels.entries()) {
      const own = byClass[label]
      if (own !== undefined && own.length < each) own.push(images.data.slice(i * values, (i + 1) * values))
    }
    if (byClass.every(own => own.length >= each)) break
  }
  const chosen = Array.from({ length: each }, (_, k) =>
    byClass.flatMap((own, label) => (own[k] === undefined ? [] : [{ label, pixels: own[k] }])),
  )
    .flat()
    .slice(0, count)
  const values = shape.reduce((a, b) => a * b, 1)
  const pixels = new Float32Array(chosen.length * values)
  for (const [i, image] of chosen.entries()) pixels.set(image.pixels, i * values)
  return {
    images: float32([chosen.length, ...shape], pixels),
    labels: Int32Array.from(chosen, image => image.label),
  }
}

/** The named classes in turn; without names all of them, shifted by a third of their number from those there are. */
function targetsOf(
  model: Classifier,
  recipe: RecipeName,
  { classes }: SynthesisWords,
  count: number,
  labels: Int32Array,
): Int32Array {
  const all = model.classes
  if (classes === undefined) {
    const moves = recipeOf(recipe).reads === 'images'
    return Int32Array.from({ length: count }, (_, i) =>
      moves ? (labels[i]! + Math.ceil(all.length / 3)) % all.length : i % all.length,
    )
  }
  const wanted = classes.split(',').map(name => {
    const label = all.indexOf(name.trim())
    if (label >= 0) return label
    const known = all.length > 24 ? `${all.slice(0, 24).join(', ')}, … (${all.length})` : all.join(', ')
    throw new InputError(`${model.name} has no class ${name.trim()} (known: ${known})`)
  })
  return Int32Array.from({ length: count }, (_, i) => wanted[i % wanted.length]!)
}

/** `3,5,8` or `0-15`, in turn; default: from 0 on. */
function channelsOf(units: string | undefined, count: number, available: number): number[] {
  if (units === undefined) return Array.from({ length: count }, (_, i) => i % available)
  const listed = units.split(',').flatMap(part => {
    const [, from, to] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? []
    if (from === undefined) throw new InputError(`units are numbers such as 3,5 or 0-15, found ${units}`)
    const last = Number(to ?? from)
    return Array.from({ length: Math.max(0, last - Number(from) + 1) }, (_, k) => Number(from) + k)
  })
  return Array.from({ length: count }, (_, i) => listed[i % listed.length]!)
}

/** A picture whose bright places are the holes, the same for every image. */
async function readMask(
  path: string,
  count: number,
  [height, width]: readonly [number, number],
  model: string,
): Promise<FloatTensor> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new InputError(`cannot read the mask ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  const mask = await decodeImage(bytes, path)
  if (mask.height !== height || mask.width !== width) {
    throw new InputError(
      `the mask ${path} must be ${width}x${height} as the images of ${model}, found ${mask.width}x${mask.height}`,
    )
  }
  const one = Float32Array.from({ length: height * width }, (_, i) =>
    mask.data[i * mask.channels]! >= 128 ? 1 : 0,
  )
  const data = new Float32Array(count * one.length)
  for (let i = 0; i < count; i++) data.set(one, i * one.length)
  return float32([count, 1, height, width], data)
}

/** Those in the file, which is written where it does not exist yet. */
async function gaussiansOf(
  training: Dataset,
  { gaussians: path }: SynthesisWords,
  work: Work,
): Promise<ClassGaussians> {
  if (path === undefined || !existsSync(path)) {
    const fitted = await fitGaussians(training, work)
    if (path !== undefined) writeFileAtomic(path, writeGaussians(fitted))
    return fitted
  }
  const source = fileSource(path)
  try {
    const read = readGaussians(source)
    if (read.classes.join() === training.classes.join()) return read
  } finally {
    source.close()
  }
  throw new InputError(`${path} holds Gaussians of other classes than ${training.name}: name another file`)
}
