// How many images a probe gives a network at once: as many as keep memory low and the cores busy.

import type { Classifier } from '../classifier/classifier.ts'

const values = 2 ** 21

/** 128 images of 64x64, 13 of 224x224. */
export function batchSizeFor(model: Pick<Classifier, 'preprocessing'>): number {
  const [height, width] = model.preprocessing.size
  return Math.max(1, Math.min(128, Math.floor(values / (3 * height * width))))
}
