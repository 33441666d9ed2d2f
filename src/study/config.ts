// The config of a study, as YAML: two models, the data, and what is asked. Every key has a default except
// models and data; an unknown key is an error, since a misspelt one would silently be its default.

import { parseDocument } from 'yaml'
import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { Recipe } from '../train/recipe.ts'

const ModelConfig = z.strictObject({
  /** Short: it stands at every mark of every chart. */
  name: z.string().min(1).max(24),
  /** A folder of `silhouette train`, an .onnx or a .safetensors file; seen from the config file. */
  path: z.string().min(1),
  /** What `--retrain` does instead of reading `path`. */
  train: Recipe.optional(),
})

const DataConfig = z.discriminatedUnion('kind', [
  /** The embedded data set; its test parts show icons that are in no training part. */
  z.strictObject({ kind: z.literal('emoji16'), seed: z.int().nonnegative().default(0) }),
  /** Image files; seen from the config file. */
  z.strictObject({
    kind: z.literal('folders'),
    /** One folder per class: accuracy, noise, scrambling, attacks. */
    images: z.string().min(1),
    /** `cat/cat1-bird3.png`: shape bias. */
    cueConflict: z.string().min(1).optional(),
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

export const StudyConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a word: letters, digits, dot, dash, underscore'),
  /** Of every random draw: attack starts, noise, bootstrap. */
  seed: z.int().nonnegative().default(0),
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
export type StudyConfig = z.infer<typeof StudyConfig>

/**
 * Reads a config.
 * @param what how errors call it, such as its path
 * @throws InputError naming the wrong key by its path.
 */
export function parseConfig(text: string, what: string): StudyConfig {
  // Aliases could blow a small file up to gigabytes; a config needs few.
  const document = parseDocument(text, { prettyErrors: true })
  const [fault] = document.errors
  if (fault) throw new InputError(`${what} is not YAML: ${oneLine(fault.message)}`)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    throw new InputError(`${what} uses too many aliases: write its values out`, { cause: error })
  }
  return checkedConfig(value, what)
}

/** A config as plain data, checked, with defaults filled in. */
export function checkedConfig(value: unknown, what: string): StudyConfig {
  const result = StudyConfig.safeParse(value)
  if (!result.success) throw new InputError(`${what}: ${result.error.issues.map(explain).join('; ')}`)
  return result.data
}

function explain(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map(key => (path ? `${path}.${key}` : key))
    return `unknown key ${keys.join(', ')}`
  }
  const message = issue.message.replace(/^Invalid input: /, '')
  return path ? `${path}: ${message}` : message
}

function oneLine(text: string): string {
  return text.split('\n')[0]?.replace(/:$/, '') ?? text
}
