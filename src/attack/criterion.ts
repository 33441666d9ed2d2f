// When an attack has succeeded, and whether it climbs or descends the loss to get there.

import { InputError } from '../errors/input-error.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

export interface Criterion {
  /** The class per image whose cross-entropy is followed. */
  readonly classes: Int32Array
  /** +1: away from `classes`; -1: towards them. */
  readonly direction: 1 | -1
  /** Whether each image with these logits `[n, classes]` is adversarial. */
  adversarial(logits: FloatTensor): boolean[]
}

/** The image is not classified as its label. */
export function misclassification(labels: Int32Array): Criterion {
  return {
    classes: labels,
    direction: 1,
    adversarial: logits => Array.from(predictions(logits), (predicted, i) => predicted !== labels[i]),
  }
}

/** The image is classified as its target. */
export function targetedMisclassification(targets: Int32Array): Criterion {
  return {
    classes: targets,
    direction: -1,
    adversarial: logits => Array.from(predictions(logits), (predicted, i) => predicted === targets[i]),
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
