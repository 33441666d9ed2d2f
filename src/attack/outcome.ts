// What an attack that looks for any adversarial image has so far: per image what was found, and how often the
// network was asked. Who is found leaves the search; images that nothing was found for stay as they were.

import type { Classifier } from '../classifier/classifier.ts'
import { rowOf } from '../tensor/gather.ts'
import { elementCount } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import { type AttackBatch, type AttackResult, partOf } from './attack.ts'
import { predictions } from './criterion.ts'
import type { Norm } from './norm.ts'

export class Outcome {
  /** The best found so far; the original where nothing was. */
  readonly images: FloatTensor
  readonly adversarial: boolean[]
  readonly queries: Int32Array
  private readonly size: number

  /** Asks the network about every image; those it misclassifies are adversarial as they are. */
  static async begin(
    model: Classifier,
    { images, labels }: AttackBatch,
  ): Promise<{ outcome: Outcome; logits: FloatTensor }> {
    const outcome = new Outcome(images)
    const logits = await model.logits(images)
    outcome.asked(outcome.open())
    for (const [i, decision] of predictions(logits).entries()) if (decision !== labels[i]) outcome.found(i)
    return { outcome, logits }
  }

  private constructor(readonly originals: FloatTensor) {
    const n = originals.shape[0] ?? 0
    this.images = float32(originals.shape, originals.data.slice())
    this.adversarial = new Array<boolean>(n).fill(false)
    this.queries = new Int32Array(n)
    this.size = elementCount(originals.shape.slice(1))
  }

  /** Places of the images that are not adversarial yet. */
  open(): number[] {
    return this.adversarial.flatMap((done, i) => (done ? [] : [i]))
  }

  original(i: number): Float32Array {
    return this.originals.data.subarray(i * this.size, (i + 1) * this.size)
  }

  /** Image `i` is adversarial as `image` (copied), or as it was. */
  found(i: number, image?: Float32Array): void {
    this.adversarial[i] = true
    if (image !== undefined) this.images.data.set(image, i * this.size)
  }

  /** The network was asked `times` about each of these. */
  asked(indices: readonly number[], times = 1): void {
    for (const i of indices) this.queries[i]! += times
  }

  /** Attacks those that are not adversarial yet and notes what falls. Undefined when there are none. */
  async attackOpen(
    batch: AttackBatch,
    attack: (rest: AttackBatch) => Promise<AttackResult>,
  ): Promise<AttackResult | undefined> {
    const open = this.open()
    if (open.length === 0) return undefined
    const result = await attack(partOf(batch, open))
    for (const [k, i] of open.entries()) {
      this.asked([i], result.queries[k])
      if (result.adversarial[k]) this.found(i, rowOf(result.images, k))
    }
    return result
  }

  result(norm: Norm): AttackResult {
    const { images, adversarial, queries } = this
    return { images, adversarial, distance: norm.distance(images, this.originals), queries }
  }
}
