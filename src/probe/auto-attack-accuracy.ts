// Accuracy under AutoAttack (Croce & Hein 2020): how often a network is still right when every attack of the
// standard ensemble, or of a part of it, has failed on the image.

import { z } from 'zod'
import { type AutoAttackMember, autoAttack, type NormName } from '../attack/index.ts'
import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { Accuracy, accuracyOf } from './accuracy.ts'
import { deciderFor } from './decide.ts'
import { picked } from './picked.ts'
import type { Probe } from './probe.ts'

/** Decisions are those about the attacked images. */
export const AutoAttackAccuracy = Accuracy.extend({
  /** By attack in order: images that it made adversarial, of those that were left. */
  stages: z.array(z.object({ attack: z.string(), attempted: z.int(), broken: z.int() })),
})
export type AutoAttackAccuracy = z.infer<typeof AutoAttackAccuracy>

export interface AutoAttackAccuracyOptions {
  readonly data: Dataset
  readonly norm: NormName
  /** Radius in pixel units of [0, 1]. */
  readonly epsilon: number
  /** Attack this many images, all of them among those that `adversarialAccuracy` attacks; default: all. */
  readonly images?: number
  /** These attacks alone, one after the other; default: those of AutoAttack's standard version. */
  readonly members?: readonly AutoAttackMember[]
}

/** Images attacked at once. */
const attackBatch = 64

/** The probe. Its run throws InputError when classes, image size or radius do not fit. */
export function autoAttackAccuracy(options: AutoAttackAccuracyOptions): Probe<AutoAttackAccuracy> {
  const { data, norm, epsilon, members } = options
  const count = Math.min(options.images ?? data.size, data.size)
  return {
    name: 'auto-attack-accuracy',
    version: 2,
    options: { ...(members ? { members } : { version: 'standard' }), norm, epsilon, images: count },
    data: [data],
    schema: AutoAttackAccuracy,
    async run({ model, random, progress, signal }) {
      const decider = deciderFor(model, data.classes)
      const { outputs } = decider
      if (outputs === undefined)
        throw new InputError(
          `${model.name} has several outputs for each class of ${data.name}; attack it on data with its own classes`,
        )
      const task = progress.start(`AutoAttack on ${model.name}`, count, 'images')
      const stages = new Map<string, { attempted: number; broken: number }>()
      const perImage: Accuracy['perImage'] = { names: [], labels: [], decisions: [] }
      let batches = 0
      for await (const { images, rows } of picked(data, count, attackBatch)) {
        signal?.throwIfAborted()
        const classes = rows.map(({ batch, row }) => batch.labels[row]!)
        const labels = Int32Array.from(classes, label => outputs[label]!)
        const result = await autoAttack(
          model,
          { images, labels },
          {
            norm,
            epsilon,
            random: random.fork(`batch ${batches++}`),
            ...(members && { version: 'custom', members }),
            ...(signal && { signal }),
          },
        )
        perImage.decisions.push(...decider.decide(await model.logits(result.images)))
        perImage.labels.push(...classes)
        perImage.names.push(...rows.map(({ batch, row }) => batch.names[row]!))
        for (const { attack, attempted, broken } of result.stages) {
          const before = stages.get(attack) ?? { attempted: 0, broken: 0 }
          stages.set(attack, { attempted: before.attempted + attempted, broken: before.broken + broken })
        }
        task.advance(labels.length)
      }
      task.end()
      return {
        ...accuracyOf(perImage, data.classes),
        stages: [...stages].map(([attack, counts]) => ({ attack, ...counts })),
      }
    },
  }
}
