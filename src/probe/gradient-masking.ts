// Gradient masking as a probe: whether the robustness that attacks measure is real, or the gradient is only hidden.

import { z } from 'zod'
import { maskingCheck, maskingChecks, type NormName } from '../attack/index.ts'
import type { Classifier } from '../classifier/classifier.ts'
import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { deciderFor } from './decide.ts'
import { picked } from './picked.ts'
import type { Probe } from './probe.ts'

export const GradientMasking = z.object({
  norm: z.enum(['L2', 'Linf']),
  epsilon: z.number(),
  /** Images that the network classifies rightly, of those picked: all checks are about them. */
  images: z.number(),
  masked: z.boolean(),
  /** See `attack/masking.ts`. */
  checks: z.array(
    z.object({ name: z.enum(maskingChecks), against: z.number(), of: z.number(), passed: z.boolean() }),
  ),
  /** Share of the images that fall to PGD, by ascending radius. */
  curve: z.array(z.object({ epsilon: z.number(), fallen: z.number() })),
})
export type GradientMasking = z.infer<typeof GradientMasking>

export interface GradientMaskingOptions {
  readonly data: Dataset
  readonly norm: NormName
  /** Radius in pixel units of [0, 1]. */
  readonly epsilon: number
  /** Look at this many images, picked by chance but always the same ones; default 64. */
  readonly images?: number
  /** Steps of PGD, default 50. */
  readonly steps?: number
  /** Proposals of Square, default 300. */
  readonly queries?: number
  /** Another network, whose adversarial images are tried on this one. */
  readonly surrogate?: Classifier
}

/** The probe. Its run throws InputError when classes, image size or settings do not fit. */
export function gradientMasking(options: GradientMaskingOptions): Probe<GradientMasking> {
  const { data, norm, epsilon, images = 64, steps = 50, queries = 300, surrogate } = options
  const count = Math.min(images, data.size)
  return {
    name: 'gradient-masking',
    version: 2,
    options: { norm, epsilon, images: count, steps, queries, surrogate: surrogate?.fingerprint ?? null },
    data: [data],
    schema: GradientMasking,
    async run({ model, random, progress, signal }) {
      const { outputs } = deciderFor(model, data.classes)
      if (outputs === undefined) {
        throw new InputError(
          `${model.name} has several outputs for each class of ${data.name}; check it on data with its own classes`,
        )
      }
      for await (const { images: chosen, rows } of picked(data, count, count)) {
        const labels = Int32Array.from(rows, ({ batch, row }) => outputs[batch.labels[row]!]!)
        const result = await maskingCheck(
          model,
          { images: chosen, labels },
          {
            ...{ norm, epsilon, steps, queries, random, progress },
            ...(surrogate && { surrogate }),
            ...(signal && { signal }),
          },
        )
        return { norm, epsilon, ...result, checks: [...result.checks], curve: [...result.curve] }
      }
      throw new InputError(`${data.name} has no images to check gradients on`)
    },
  }
}

/** What a failed check means, as a clause that completes 'its robustness is not to be trusted:'. */
export function maskingReason({ name, against, of }: GradientMasking['checks'][number]): string {
  const images = `${against} of ${of} images`
  const reasons = {
    'gradient-there': `the gradient is exactly zero for ${images}`,
    'same-answer': 'the network answers differently when it is asked again',
    'gradient-direction': `a random direction lowers the margin more than the gradient's for ${images}`,
    'white-box-wins': `a random search without gradients breaks ${images} that gradients do not`,
    'steps-help': `a single step breaks ${images} that many steps do not`,
    'everything-falls': `${images} withstand perturbations at which nothing is left of the image`,
    'own-gradient-wins': `images made for another network fool it more often than its own gradient does, by ${against} of ${of}`,
  } as const
  return reasons[name]
}
