// The config of a sweep: what all networks share, what differs between them, and what is measured. A sweep trains
// one network for every combination.

import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { DataConfig } from '../study/base-config.ts'
import { checkedBy } from '../study/config.ts'
import { Recipe } from '../train/recipe.ts'
import { activations } from '../zoo/activation.ts'

const settings = z.record(z.string(), z.unknown())
const several = <T extends z.ZodType>(one: T) => z.array(one).min(1).optional()

/** What networks may differ in, beside the scheme; each a list of values. */
const Axes = z.strictObject({
  width: several(z.int().positive()),
  depth: several(z.int().positive()),
  activation: several(z.enum(activations)),
  /** Radius of the training attack; 0: standard training. */
  epsilon: several(z.number().min(0)),
  seed: z.array(z.int().nonnegative()).min(1).default([0]),
})

const Measure = z.strictObject({
  norm: z.enum(['L2', 'Linf']).default('L2'),
  /** Of the PGD that all networks are attacked with. */
  epsilon: z.number().positive().default(3),
  steps: z.int().positive().default(20),
  images: z.int().positive().default(320),
  /** How many of them AutoAttack gets too, which takes minutes a network; 0: none. */
  autoAttack: z.int().nonnegative().default(0),
  /** Smoothness, dissection and diversity of the hidden units. */
  simplicity: z.boolean().default(true),
  /** Use at most this many images of every data set. */
  limit: z.int().positive().optional(),
})

export const SweepConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a word: letters, digits, dot, dash, underscore'),
  /** Of every draw of the measurements. */
  seed: z.int().nonnegative().default(0),
  /** Settings of the recipe that all networks share. */
  train: settings,
  over: Axes.prefault({}),
  /** By name: settings of the recipe that make a scheme. */
  schemes: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words with dashes'), settings)
    .optional(),
  /** The scheme that the others are compared with. */
  reference: z.string().optional(),
  /** What the trained networks are asked about. */
  data: DataConfig.prefault({ kind: 'emoji16' }),
  measure: Measure.prefault({}),
})
export type SweepConfig = z.infer<typeof SweepConfig>

/** One network of a sweep. */
export interface Member {
  /** Names its folder: `pgd-w16-eps3-seed0`, of what differs alone. */
  readonly name: string
  /** The same without the seed: members of one group differ in the seed only. */
  readonly group: string
  readonly scheme?: string
  readonly recipe: Recipe
}

/**
 * The networks of a sweep, in the order of the config.
 * @throws InputError naming the member whose recipe is wrong, and where.
 */
export function membersOf(config: SweepConfig, what: string): Member[] {
  const { over, schemes, reference } = config
  if (reference !== undefined && schemes?.[reference] === undefined) {
    const known = Object.keys(schemes ?? {}).join(', ') || 'none'
    throw new InputError(`${what}: reference must be one of the schemes (${known}), found ${reference}`)
  }
  const members: Member[] = []
  const named = schemes === undefined ? [[undefined, {}] as const] : Object.entries(schemes)
  for (const [scheme, own] of named)
    for (const width of over.width ?? [undefined])
      for (const depth of over.depth ?? [undefined])
        for (const activation of over.activation ?? [undefined])
          for (const epsilon of over.epsilon ?? [undefined])
            for (const seed of over.seed) {
              const parts = [
                scheme,
                width && `w${width}`,
                depth && `d${depth}`,
                activation,
                epsilon !== undefined && `eps${epsilon}`,
              ].filter(part => part !== undefined && part !== false)
              const group = parts.join('-') || 'network'
              const axes = { width, depth, activation, seed }
              const given = Object.fromEntries(
                Object.entries(axes).filter(([, value]) => value !== undefined),
              )
              const merged = withEpsilon({ ...config.train, ...own, ...given }, epsilon)
              const recipe = checkedBy(Recipe, merged, `${what}: ${group}`)
              members.push({ name: `${group}-seed${seed}`, group, recipe, ...(scheme && { scheme }) })
            }
  return members
}

function withEpsilon(merged: Record<string, unknown>, epsilon: number | undefined): Record<string, unknown> {
  if (epsilon === undefined) return merged
  const { adversarial, ...others } = merged
  if (epsilon === 0) return others
  if (typeof adversarial !== 'object' || adversarial === null)
    throw new InputError('a sweep over epsilon needs train.adversarial, whose epsilon it sets')
  return { ...others, adversarial: { ...adversarial, epsilon } }
}
