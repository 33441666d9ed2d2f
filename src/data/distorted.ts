// A data set seen through a distortion, made while it is read: nothing is written anywhere.

import type { Distortion } from '../distort/distortion.ts'
import { Random } from '../tensor/random.ts'
import { rows } from '../tensor/tensor.ts'
import type { Batch, Dataset } from './dataset.ts'
import { fingerprintOf } from './fingerprint.ts'

/**
 * `data` with `distortion` applied to every image. What is drawn for an image depends on `seed` and the image's name
 * alone: neither batch sizes nor which other images are read make a difference.
 */
export async function distorted(data: Dataset, distortion: Distortion, seed: number): Promise<Dataset> {
  const { name, settings } = distortion
  const draws = new Random(seed).fork(`distortion ${name}`)
  return {
    ...data,
    name: `${data.name} ${name}`,
    fingerprint: await fingerprintOf([data.fingerprint, JSON.stringify([name, settings, seed])]),
    async *batches(options) {
      for await (const batch of data.batches(options)) yield distortedBatch(batch, distortion, draws)
    },
  }
}

function distortedBatch(batch: Batch, distortion: Distortion, draws: Random): Batch {
  const data = new Float32Array(batch.images.data.length)
  const area = data.length / Math.max(1, batch.labels.length)
  for (const [i, name] of batch.names.entries()) {
    data.set(distortion.apply(rows(batch.images, i, i + 1), draws.fork(name)).data, i * area)
  }
  return { ...batch, images: { ...batch.images, data } }
}
