// Some images of a data set, picked by chance, in memory.

import type { Batch, Dataset } from '../../data/dataset.ts'
import type { Random } from '../../tensor/random.ts'
import { elementCount } from '../../tensor/shape.ts'
import { float32, rows } from '../../tensor/tensor.ts'

/** A batch with the places of its images in the data set. */
export interface Picked extends Batch {
  readonly indices: readonly number[]
}

/** `count` images (or all there are) in an order drawn from `random`. Reads the data set once. */
export async function pickImages(data: Dataset, count: number, random: Random): Promise<Picked> {
  const order = [...random.permutation(data.size)].slice(0, count)
  const found = new Map<number, { image: Float32Array; label: number; name: string }>()
  const wanted = new Set(order)
  let shape: readonly number[] = []
  let at = 0
  for await (const batch of data.batches({ batchSize: 128 })) {
    shape = batch.images.shape.slice(1)
    for (const [i, label] of batch.labels.entries()) {
      if (wanted.has(at + i)) {
        const image = rows(batch.images, i, i + 1).data.slice()
        found.set(at + i, { image, label, name: batch.names[i] ?? '' })
      }
    }
    at += batch.labels.length
    if (found.size === wanted.size) break
  }
  const indices = order.filter(index => found.has(index))
  const picked = indices.map(index => found.get(index)!)
  const data32 = new Float32Array(picked.length * elementCount(shape))
  for (const [i, { image }] of picked.entries()) data32.set(image, i * image.length)
  return {
    images: float32([picked.length, ...shape], data32),
    labels: Int32Array.from(picked, one => one.label),
    names: picked.map(one => one.name),
    indices,
  }
}
