// Adversarial images written as 8-bit files and checked again from there: what a reader of the files gets is what is
// counted.

import { predictions, toEightBit } from '../attack/index.ts'
import { type NormName, norms } from '../attack/norm.ts'
import type { Classifier } from '../classifier/classifier.ts'
import { openAdversarialSet, writeAdversarialSet } from '../data/adversarial-set.node.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

/** Counts over the images of a set. */
export interface Verified {
  readonly images: number
  /** Adversarial as the attack left them, in float32. */
  readonly adversarial: number
  /** Of these, still adversarial when read back from the files. */
  readonly labelHolds: number
  /** Of all images read back, within the radius of their original. */
  readonly epsilonHolds: number
  /** Of all images read back, adversarial and within the radius. */
  readonly both: number
}

/** How far past the radius float32 arithmetic may lead. */
const SLACK = 1e-6

export interface SetToWrite {
  readonly originals: FloatTensor
  readonly images: FloatTensor
  readonly adversarial: readonly boolean[]
  /** True classes or, in a targeted attack, those that the network gave before. */
  readonly labels: Int32Array
  readonly targets?: Int32Array | undefined
  readonly norm: NormName
  readonly epsilon: number
}

/**
 * Writes `root/images/*.png` and `root/labels.csv`, rounding towards the originals, then reads them back.
 * @throws InputError when the place cannot be written
 */
export async function writeVerifiedSet(root: string, model: Classifier, set: SetToWrite): Promise<Verified> {
  const { originals, images, adversarial, labels, targets, norm, epsilon } = set
  await writeAdversarialSet(root, { images: toEightBit(images, originals), labels, targets })
  const back = await openAdversarialSet(root, model.classes)
  const size = images.data.length / Math.max(1, labels.length)
  const counts = { adversarial: 0, labelHolds: 0, epsilonHolds: 0, both: 0 }
  let at = 0
  for await (const batch of back.batches({ batchSize: 64 })) {
    const decisions = predictions(await model.logits(batch.images))
    for (const [k, decision] of decisions.entries()) {
      const i = at + k
      const now = targets ? decision === targets[i] : decision !== labels[i]
      const image = batch.images.data.subarray(k * size, (k + 1) * size)
      const original = originals.data.subarray(i * size, (i + 1) * size)
      const inside = norms[norm].between(image, original) <= epsilon * (1 + SLACK) + SLACK
      if (adversarial[i]) counts.adversarial++
      if (adversarial[i] && now) counts.labelHolds++
      if (inside) counts.epsilonHolds++
      if (now && inside) counts.both++
    }
    at += decisions.length
  }
  return { images: labels.length, ...counts }
}

/** The counts in one sentence. */
export function verifiedText({ images, adversarial, labelHolds, epsilonHolds, both }: Verified): string {
  return `as 8-bit files: ${labelHolds} of ${adversarial} adversarial images stay so, ${epsilonHolds} of ${images} lie within eps, ${both} of ${images} are adversarial within eps`
}
