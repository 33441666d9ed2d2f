// What every attack is: a function from a classifier and labelled images to perturbed images and what came of
// them. Attacks live in pixel space [0, 1]; normalisation is the classifier's business.

import type { Classifier } from '../classifier/classifier.ts'
import type { Batch } from '../data/dataset.ts'
import { requireInput } from '../errors/input-error.ts'
import { gatherRows } from '../tensor/gather.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { checkLabels } from './criterion.ts'

/** What an attack starts from. */
export type AttackBatch = Pick<Batch, 'images' | 'labels'>

export interface AttackResult {
  /** The perturbed images, `[n, 3, h, w]` in [0, 1]. */
  readonly images: FloatTensor
  /** Whether each is adversarial: misclassified or, in a targeted attack, classified as its target. */
  readonly adversarial: readonly boolean[]
  /** Distance of each from its original in the attack's norm, `[n]`. */
  readonly distance: Float32Array
  /** How often the network was asked about each image, with or without gradient, `[n]`. */
  readonly queries: Int32Array
}

/** `batch.labels` are the true classes. */
export type Attack<Options> = (
  model: Classifier,
  batch: AttackBatch,
  options: Options,
) => Promise<AttackResult>

/** The images at these places. */
export function partOf({ images, labels }: AttackBatch, places: readonly number[]): AttackBatch {
  return { images: gatherRows(images, places), labels: Int32Array.from(places, i => labels[i]!) }
}

/** @throws InputError unless the images lie in [0, 1] and there is one class of the model per image. */
export function checkBatch(model: Classifier, { images, labels }: AttackBatch): void {
  checkLabels(labels, images.shape[0] ?? 0, model.classes.length)
  const wrong = images.data.findIndex(value => !(value >= 0 && value <= 1))
  requireInput(wrong < 0, () => `images must lie in [0, 1], found ${images.data[wrong]} at element ${wrong}`)
}

/** @throws InputError unless `value` is a whole number from `low` on. */
export function requireCount(name: string, value: number, low = 1): void {
  requireInput(
    Number.isInteger(value) && value >= low,
    `${name} must be a whole number from ${low} on, found ${value}`,
  )
}

/** @throws InputError unless `epsilon` is a number above 0. */
export function requireRadius(epsilon: number): void {
  requireInput(epsilon > 0 && Number.isFinite(epsilon), `epsilon must be a number above 0, found ${epsilon}`)
}
