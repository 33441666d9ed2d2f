// A part of a data set for what takes too long on all of it: the same images for every network and seed, drawn at
// random, since neighbours in a data set are often of one class.

import { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { type FloatTensor, float32, rows } from '../tensor/tensor.ts'

/** A full batch of picked images. */
export interface Picked<B> {
  /** `[n, 3, h, w]` */
  readonly images: FloatTensor
  /** Places of the images in the data set, ascending. */
  readonly places: readonly number[]
  /** What else is known of each: the batch it came in, and its row there. */
  readonly rows: readonly { readonly batch: B; readonly row: number }[]
}

/** What {@link picked} picks from: a labelled data set, or one with concept masks. */
export interface Pickable<B> {
  readonly size: number
  batches(options: { readonly batchSize: number }): AsyncIterable<B>
}

/** `count` images of `data` (all, where there are fewer) in its order, in full batches. */
export async function* picked<B extends { readonly images: FloatTensor }>(
  data: Pickable<B>,
  count: number,
  batchSize: number,
): AsyncGenerator<Picked<B>> {
  const chosen = new Set(new Random(0).permutation(data.size).subarray(0, count))
  let at = 0
  let waiting: { batch: B; row: number; place: number }[] = []
  for await (const batch of data.batches({ batchSize })) {
    const n = batch.images.shape[0] ?? 0
    for (let row = 0; row < n; row++) {
      if (!chosen.has(at + row)) continue
      waiting.push({ batch, row, place: at + row })
      if (waiting.length < batchSize) continue
      yield together(waiting)
      waiting = []
    }
    at += n
  }
  if (waiting.length > 0) yield together(waiting)
}

function together<B extends { readonly images: FloatTensor }>(
  images: readonly { readonly batch: B; readonly row: number; readonly place: number }[],
): Picked<B> {
  const shape = images[0]!.batch.images.shape.slice(1)
  const size = elementCount(shape)
  const data = new Float32Array(images.length * size)
  for (const [i, { batch, row }] of images.entries())
    data.set(rows(batch.images, row, row + 1).data, i * size)
  return {
    images: float32([images.length, ...shape], data),
    places: images.map(image => image.place),
    rows: images,
  }
}
