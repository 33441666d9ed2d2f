// Which of several attempts at an image is kept: iterates of one run, or runs from several starts.

import { rowOf } from '../tensor/gather.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Criterion } from './criterion.ts'

/** Collects outcomes. One is better than another when it alone is adversarial, else by its loss. */
export class Best {
  readonly images: FloatTensor
  readonly adversarial: boolean[]
  private readonly scores: Float64Array

  constructor(
    originals: FloatTensor,
    private readonly criterion: Criterion,
  ) {
    this.images = float32(originals.shape, new Float32Array(originals.data.length))
    this.adversarial = new Array<boolean>(criterion.classes.length).fill(false)
    this.scores = new Float64Array(criterion.classes.length).fill(Number.NEGATIVE_INFINITY)
  }

  /**
   * Images and their logits at these places of the batch.
   * @returns whether each of them is adversarial
   */
  offer(images: FloatTensor, logits: FloatTensor, places: readonly number[]): boolean[] {
    const { classes, direction } = this.criterion
    const adversarial = this.criterion.adversarial(logits, places)
    for (const [k, i] of places.entries()) {
      const score = direction * crossEntropy(logits, k, classes[i]!)
      const first = this.scores[i] === Number.NEGATIVE_INFINITY
      const better = adversarial[k] === this.adversarial[i] ? score > this.scores[i]! : adversarial[k]
      if (!first && !better) continue
      this.scores[i] = score
      this.adversarial[i] = adversarial[k]!
      rowOf(this.images, i).set(rowOf(images, k))
    }
    return adversarial
  }
}

/** Cross-entropy of row `i` of `[n, classes]` against class `label`. */
function crossEntropy(logits: FloatTensor, i: number, label: number): number {
  const classes = logits.shape[1]!
  const row = logits.data.subarray(i * classes, (i + 1) * classes)
  const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - top), 0)) + top - row[label]!
}
