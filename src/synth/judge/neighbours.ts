// Pictures among real images. The nearest training image by a network's features says what a picture looks like; the
// nearest by pixels says whether it is a copy.

import type { Classifier } from '../../classifier/classifier.ts'
import type { Dataset } from '../../data/dataset.ts'
import { InputError } from '../../errors/input-error.ts'
import { resizeImages } from '../../image/resize-images.ts'
import { type Progress, silent } from '../../progress/progress.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'

/** What is kept of each training image. */
export interface TrainingIndex {
  readonly labels: Int32Array
  /** Mean activations of the judge's last layer. */
  readonly features: readonly Float32Array[]
  /** The image at 16x16. */
  readonly thumbnails: readonly Float32Array[]
}

export interface Neighbours {
  /** Per picture, the class of the training image that is nearest by features. */
  readonly labels: Int32Array
  /** Per picture, the root mean square difference to the training image that is nearest by pixels, at 16x16. */
  readonly distances: Float64Array
}

const THUMBNAIL = 16

/**
 * Reads up to `limit` images of `data` (default 2,048).
 * @throws InputError when the judge has no layer.
 */
export async function indexTraining(
  judge: Classifier,
  data: Dataset,
  {
    limit = 2048,
    progress = silent,
    signal,
  }: { limit?: number; progress?: Progress; signal?: AbortSignal } = {},
): Promise<TrainingIndex> {
  const labels: number[] = []
  const features: Float32Array[] = []
  const thumbnails: Float32Array[] = []
  const task = progress.start('reading training images', Math.min(limit, data.size), 'images')
  for await (const batch of data.batches({ batchSize: 64, limit })) {
    signal?.throwIfAborted()
    labels.push(...batch.labels)
    features.push(...(await featuresOf(judge, batch.images)))
    thumbnails.push(...thumbnailsOf(batch.images))
    task.advance(batch.labels.length)
  }
  task.end()
  return { labels: Int32Array.from(labels), features, thumbnails }
}

/** The neighbours of `pictures` in `index`, which was made with the same judge. */
export async function neighboursOf(
  judge: Classifier,
  index: TrainingIndex,
  pictures: FloatTensor,
): Promise<Neighbours> {
  const features = await featuresOf(judge, pictures)
  const thumbnails = thumbnailsOf(pictures)
  return {
    labels: Int32Array.from(features, own => index.labels[nearest(own, index.features).at]!),
    distances: Float64Array.from(thumbnails, own =>
      Math.sqrt(nearest(own, index.thumbnails).square / own.length),
    ),
  }
}

async function featuresOf(judge: Classifier, images: FloatTensor): Promise<Float32Array[]> {
  const layer = judge.layers.at(-1)
  if (layer === undefined)
    throw new InputError(`${judge.name} has no known layer to take features from: choose another judge`)
  const maps = (await judge.activations(images, [layer.name]))[layer.name]!
  const [n = 0, units = 0, ...positions] = maps.shape
  const area = positions.reduce((a, b) => a * b, 1)
  return Array.from({ length: n }, (_, i) =>
    Float32Array.from({ length: units }, (_, u) => {
      let sum = 0
      for (let k = 0; k < area; k++) sum += maps.data[(i * units + u) * area + k]!
      return sum / area
    }),
  )
}

function thumbnailsOf(images: FloatTensor): Float32Array[] {
  const small = resizeImages(images, THUMBNAIL, THUMBNAIL, 'bilinear').data
  const size = 3 * THUMBNAIL ** 2
  return Array.from({ length: images.shape[0]! }, (_, i) => small.subarray(i * size, (i + 1) * size))
}

function nearest(own: Float32Array, others: readonly Float32Array[]): { at: number; square: number } {
  let [at, least] = [0, Number.POSITIVE_INFINITY]
  for (const [i, other] of others.entries()) {
    let square = 0
    for (let k = 0; k < own.length && square < least; k++) square += (own[k]! - other[k]!) ** 2
    if (square < least) [at, least] = [i, square]
  }
  return { at, square: least }
}
