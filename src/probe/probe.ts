// What a probe is: one question put to one classifier, whose answer is data. A probe carries everything its
// answer depends on besides the model (options, data), so that a study can tell whether it was asked before.

import type { z } from 'zod'
import type { Classifier } from '../classifier/classifier.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Progress } from '../progress/progress.ts'
import type { Random } from '../tensor/random.ts'

/** What a probe is given when it runs. */
export interface ProbeContext {
  readonly model: Classifier
  /** The only source of randomness; a study forks it per task, so that the order of tasks does not matter. */
  readonly random: Random
  readonly progress: Progress
  /** Asked between batches; the probe then throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * One question. Made by a function that takes its options and data: `shapeBias({ data })`.
 * Name, version, options, the fingerprints of `data` and of the model, and the seed identify the answer.
 */
export interface Probe<R> {
  /** Kebab-case: `shape-bias`. */
  readonly name: string
  /** Raised whenever the same inputs would give another answer. */
  readonly version: number
  /** Everything set by the caller that the answer depends on, except the data. */
  readonly options: Json
  /** The data sets it reads; empty when it looks at weights only. */
  readonly data: readonly Pick<Dataset, 'name' | 'fingerprint'>[]
  /** Shape of the answer: plain JSON. Results read from a ledger are checked with it. */
  readonly schema: z.ZodType<R>
  run(context: ProbeContext): Promise<R>
}
