// The form of sweep.json: what was measured of every network of a sweep.

import { z } from 'zod'
import { Estimate } from '../probe/statistics.ts'
import { Recipe } from '../train/recipe.ts'
import { SchemeComparison } from './comparison.ts'

/** What is known of one trained network. */
export const SweepRow = z.object({
  name: z.string(),
  /** Rows of one group differ in the seed only. */
  group: z.string(),
  scheme: z.string().optional(),
  recipe: Recipe,
  /** Trained numbers. */
  parameters: z.int(),
  /** Epochs trained, and why no more, where it stopped early. */
  epochs: z.int(),
  stopped: z.string().optional(),
  /** Mean time that the steps of an epoch took; null where it is not known. Depends on the machine. */
  secondsPerEpoch: z.number().nullable(),
  /** Accuracy on the unattacked test images. */
  clean: Estimate,
  /** Accuracy under PGD. */
  robust: Estimate,
  /** Accuracy under AutoAttack; null where it was not asked for. */
  autoAttack: Estimate.nullable(),
  /** Null where there are no cue-conflict images, or no decision was for either cue. */
  shapeBias: Estimate.nullable(),
  /** Total variation of the unit-norm kernels, of the first layer and of all. */
  smoothness: z.object({ first: Estimate, network: Estimate }).nullable(),
  /** Units that detect a concept, by its category, of all units. */
  detectors: z
    .object({
      units: z.int(),
      categories: z.array(z.object({ category: z.string(), detectors: z.int() })),
    })
    .nullable(),
  /** Mean MS-SSIM of the images that excite a unit most, mean over layers. */
  similarity: z.number().nullable(),
  /** NASWOT score of the untrained network. */
  naswot: z.number().nullable(),
})
export type SweepRow = z.infer<typeof SweepRow>

/** How many images stand behind each number. */
export const SweepImages = z.object({
  clean: z.int(),
  attacked: z.int(),
  autoAttacked: z.int(),
  cueConflict: z.int(),
})
export type SweepImages = z.infer<typeof SweepImages>

export const SweepResult = z.object({
  format: z.literal(1),
  name: z.string(),
  /** The attack. */
  measure: z.object({ norm: z.string(), epsilon: z.number(), steps: z.int() }),
  images: SweepImages,
  rows: z.array(SweepRow),
  /** The schemes beside the config's reference. */
  comparisons: z.array(SchemeComparison),
  versions: z.record(z.string(), z.string()),
})
export type SweepResult = z.infer<typeof SweepResult>

/** The table as CSV: a row per network; shares and their 95 % intervals as numbers from 0 to 1. */
export function sweepCsv({ rows }: SweepResult): string {
  const categories = [
    ...new Set(rows.flatMap(row => row.detectors?.categories.map(({ category }) => category) ?? [])),
  ]
  const estimate = (value: Estimate | null | undefined): (number | string)[] =>
    value ? [value.value, value.low, value.high] : ['', '', '']
  const bounded = (name: string) => [name, `${name}_low`, `${name}_high`]
  const header = [
    ...['name', 'scheme', 'arch', 'width', 'depth', 'activation', 'denoise', 'epsilon', 'seed'],
    ...['parameters', 'epochs', 'seconds_per_epoch'],
    ...['clean', 'robust', 'auto_attack', 'shape_bias', 'first_layer_variation', 'variation'].flatMap(
      bounded,
    ),
    ...['units', ...categories.map(category => `${category}_detectors`), 'similarity', 'naswot'],
  ]
  const lines = rows.map(({ recipe, ...row }) => [
    ...[row.name, row.scheme ?? '', recipe.arch, recipe.width ?? '', recipe.depth ?? ''],
    ...[recipe.activation ?? 'relu', recipe.denoise ?? '', recipe.adversarial?.epsilon ?? 0, recipe.seed],
    ...[row.parameters, row.epochs, row.secondsPerEpoch ?? ''],
    ...[
      row.clean,
      row.robust,
      row.autoAttack,
      row.shapeBias,
      row.smoothness?.first,
      row.smoothness?.network,
    ].flatMap(estimate),
    row.detectors?.units ?? '',
    ...categories.map(
      name => row.detectors?.categories.find(({ category }) => category === name)?.detectors ?? '',
    ),
    ...[row.similarity ?? '', row.naswot ?? ''],
  ])
  return [header, ...lines].map(line => `${line.join(',')}\n`).join('')
}
