// The form of study.json: all a study found, without times or places, so that the same study gives the same
// bytes. The report is made from it and from the ledger's pictures alone.

import { z } from 'zod'
import { BiasFinding } from './bias.ts'
import { Summary } from './chapters.ts'
import { Finding } from './claim.ts'
import { PairOf } from './pair.ts'
import { Seeds } from './seeds.ts'

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

export const Study = z.object({
  format: z.literal(2),
  name: z.string(),
  seed: z.number(),
  headline: z.string(),
  /** Of the first pair of networks. */
  findings: z.array(Finding),
  /** Over seeds, where there are several; so is the headline. */
  biases: z.array(BiasFinding),
  /** What each further pair of networks gave, and all together. */
  seeds: Seeds.optional(),
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
