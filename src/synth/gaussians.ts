// Where class-conditional generation starts (Santurkar et al. 2019, section 3.1): a sample of a normal distribution
// over small versions of a class's images, with full covariance. Kept as its mean and the Cholesky factor.

import { z } from 'zod'
import { readSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts'
import type { ByteSource } from '../checkpoint/source.ts'
import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { resizeImages } from '../image/resize-images.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Random } from '../tensor/random.ts'
import { asFloat32, type FloatTensor, float32 } from '../tensor/tensor.ts'

/** One normal distribution of small images per class. */
export interface ClassGaussians {
  readonly classes: readonly string[]
  /** Height and width of the small images. */
  readonly side: number
  /** Number of images behind each. */
  readonly counts: readonly number[]
  /** `[classes, 3 side^2]` */
  readonly means: FloatTensor
  /** Lower triangular L with covariance L L', `[classes, 3 side^2, 3 side^2]`. */
  readonly factors: FloatTensor
}

export interface FitOptions {
  /** Default 8: 192 numbers per image, which a few hundred images per class determine. */
  readonly side?: number
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** Added to every variance, since the covariance of few images is singular: half a grey level, squared. */
const RIDGE = (0.5 / 255) ** 2

/**
 * Fits the distributions to a data set.
 * @throws InputError when a class has fewer than two images.
 */
export async function fitGaussians(data: Dataset, options: FitOptions = {}): Promise<ClassGaussians> {
  const { side = 8, progress = silent, signal } = options
  const size = 3 * side * side
  const classes = data.classes.length
  const counts = new Array<number>(classes).fill(0)
  const sums = Array.from({ length: classes }, () => new Float64Array(size))
  const products = Array.from({ length: classes }, () => new Float64Array(size * size))
  const task = progress.start('fitting class Gaussians', data.size, 'images')
  for await (const batch of data.batches({ batchSize: 64 })) {
    signal?.throwIfAborted()
    const small = resizeImages(batch.images, side, side, 'bilinear').data
    for (const [i, label] of batch.labels.entries()) {
      counts[label]!++
      addImage(small.subarray(i * size, (i + 1) * size), sums[label]!, products[label]!)
    }
    task.advance(batch.labels.length)
  }
  task.end()
  const scarce = counts.findIndex(count => count < 2)
  if (scarce >= 0) {
    throw new InputError(
      `class ${data.classes[scarce]} of ${data.name} has ${counts[scarce]} images: a Gaussian needs at least 2`,
    )
  }
  const means = new Float32Array(classes * size)
  const factors = new Float32Array(classes * size * size)
  for (let c = 0; c < classes; c++) {
    const mean = sums[c]!.map(v => v / counts[c]!)
    const covariance = products[c]!
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++)
        covariance[i * size + j] =
          (covariance[i * size + j]! - counts[c]! * mean[i]! * mean[j]!) / (counts[c]! - 1)
      covariance[i * size + i]! += RIDGE
    }
    means.set(mean, c * size)
    factors.set(cholesky(covariance, size), c * size * size)
  }
  return {
    classes: data.classes,
    side,
    counts,
    means: float32([classes, size], means),
    factors: float32([classes, size, size], factors),
  }
}

/**
 * One sample per label, `[n, 3, height, width]` in [0, 1], made large by bilinear interpolation.
 * @throws InputError for a class that there is no distribution of.
 */
export function sampleGaussians(
  gaussians: ClassGaussians,
  labels: Int32Array,
  [height, width]: readonly [number, number],
  random: Random,
): FloatTensor {
  const { classes, side, means, factors } = gaussians
  const size = 3 * side * side
  const small = new Float32Array(labels.length * size)
  for (const [k, label] of labels.entries()) {
    if (label < 0 || label >= classes.length)
      throw new InputError(`there is no Gaussian of class ${label}: there are ${classes.length} classes`)
    const noise = Float64Array.from({ length: size }, () => random.normal())
    for (let i = 0; i < size; i++) {
      let value = means.data[label * size + i]!
      const row = (label * size + i) * size
      for (let j = 0; j <= i; j++) value += factors.data[row + j]! * noise[j]!
      small[k * size + i] = Math.min(1, Math.max(0, value))
    }
  }
  return resizeImages(float32([labels.length, 3, side, side], small), height, width, 'bilinear')
}

const FORMAT = 'silhouette class Gaussians'
const Header = z.object({
  format: z.literal(FORMAT),
  classes: z.string().transform(text => z.array(z.string()).min(1).parse(JSON.parse(text))),
  counts: z.string().transform(text => z.array(z.int().positive()).parse(JSON.parse(text))),
})

/** The distributions as a safetensors file. */
export function writeGaussians({ classes, counts, means, factors }: ClassGaussians): Uint8Array {
  const header = { format: FORMAT, classes: JSON.stringify(classes), counts: JSON.stringify(counts) }
  const tensors = { means, factors }
  return writeSafetensors(new Map(Object.entries(tensors)), new Map(Object.entries(header)))
}

/** @throws InputError when the file is damaged or holds something else. */
export function readGaussians(source: ByteSource): ClassGaussians {
  const { tensors, metadata } = readSafetensors(source)
  const other = (why: string) =>
    new InputError(`${source.name} does not hold class Gaussians: ${why}; fit them again`)
  let header: z.infer<typeof Header>
  try {
    header = Header.parse(Object.fromEntries(metadata))
  } catch (error) {
    throw new InputError(other('its header is another').message, { cause: error })
  }
  const { classes, counts } = header
  const means = tensors.get('means')
  const factors = tensors.get('factors')
  const [, size = 0] = means?.shape ?? []
  const side = Math.sqrt(size / 3)
  const fits =
    Number.isInteger(side) &&
    side > 0 &&
    counts.length === classes.length &&
    means?.shape.join() === [classes.length, size].join() &&
    factors?.shape.join() === [classes.length, size, size].join()
  if (!fits) throw other('its tensors do not fit its classes')
  return {
    classes,
    side,
    counts,
    means: asFloat32(means!.read(), 'means'),
    factors: asFloat32(factors!.read(), 'factors'),
  }
}

/** Adds an image and its products with itself (lower triangle) to the sums. */
function addImage(image: Float32Array, sum: Float64Array, products: Float64Array): void {
  const size = image.length
  for (let i = 0; i < size; i++) {
    const value = image[i]!
    sum[i]! += value
    for (let j = 0; j <= i; j++) products[i * size + j]! += value * image[j]!
  }
}

/** The lower triangular L with A = L L'; A is given by its lower triangle. */
function cholesky(matrix: Float64Array, size: number): Float32Array {
  const factor = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let value = matrix[i * size + j]!
      for (let k = 0; k < j; k++) value -= factor[i * size + k]! * factor[j * size + k]!
      // With the ridge a pivot is positive; rounding may eat it where images are few.
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(value, RIDGE / 2)) : value / factor[j * size + j]!
    }
  }
  return Float32Array.from(factor)
}
