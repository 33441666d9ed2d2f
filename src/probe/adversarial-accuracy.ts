// Adversarial accuracy: how often a network still decides for the label when each image is attacked with
// projected gradient descent on that very network.

import { z } from 'zod'
import { defaultStepSize, type NormName } from '../attack/index.ts'
import type { Dataset } from '../data/dataset.ts'
import { requireInput } from '../errors/input-error.ts'
import { Accuracy, accuracyOf } from './accuracy.ts'
import { attackedBatches } from './attacked.ts'
import { deciderFor } from './decide.ts'
import type { Probe } from './probe.ts'

export const AdversarialAccuracy = Accuracy.extend({
  /** Same images, not attacked. */
  cleanAccuracy: z.number(),
  /** Distance of each attacked image from its original, in the attack's norm. */
  distances: z.array(z.number()),
})
export type AdversarialAccuracy = z.infer<typeof AdversarialAccuracy>

export interface AdversarialAccuracyOptions {
  readonly data: Dataset
  readonly norm: NormName
  /** Radius in pixel units of [0, 1]. */
  readonly epsilon: number
  /** Gradient steps, default 20. */
  readonly steps?: number
  /** Default 2.5 epsilon / steps. */
  readonly stepSize?: number
  /** Random starts, of which the best outcome per image is kept; default 1. */
  readonly restarts?: number
  /** Attack this many images, picked by chance but always the same ones; default: all. */
  readonly images?: number
}

/** The probe. Its run throws InputError when classes, image size or attack settings do not fit. */
export function adversarialAccuracy(options: AdversarialAccuracyOptions): Probe<AdversarialAccuracy> {
  const { data, norm, epsilon, steps = 20, restarts = 1 } = options
  const { stepSize = defaultStepSize(epsilon, steps), images = data.size } = options
  requireInput(
    Number.isInteger(images) && images >= 1,
    `expected at least 1 image to attack, found ${images}`,
  )
  const count = Math.min(images, data.size)
  return {
    name: 'adversarial-accuracy',
    version: 1,
    options: { attack: 'pgd', norm, epsilon, steps, stepSize, restarts, images: count },
    data: [data],
    schema: AdversarialAccuracy,
    async run(context) {
      const { model, progress } = context
      const decider = deciderFor(model, data.classes)
      const task = progress.start(`attacking ${model.name}`, count, 'images')
      const perImage: Accuracy['perImage'] = { names: [], labels: [], decisions: [] }
      const distances: number[] = []
      let clean = 0
      const settings = { norm, epsilon, steps, stepSize, restarts }
      for await (const batch of attackedBatches(context, data, count, settings)) {
        clean += batch.right
        perImage.decisions.push(...decider.decide(await model.logits(batch.images)))
        perImage.labels.push(...batch.labels)
        perImage.names.push(...batch.names)
        distances.push(...batch.distance)
        task.advance(batch.labels.length)
      }
      task.end()
      return { ...accuracyOf(perImage, data.classes), cleanAccuracy: clean / count, distances }
    },
  }
}
