// The images and labels that `attack` and `gradient` work on: `.npy` arrays as other tools write them, or a
// folder of images that goes through the model's own preprocessing.

import { readFileSync, statSync } from 'node:fs'
import { partOf } from '../attack/attack.ts'
import type { Classifier } from '../classifier/classifier.ts'
import type { Batch } from '../data/dataset.ts'
import { openImageFolder } from '../data/image-folder.node.ts'
import { readNpy } from '../data/npy.ts'
import { InputError } from '../errors/input-error.ts'
import { formatShape } from '../tensor/shape.ts'
import { type FloatTensor, float32, rows, type Tensor } from '../tensor/tensor.ts'

export type LabelledImages = Pick<Batch, 'images' | 'labels'>

/** What `--n-ex` takes, for the help. */
export const SOME_IMAGES = 'n images only: the first of an array, of a folder some of every class'

/**
 * Reads images `[n, 3, h, w]` (float in [0, 1], or uint8 from 0 to 255) or an image folder, and one class index
 * per image. A folder's own class folders are the labels where `labels` is undefined.
 * @throws InputError naming the file for a wrong type, shape, range or number.
 */
export async function readLabelledImages(
  model: Classifier,
  images: string,
  labels: string | undefined,
): Promise<LabelledImages> {
  const classes = model.classes.length
  if (statSync(images, { throwIfNoEntry: false })?.isDirectory()) {
    const read = await readFolder(model, images, labels === undefined)
    if (labels === undefined) return read
    return { images: read.images, labels: readLabels(labels, read.labels.length, classes) }
  }
  if (labels === undefined)
    throw new InputError('images in an array need labels: name an .npy file with --labels')
  const [height, width] = model.preprocessing.size
  const pixels = pixelsOf(readArray(images), images)
  const [n = 0, ...rest] = pixels.shape
  if (pixels.shape.length !== 4 || rest.join() !== [3, height, width].join()) {
    throw new InputError(
      `${images} must hold images [n, 3, ${height}, ${width}] for ${model.name}, found ${formatShape(pixels.shape)}`,
    )
  }
  const wrong = pixels.data.findIndex(value => !(value >= 0 && value <= 1))
  if (wrong >= 0) {
    throw new InputError(
      `${images} must hold values from 0 to 1, found ${pixels.data[wrong]}: divide by 255?`,
    )
  }
  return { images: pixels, labels: readLabels(labels, n, classes) }
}

/**
 * {@link readLabelledImages}, `count` of them (default all): the first of an array, as RobustBench counts; of a folder,
 * whose images stand class by class, evenly spread ones.
 */
export async function readSomeImages(
  model: Classifier,
  images: string,
  labels: string | undefined,
  count: number | undefined,
): Promise<LabelledImages> {
  const all = await readLabelledImages(model, images, labels)
  const size = all.labels.length
  if (count === undefined || count >= size) return all
  const apart = statSync(images).isDirectory() ? size / count : 1
  return partOf(
    all,
    Array.from({ length: count }, (_, i) => Math.floor(i * apart)),
  )
}

/** @param labelled whether the class folders must be the model's classes, by name or by number of folders. */
async function readFolder(model: Classifier, root: string, labelled: boolean): Promise<LabelledImages> {
  const found = await openImageFolder(root, model.preprocessing)
  const byName = found.classes.every(name => model.classes.includes(name))
  if (labelled && !byName && found.classes.length !== model.classes.length) {
    throw new InputError(
      `${root} has ${found.classes.length} class folders that are not among the ${model.classes.length} classes of ${model.name}: give class indices with --labels`,
    )
  }
  const index = found.classes.map((name, i) => (byName ? model.classes.indexOf(name) : i))
  const [height, width] = model.preprocessing.size
  const pixels = new Float32Array(found.size * 3 * height * width)
  const labels: number[] = []
  for await (const batch of found.batches({ batchSize: 64 })) {
    pixels.set(batch.images.data, labels.length * 3 * height * width)
    labels.push(...Array.from(batch.labels, label => index[label]!))
  }
  return { images: float32([found.size, 3, height, width], pixels), labels: Int32Array.from(labels) }
}

/** One class index per image. @throws InputError naming the file. */
export function readLabels(path: string, images: number, classes: number): Int32Array {
  const array = readArray(path)
  if (array.dtype.includes('float') || array.dtype === 'bool') {
    throw new InputError(`${path} must hold class indices as integers, found ${array.dtype}`)
  }
  if (array.shape.length !== 1 || array.data.length !== images) {
    throw new InputError(
      `${path} must hold one label for each of ${images} images, found ${formatShape(array.shape)}`,
    )
  }
  const labels = Array.from(array.data, Number)
  const wrong = labels.findIndex(label => label < 0 || label >= classes)
  if (wrong >= 0) {
    throw new InputError(
      `label ${wrong} of ${path} is ${labels[wrong]}: the model has classes 0 to ${classes - 1}`,
    )
  }
  return Int32Array.from(labels)
}

/** Consecutive pieces of at most `size` images. */
export function* pieces({ images, labels }: LabelledImages, size: number): Generator<LabelledImages> {
  for (let from = 0; from < labels.length; from += size) {
    yield { images: rows(images, from, from + size), labels: labels.subarray(from, from + size) }
  }
}

function readArray(path: string): Tensor {
  let bytes: Uint8Array
  try {
    if (statSync(path).isDirectory()) throw new InputError(`${path} is a folder: name an .npy file`)
    bytes = readFileSync(path)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  return readNpy(bytes, path)
}

function pixelsOf(array: Tensor, path: string): FloatTensor {
  const { dtype, shape, data } = array
  if (data instanceof Float32Array) return float32(shape, data)
  if (data instanceof Float64Array) return float32(shape, Float32Array.from(data))
  if (dtype === 'uint8' && data instanceof Uint8Array)
    return float32(
      shape,
      Float32Array.from(data, v => v / 255),
    )
  throw new InputError(`${path} must hold float32, float64 or uint8 images, found ${dtype}`)
}
