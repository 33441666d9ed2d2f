// When an attack has succeeded, and whether it climbs or descends the loss to get there.

import { InputError } from '../errors/input-error.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

export interface Criterion {
  /** The class per image whose cross-entropy is followed. */
  readonly classes: Int32Array
  /** +1: away from `classes`; -1: towards them. */
  readonly direction: 1 | -1
  /** Whether each image with these logits `[n, classes]` is adversarial; the images at these places of the batch. */
  adversarial(logits: FloatTensor, places: readonly number[]): boolean[]
}

/** The image is not classified as its label. */
export function misclassification(labels: Int32Array): Criterion {
  return {
    classes: labels,
    direction: 1,
    adversarial: (logits, places) =>
      Array.from(predictions(logits), (predicted, k) => predicted !== labels[places[k]!]),
  }
}

/** The image is classified as its target. */
export function targetedMisclassification(targets: Int32Array): Criterion {
  return {
    classes: targets,
    direction: -1,
    adversarial: (logits, places) =>
      Array.from(predictions(logits), (predicted, k) => predicted === targets[places[k]!]),
  }
}

/** Index of the largest logit per image of `[n, classes]`; the first of equals. */
export function predictions(logits: FloatTensor): Int32Array {
  const [n = 0, classes = 0] = logits.shape
  const out = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    let best = 0
    for (let k = 1; k < classes; k++) {
      if (logits.data[i * classes + k]! > logits.data[i * classes + best]!) best = k
    }
    out[i] = best
  }
  return out
}

/** How far the label's logit is above the largest other one, per image of `[n, classes]`. */
export function margins(logits: FloatTensor, labels: Int32Array): Float32Array {
  const [n = 0, classes = 0] = logits.shape
  return Float32Array.from({ length: n }, (_, i) => {
    let other = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++)
      if (c !== labels[i]) other = Math.max(other, logits.data[i * classes + c]!)
    return logits.data[i * classes + labels[i]!]! - other
  })
}

/** The classes of image `i` of `[n, classes]` by falling logit; of equals the first comes first. */
export function rankedClasses(logits: FloatTensor, i: number): number[] {
  const classes = logits.shape[1]!
  return Array.from({ length: classes }, (_, c) => c).sort(
    (a, b) => logits.data[i * classes + b]! - logits.data[i * classes + a]!,
  )
}

/** Throws unless there is one class index below `classes` per image. */
export function checkLabels(labels: Int32Array, images: number, classes: number): void {
  if (labels.length !== images) {
    throw new InputError(`${images} images need as many labels, found ${labels.length}`)
  }
  const wrong = labels.findIndex(label => label < 0 || label >= classes)
  if (wrong >= 0) {
    throw new InputError(
      `label ${wrong} is ${labels[wrong]}: the model has ${classes} classes, from 0 to ${classes - 1}`,
    )
  }
}
