// Everything that decides what a training run computes, apart from the images themselves. The same record is
// read from YAML, made from flags, kept in every file a run writes and shown in reports.

import { z } from 'zod'
import { NetworkSpec } from '../zoo/network.ts'

const share = z.number().min(0).max(1)

const norm = z.enum(['L2', 'Linf'])

const ball = {
  norm,
  /** Radius of the ball, in pixel units of [0, 1]. */
  epsilon: z.number().positive(),
}

const start = {
  /** Start at a random point of the ball. */
  randomStart: z.boolean().default(true),
  /** Shares of training between which epsilon rises linearly from 0 to its value. */
  ramp: z
    .tuple([share, share])
    .refine(([from, to]) => from <= to, 'must not end before it begins')
    .default([0.05, 0.5]),
}

const pgd = {
  ...ball,
  steps: z.int().positive().default(7),
  /** Length of a step at full epsilon; default 2.5 epsilon / steps. */
  stepSize: z.number().positive().optional(),
  ...start,
}

/** Training on attacked images; one form per scheme of `schemes/`. Without `scheme`: `pgd`. */
export const AdversarialRecipe = z.discriminatedUnion('scheme', [
  /** Every batch is replaced by attacked images (Madry et al. 2018). */
  z.strictObject({ ...pgd, scheme: z.literal('pgd').optional() }),
  /** One step of gradient sign from a random start (Wong et al. 2020). Its collapse ends the training. */
  z.strictObject({
    ...ball,
    scheme: z.literal('fast'),
    /** Length of the step; default 1.25 epsilon. */
    stepSize: z.number().positive().optional(),
    ...start,
  }),
  /** Cross-entropy on the images, and beta times how far an attack moves the answers (Zhang et al. 2019). */
  z.strictObject({
    ...pgd,
    // The gradient is 0 at the images themselves, so there is no start without chance.
    randomStart: z.literal(true).default(true),
    scheme: z.literal('trades'),
    beta: z.number().positive().default(6),
  }),
  /** Clean and attacked images, each with batch norm of their own; the clean ones' is kept (Xie et al. 2020). */
  z.strictObject({ ...pgd, scheme: z.literal('advprop') }),
])

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

/** What moves the weights. */
export const OptimiserRecipe = z.discriminatedUnion('kind', [
  /** Stochastic gradient descent with `momentum` and `nesterov`; weight decay is part of the gradient. */
  z.strictObject({ kind: z.literal('sgd') }),
  /** AdamW (Loshchilov & Hutter 2019); weight decay acts on the weights themselves. */
  z.strictObject({
    kind: z.literal('adamw'),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
])

/** A training run. Defaults are emoji16's. Settings without a default that are left out change nothing. */
export const Recipe = z
  .strictObject({
    /** An architecture of the zoo. */
    arch: z.string(),
    /** Channels of the first convolution, where the architecture lets one choose. */
    width: z.int().positive().optional(),
    /** Of the small networks: see the zoo's {@link NetworkSpec}, as for the three below. */
    depth: NetworkSpec.shape.depth,
    activation: NetworkSpec.shape.activation,
    sharpness: NetworkSpec.shape.sharpness,
    denoise: NetworkSpec.shape.denoise,
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
    /** Absent: SGD. */
    optimiser: OptimiserRecipe.optional(),
    momentum: z.number().min(0).max(1).default(0.9),
    nesterov: z.boolean().default(true),
    weightDecay: z.number().min(0).default(5e-4),
    /** Longest gradient over all weights together; longer ones are scaled down. `null`: any length. */
    clipGradient: z.number().positive().nullable().default(2),
    /** Share of the label's probability that is spread over all classes (Szegedy et al. 2016). */
    labelSmoothing: z.number().min(0).lt(1).optional(),
    /** Keep of the running mean of the weights at every step; the mean is the result (Polyak & Juditsky 1992). */
    ema: z.number().min(0).lt(1).optional(),
    /** Factor of the mean square length of the loss's gradient by the images (Ross & Doshi-Velez 2018). */
    gradientPenalty: z.number().positive().optional(),
    /** Adversarial weight perturbation (Wu et al. 2020): the gradient is taken at the worst weights near by. */
    weightPerturbation: z
      .strictObject({
        /** Length of the perturbation of each kernel and matrix, relative to its own. */
        gamma: z.number().positive().default(0.005),
        /** Share of training after which it begins. */
        from: share.default(0),
      })
      .optional(),
    augment: z
      .strictObject({
        /** Zeros put on every side before a crop of the original size is taken at a random place. */
        crop: z.int().nonnegative().default(0),
        /** Mirror every second image, by chance. */
        flip: z.boolean().default(false),
        /** Side of a square at a random place that is made grey (DeVries & Taylor 2017). */
        cutout: z.int().positive().optional(),
      })
      .prefault({}),
    /** Gaussian noise on a share of the images of every batch (Rusak et al. 2020). Not together with an attack. */
    noise: z.strictObject({ sigma: z.number().positive(), share: share.default(0.5) }).optional(),
    /** Absent: standard training. */
    adversarial: AdversarialRecipe.optional(),
    /** Accuracy under PGD after every epoch. The epoch with the best one is the result. */
    robustValidation: z
      .strictObject({
        /** Of the attack; default: those of `adversarial`. */
        norm: norm.optional(),
        epsilon: z.number().positive().optional(),
        steps: z.int().positive().default(10),
        /** How many images, from the first on: of the validation images, or where there are none those trained on. */
        images: z.int().positive().default(512),
        /** Stop after so many epochs without a better one. */
        patience: z.int().positive().optional(),
      })
      .optional(),
  })
  .superRefine((recipe, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message })
    const { adversarial, noise, robustValidation, gradientPenalty } = recipe
    if (noise && adversarial) refuse('noise', 'does not go together with adversarial: leave one out')
    if (robustValidation && !adversarial && !(robustValidation.norm && robustValidation.epsilon))
      refuse('robustValidation', 'needs norm and epsilon where there is no adversarial')
    if (gradientPenalty && (adversarial?.scheme === 'trades' || adversarial?.scheme === 'advprop'))
      refuse('gradientPenalty', `does not go together with ${adversarial.scheme}, which has two losses`)
  })

export type OptimiserRecipe = z.infer<typeof OptimiserRecipe>
export type AdversarialRecipe = z.infer<typeof AdversarialRecipe>
export type Schedule = z.infer<typeof Schedule>
export type Recipe = z.infer<typeof Recipe>

/** What a recipe says of the form of its network; settings left out are left out. */
export function shapeOf({ width, depth, activation, sharpness, denoise }: Recipe) {
  return {
    ...(width !== undefined && { width }),
    ...(depth !== undefined && { depth }),
    ...(activation !== undefined && { activation }),
    ...(sharpness !== undefined && { sharpness }),
    ...(denoise !== undefined && { denoise }),
  }
}

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
