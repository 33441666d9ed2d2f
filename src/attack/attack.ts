// What every attack is: a function from a classifier and labelled images to perturbed images and what came of
// them. Attacks live in pixel space [0, 1]; normalisation is the classifier's business.

import type { Classifier } from '../classifier/classifier.ts'
import type { Batch } from '../data/dataset.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

/** What an attack starts from. */
export type AttackBatch = Pick<Batch, 'images' | 'labels'>

export interface AttackResult {
  /** The perturbed images, `[n, 3, h, w]` in [0, 1]. */
  readonly images: FloatTensor
  /** Whether each is adversarial: misclassified or, in a targeted attack, classified as its target. */
  readonly adversarial: readonly boolean[]
  /** Distance of each from its original in the attack's norm, `[n]`. */
  readonly distance: Float32Array
  /** How often the network was asked about each image, with or without gradient. */
  readonly queries: number
}

/** `batch.labels` are the true classes. */
export type Attack<Options> = (
  model: Classifier,
  batch: AttackBatch,
  options: Options,
) => Promise<AttackResult>
