// A data set held in memory, for tests.

import type { Batch, Dataset } from '../../src/data/dataset.ts'
import { type FloatTensor, rows } from '../../src/tensor/tensor.ts'

/** `images` `[n, 3, h, w]` with one of `classes` labels each. */
export function memoryDataset(
  name: string,
  images: FloatTensor,
  labels: Int32Array,
  classes: number,
): Dataset {
  return {
    name,
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
    size: labels.length,
    fingerprint: `${name} ${labels.length}`,
    async *batches({ batchSize, limit = labels.length }): AsyncIterable<Batch> {
      for (let from = 0; from < limit; from += batchSize) {
        const to = Math.min(from + batchSize, limit)
        const names = Array.from({ length: to - from }, (_, i) => `${from + i}`)
        yield { images: rows(images, from, to), labels: labels.subarray(from, to), names }
      }
    },
  }
}
