// The form of audit.json: everything an audit found about one network, without times or places, so that the same
// audit gives the same bytes. Scorecard, page, JUnit and Markdown are made from it.

import { z } from 'zod'
import { Estimate } from '../probe/index.ts'

const Described = z.object({
  /** As `--min` and `--max` call it: `robust-accuracy`. */
  id: z.string(),
  /** In words: `accuracy under PGD-20 (Linf, 8/255)`. */
  label: z.string(),
  better: z.enum(['higher', 'lower']),
  /** How it is written. */
  unit: z.enum(['percent', 'number', 'count']),
  /** Images behind it; null for what is read off the weights. */
  images: z.int().nullable(),
})

/** A number on the scorecard, which a threshold can be set on; or why there is none. */
export const Measure = z.union([
  Described.extend(Estimate.shape),
  Described.extend({
    value: z.null(),
    /** `not measurable: 0 of 1280 decisions for shape or texture` */
    reason: z.string(),
  }),
])
export type Measure = z.infer<typeof Measure>

export const Curve = z.object({
  id: z.string(),
  label: z.string(),
  axis: z.string(),
  images: z.int(),
  /** From weak to strong; the first is the image as it is. */
  points: z.array(Estimate.extend({ x: z.number(), label: z.string() })),
})
export type Curve = z.infer<typeof Curve>

export const CorruptionRow = z.object({
  name: z.string(),
  group: z.string(),
  severities: z.array(Estimate.extend({ severity: z.int() })),
})
export type CorruptionRow = z.infer<typeof CorruptionRow>

export const Audit = z.object({
  format: z.literal(1),
  model: z.object({ name: z.string(), fingerprint: z.string(), source: z.string(), classes: z.int() }),
  data: z.array(z.object({ name: z.string(), images: z.int(), fingerprint: z.string() })),
  /** What a reader must know of the data. */
  note: z.string(),
  settings: z.unknown(),
  measures: z.array(Measure),
  curves: z.array(Curve),
  corruptions: z.array(CorruptionRow),
  /** What looks wrong with the model or its preprocessing. */
  lints: z.array(z.object({ code: z.string(), message: z.string() })),
  /** Accuracy of guessing. */
  chance: z.number(),
  versions: z.record(z.string(), z.string()),
})
export type Audit = z.infer<typeof Audit>
