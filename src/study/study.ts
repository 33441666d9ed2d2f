// The form of study.json: all a study found, without times or places, so that the same study gives the same
// bytes. The report is made from it and from the ledger's pictures alone.

import { z } from 'zod'
import { Estimate } from '../probe/statistics.ts'
import { Finding } from './findings.ts'

const PairOf = <T extends z.ZodType>(value: T) => z.object({ standard: value, robust: value })

/** One row of a training log. */
export const LogRow = z.object({
  epoch: z.number(),
  epsilon: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  validationAccuracy: z.number().optional(),
})
export type LogRow = z.infer<typeof LogRow>

export const StudiedModel = z.object({
  /** Short: `S`, `R`. */
  name: z.string(),
  fingerprint: z.string(),
  /** As the config names it. */
  source: z.string(),
  architecture: z.string().optional(),
  /** Recipe and data of the training run, where the file carries them. */
  provenance: z.unknown().optional(),
  log: z.array(LogRow),
})
export type StudiedModel = z.infer<typeof StudiedModel>

/** A picture in the ledger: `<task>.<name>.png`. */
export const Picture = z.object({ task: z.string(), name: z.string() })
export type Picture = z.infer<typeof Picture>

/** What both networks make of one image. */
export const SampleDecision = z.object({
  /** Class of the shape and, in a cue-conflict image, of the texture. */
  shape: z.string(),
  texture: z.string(),
  standard: z.string(),
  robust: z.string(),
})

/** One image attacked, as one network sees it. */
export const AdversarialExample = z.object({
  label: z.string(),
  before: z.string(),
  after: z.string(),
  distance: z.number(),
})

export const Summary = z.object({
  /** Accuracies by condition, in the order of the report. */
  accuracies: z.array(
    PairOf(Estimate).extend({
      id: z.string(),
      label: z.string(),
      images: z.number(),
      /** Accuracy of guessing. */
      chance: z.number(),
    }),
  ),
  attacks: z
    .object({
      norm: z.enum(['L2', 'Linf']),
      steps: z.number(),
      images: z.number(),
      /** The radius that the finding is about. */
      epsilon: z.number(),
      points: z.array(PairOf(Estimate).extend({ epsilon: z.number() })),
    })
    .optional(),
  shapeBias: PairOf(Estimate)
    .extend({
      images: z.number(),
      /** Shape hits, texture hits and decisions for neither. */
      decisions: PairOf(z.object({ shape: z.number(), texture: z.number(), other: z.number() })),
      categories: z.array(
        z.object({
          name: z.string(),
          standard: z.number().nullable(),
          robust: z.number().nullable(),
        }),
      ),
    })
    .optional(),
  smoothness: z
    .object({
      layers: z.array(PairOf(Estimate).extend({ layer: z.string(), units: z.number() })),
      network: PairOf(Estimate),
    })
    .optional(),
  filters: PairOf(Picture).extend({ layer: z.string() }).optional(),
  samples: z.object({ pictures: z.array(Picture), decisions: z.array(SampleDecision) }).optional(),
  examples: z
    .object({
      /** The perturbation's contrast was multiplied by this much. */
      amplification: z.number(),
      epsilon: z.number(),
      norm: z.string(),
      rows: z.array(
        z.object({
          original: Picture,
          standard: AdversarialExample.extend({ image: Picture, perturbation: Picture }),
          robust: AdversarialExample.extend({ image: Picture, perturbation: Picture }),
        }),
      ),
    })
    .optional(),
})
export type Summary = z.infer<typeof Summary>

export const Study = z.object({
  format: z.literal(1),
  name: z.string(),
  seed: z.number(),
  headline: z.string(),
  findings: z.array(Finding),
  summary: Summary,
  models: PairOf(StudiedModel),
  data: z.array(z.object({ name: z.string(), images: z.number(), fingerprint: z.string() })),
  /** What a reader must know of the data. */
  note: z.string(),
  /** The whole config, defaults filled in. */
  config: z.unknown(),
  versions: z.record(z.string(), z.string()),
  /** Every task in order; its whole answer is in the ledger, in `<task>.json`. */
  tasks: z.array(z.object({ task: z.string(), label: z.string(), identity: z.unknown() })),
})
export type Study = z.infer<typeof Study>
