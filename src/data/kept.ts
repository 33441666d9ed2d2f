// A data set that is read once and then kept in memory, for those who ask about the same images dozens of times.

import { type FloatTensor, float32, rows } from '../tensor/tensor.ts'
import type { Batch, Dataset } from './dataset.ts'

/** 256 MB: 1,700 images of 224x224, 20,000 of 64x64. */
const mostBytes = 2 ** 28

/** `data` from memory once it has been read; as it is where its images of `size` would need more than 256 MB. */
export function kept(data: Dataset, [height, width]: readonly [number, number]): Dataset {
  const area = 3 * height * width
  if (4 * area * data.size > mostBytes) return data
  let reading: Promise<Batch> | undefined
  return {
    ...data,
    async *batches({ batchSize, limit = data.size }) {
      reading ??= whole(data, area)
      const { images, labels, names } = await reading
      const end = Math.min(limit, data.size)
      for (let from = 0; from < end; from += batchSize) {
        const to = Math.min(end, from + batchSize)
        yield { images: rows(images, from, to), labels: labels.slice(from, to), names: names.slice(from, to) }
      }
    },
  }
}

async function whole(data: Dataset, area: number): Promise<Batch> {
  const pixels = new Float32Array(data.size * area)
  const labels = new Int32Array(data.size)
  const names: string[] = []
  let shape: FloatTensor['shape'] = []
  for await (const batch of data.batches({ batchSize: 64 })) {
    pixels.set(batch.images.data, names.length * area)
    labels.set(batch.labels, names.length)
    names.push(...batch.names)
    shape = batch.images.shape
  }
  return { images: float32([data.size, ...shape.slice(1)], pixels), labels, names }
}
