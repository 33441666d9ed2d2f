// What an audit measures and how much of it, with defaults that take minutes on two cores.

import { z } from 'zod'
import { severities } from '../distort/index.ts'

/** The attacks that `robust-accuracy` can be measured with, from weak to strong. */
export const auditAttacks = ['pgd', 'apgd', 'autoattack'] as const

export const AuditSettings = z.strictObject({
  /** Of every random draw: attack starts, noise, samples, bootstrap. */
  seed: z.int().nonnegative().default(0),
  attack: z
    .strictObject({
      /** PGD draws the curve over radii all the same; APGD is its cross-entropy, then its DLR version. */
      name: z.enum(auditAttacks).default('pgd'),
      norm: z.enum(['L2', 'Linf']).default('Linf'),
      /** Radius that `robust-accuracy` is measured at, in pixel values of [0, 1]; the curve has parts of it too. */
      epsilon: z
        .number()
        .positive()
        .default(8 / 255),
      /** PGD steps of 2.5 epsilon / steps. */
      steps: z.int().positive().default(20),
      /** How many images are attacked at each radius. */
      images: z.int().positive().default(100),
    })
    .prefault({}),
  /** Severities of the fifteen corruptions of ImageNet-C. */
  severities: z
    .array(z.literal([...severities]))
    .min(1)
    .default([...severities]),
  /** How many images are corrupted and distorted. */
  sample: z.int().positive().default(200),
  /** Bootstrap resamples behind each interval. */
  resamples: z.int().min(100).default(1000),
})
export type AuditSettings = z.infer<typeof AuditSettings>

/** Parts of `epsilon` at which the curve of accuracy under attack has points. */
export const radiusParts: readonly number[] = [1 / 8, 1 / 4, 1 / 2, 1]
