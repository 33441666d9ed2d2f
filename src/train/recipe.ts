// Everything that decides what a training run computes, apart from the images themselves. The same record is
// read from YAML, made from flags, kept in every file a run writes and shown in reports.

import { z } from 'zod'

const share = z.number().min(0).max(1)

/** Adversarial training (Madry et al. 2018): every batch is replaced by attacked images. */
export const AdversarialRecipe = z.strictObject({
  norm: z.enum(['L2', 'Linf']),
  /** Radius of the ball, in pixel units of [0, 1]. */
  epsilon: z.number().positive(),
  steps: z.int().positive().default(7),
  /** Length of a step at full epsilon; default 2.5 epsilon / steps. */
  stepSize: z.number().positive().optional(),
  /** Start at a random point of the ball. */
  randomStart: z.boolean().default(true),
  /** Shares of training between which epsilon rises linearly from 0 to its value. */
  ramp: z
    .tuple([share, share])
    .refine(([from, to]) => from <= to, 'must not end before it begins')
    .default([0.05, 0.5]),
})

/** Learning rate over training, as a factor of its peak. */
export const Schedule = z.discriminatedUnion('kind', [
  /** Linear rise over the first `warmup` of training, then half a cosine down to 0. */
  z.strictObject({ kind: z.literal('cosine'), warmup: share.default(0.15) }),
  /** Times `factor` after every `every` epochs. */
  z.strictObject({
    kind: z.literal('step'),
    every: z.int().positive(),
    factor: z.number().positive().max(1).default(0.1),
  }),
])

/** A training run. Defaults are emoji16's. */
export const Recipe = z.strictObject({
  /** An architecture of the zoo. */
  arch: z.string(),
  /** Channels of the first convolution, where the architecture lets one choose. */
  width: z.int().positive().optional(),
  /** Height and width of the images; default: the data's own (emoji16: 64, IDX) or the architecture's. */
  size: z.int().positive().optional(),
  /** `emoji16`, an image folder (one folder per class) or a folder of IDX files (its training part). */
  data: z.string(),
  /** Measured after every epoch: an image folder or a folder of IDX files (its test part). emoji16 has its own. */
  validation: z.string().optional(),
  /** Train on a random choice of so many images. */
  limit: z.int().positive().optional(),
  seed: z.int().nonnegative().default(0),
  epochs: z.int().positive().default(8),
  /** Images per step; what is left of an epoch after the last whole batch is dropped. */
  batchSize: z.int().positive().default(64),
  /** Peak learning rate. */
  learningRate: z.number().positive().default(0.1),
  schedule: Schedule.default({ kind: 'cosine', warmup: 0.15 }),
  momentum: z.number().min(0).max(1).default(0.9),
  nesterov: z.boolean().default(true),
  weightDecay: z.number().min(0).default(5e-4),
  /** Longest gradient over all weights together; longer ones are scaled down. `null`: any length. */
  clipGradient: z.number().positive().nullable().default(2),
  augment: z
    .strictObject({
      /** Zeros put on every side before a crop of the original size is taken at a random place. */
      crop: z.int().nonnegative().default(0),
      /** Mirror every second image, by chance. */
      flip: z.boolean().default(false),
    })
    .prefault({}),
  /** Absent: standard training. */
  adversarial: AdversarialRecipe.optional(),
})

export type AdversarialRecipe = z.infer<typeof AdversarialRecipe>
export type Schedule = z.infer<typeof Schedule>
export type Recipe = z.infer<typeof Recipe>

/** What a run was trained on, so that a checkpoint can be traced to its data. */
export const TrainingData = z.strictObject({
  name: z.string(),
  fingerprint: z.string(),
  images: z.int().positive(),
})

/** The provenance written into every file of a run (metadata key `silhouette.recipe`). */
export const Provenance = z.strictObject({ recipe: Recipe, data: TrainingData })

export type TrainingData = z.infer<typeof TrainingData>
export type Provenance = z.infer<typeof Provenance>
