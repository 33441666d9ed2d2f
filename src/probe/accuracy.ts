// Accuracy: how often a network decides for the label, on images as they are or distorted.

import { z } from 'zod'
import type { Dataset } from '../data/dataset.ts'
import type { Distortion } from '../distort/distortion.ts'
import { requireInput } from '../errors/input-error.ts'
import { batchSizeFor } from './batch-size.ts'
import { deciderFor } from './decide.ts'
import type { Probe } from './probe.ts'
import { compareShares, type PairedComparison } from './significance.ts'
import { Estimate, wilson } from './statistics.ts'

export const Accuracy = z.object({
  /** Share of images decided right, with Wilson's interval. */
  accuracy: Estimate,
  images: z.int(),
  classes: z.array(z.string()),
  /** Each image in order: its name, and indices into `classes` (decisions: -1 for a class not in the data). */
  perImage: z.object({
    names: z.array(z.string()),
    labels: z.array(z.int()),
    decisions: z.array(z.int()),
  }),
})
export type Accuracy = z.infer<typeof Accuracy>

export interface AccuracyOptions {
  readonly data: Dataset
  /** What happens to the images first; default: nothing. */
  readonly distortion?: Distortion
}

/** The probe. Its run throws InputError when the model's classes or image size do not fit the data. */
export function accuracy({ data, distortion }: AccuracyOptions): Probe<Accuracy> {
  return {
    name: 'accuracy',
    version: 1,
    options: {
      distortion: distortion === undefined ? null : { name: distortion.name, ...distortion.settings },
    },
    data: [data],
    schema: Accuracy,
    async run({ model, random, progress, signal }) {
      const decider = deciderFor(model, data.classes)
      const draws = random.fork('distortion')
      const task = progress.start(`accuracy of ${model.name} on ${data.name}`, data.size, 'images')
      const perImage: Accuracy['perImage'] = { names: [], labels: [], decisions: [] }
      for await (const batch of data.batches({ batchSize: batchSizeFor(model) })) {
        signal?.throwIfAborted()
        const images = distortion?.apply(batch.images, draws) ?? batch.images
        perImage.decisions.push(...decider.decide(await model.logits(images)))
        perImage.labels.push(...batch.labels)
        perImage.names.push(...batch.names)
        task.advance(batch.labels.length)
      }
      task.end()
      return accuracyOf(perImage, data.classes)
    },
  }
}

/** Accuracy from decisions that were made elsewhere. @throws InputError when there are none */
export function accuracyOf(perImage: Accuracy['perImage'], classes: readonly string[]): Accuracy {
  const { labels } = perImage
  const right = rightOf(perImage).reduce((sum, hit) => sum + hit, 0)
  return {
    accuracy: wilson(right, labels.length),
    images: labels.length,
    classes: [...classes],
    perImage,
  }
}

/** Per image: 1 where it was decided right. */
export function rightOf({ labels, decisions }: Accuracy['perImage']): Uint8Array {
  return Uint8Array.from(labels, (label, i) => (decisions[i] === label ? 1 : 0))
}

/**
 * Accuracy of `first` minus that of `second`, tested image by image.
 * @throws InputError when they were not measured on the same images
 */
export function compareAccuracy(first: Accuracy, second: Accuracy): PairedComparison {
  requireSameImages(first.perImage.names, second.perImage.names)
  return compareShares(rightOf(first.perImage), rightOf(second.perImage))
}

/** @throws InputError when these are not the same names in the same order */
export function requireSameImages(first: readonly string[], second: readonly string[]): void {
  const differs = first.findIndex((name, i) => name !== second[i])
  requireInput(
    first.length === second.length,
    `a comparison needs the same images, found ${first.length} and ${second.length}`,
  )
  requireInput(
    differs < 0,
    `a comparison needs the same images, found ${first[differs]} and ${second[differs]} in place ${differs + 1}`,
  )
}
