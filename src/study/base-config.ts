// The part of a study's config that all chapters share; config.ts adds what each of them can be told.

import { z } from 'zod'
import { Recipe } from '../train/recipe.ts'

const ModelConfig = z.strictObject({
  /** Short: it stands at every mark of every chart. */
  name: z.string().min(1).max(24),
  /** A folder of `silhouette train`, an .onnx or a .safetensors file; seen from the config file. */
  path: z.string().min(1),
  /** What `--retrain` does instead of reading `path`. */
  train: Recipe.optional(),
})

/** The images that are asked about. */
export const DataConfig = z.discriminatedUnion('kind', [
  /** The embedded data set; its test parts show icons that are in no training part. */
  z.strictObject({ kind: z.literal('emoji16'), seed: z.int().nonnegative().default(0) }),
  /** Image files; seen from the config file. */
  z.strictObject({
    kind: z.literal('folders'),
    /** One folder per class: accuracy, noise, scrambling, attacks. */
    images: z.string().min(1),
    /** `cat/cat1-bird3.png`: shape bias. */
    cueConflict: z.string().min(1).optional(),
    /** A folder in Broden's layout: which concepts units detect. */
    concepts: z.string().min(1).optional(),
  }),
  /** The test part of a folder of IDX files, as MNIST and Fashion-MNIST come in. */
  z.strictObject({ kind: z.literal('idx'), folder: z.string().min(1) }),
])

const AttackConfig = z.strictObject({
  norm: z.enum(['L2', 'Linf']).default('L2'),
  steps: z.int().positive().default(20),
  /** The radius that the robust network was trained with: what the finding is about. */
  epsilon: z.number().positive().default(3),
  /** Further radii, for the curve. */
  curve: z.array(z.number().positive()).default([0.5, 1, 2, 4]),
  /** How many images are attacked at each radius. */
  images: z.int().positive().default(320),
})

export const BaseConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a word: letters, digits, dot, dash, underscore'),
  /** Of every random draw: attack starts, noise, bootstrap. */
  seed: z.int().nonnegative().default(0),
  /**
   * Pairs of networks, each trained from a seed of its own. The further ones lie beside `path` (`s-1`, `s-2`, ...
   * beside `s`); those that do not are trained.
   */
  seeds: z.int().min(1).max(20).default(1),
  models: z.strictObject({ standard: ModelConfig, robust: ModelConfig }),
  data: DataConfig,
  /** Use at most this many images of every data set. */
  limit: z.int().positive().optional(),
  attack: AttackConfig.prefault({}),
  /** Standard deviations of the Gaussian noise that accuracy is measured under. */
  noise: z.array(z.number().positive()).default([0.1, 0.2]),
  /** Bootstrap resamples behind each interval. */
  resamples: z.int().min(100).default(2000),
  /** What the report shows. */
  evidence: z
    .strictObject({
      /** Cue-conflict images with the decisions on them. */
      samples: z.int().nonnegative().max(60).default(12),
      /** Adversarial examples. */
      examples: z.int().nonnegative().max(20).default(4),
    })
    .prefault({}),
})
export type BaseConfig = z.infer<typeof BaseConfig>
