// From decisions with and without some units to what the units are for: counts of what breaks, and the change of
// shape bias with its interval.

import { z } from 'zod'
import type { Random } from '../../tensor/random.ts'
import { Estimate, percentileInterval } from '../statistics.ts'

/** What changes when some units of a layer are switched off. */
export const Use = z.object({
  /** Cue-conflict images that were decided by shape and no longer are, and those decided by texture. */
  shape: z.int(),
  texture: z.int(),
  /** Shape bias without the units; null when no decision is for either cue. */
  shapeBias: z.number().nullable(),
  /** Shape bias without minus with them, by bootstrap over images; null where either is. */
  shapeBiasChange: Estimate.nullable(),
  /** Per condition: images that were right and turn wrong, and those that were wrong and turn right. */
  lost: z.array(z.int()),
  gained: z.array(z.int()),
  /** Per concept: images showing it that are decided otherwise. */
  changed: z.array(z.int()),
})
export type Use = z.infer<typeof Use>

/** Decisions on one set of images: of the intact network, and of each ablation. */
export interface Decisions {
  readonly intact: readonly number[]
  readonly ablated: readonly (readonly number[])[]
}

export interface LabelledDecisions extends Decisions {
  readonly labels: readonly number[]
}

/** How a concept's images are decided. */
export interface ConceptDecisions extends Decisions {
  /** Per concept of the answer: the images that show it. */
  readonly shownOn: readonly (readonly number[])[]
}

/** Resamples of cue-conflict images: how often each was drawn. The same for all units, so that they compare. */
export function resampledCounts(images: number, resamples: number, random: Random): Uint16Array[] {
  return Array.from({ length: resamples }, () => {
    const counts = new Uint16Array(images)
    for (let i = 0; i < images; i++) counts[random.integer(images)]! += 1
    return counts
  })
}

/**
 * The use of ablation `index`.
 * @param textures texture per cue-conflict image, whose labels are the shapes
 * @param resampled see {@link resampledCounts}
 */
export function useOf(
  index: number,
  conflict: LabelledDecisions,
  textures: ArrayLike<number>,
  sets: readonly LabelledDecisions[],
  concepts: ConceptDecisions | undefined,
  resampled: readonly Uint16Array[],
): Use {
  const after = conflict.ablated[index]!
  const { labels, intact } = conflict
  return {
    shape: turned(intact, after, labels),
    texture: turned(intact, after, textures),
    shapeBias: hits(after, labels, textures).shapeBias,
    shapeBiasChange: shapeBiasChange(intact, after, labels, textures, resampled),
    lost: sets.map(set => turned(set.intact, set.ablated[index]!, set.labels)),
    gained: sets.map(set => turned(set.ablated[index]!, set.intact, set.labels)),
    changed:
      concepts?.shownOn.map(
        images => images.filter(i => concepts.intact[i] !== concepts.ablated[index]![i]).length,
      ) ?? [],
  }
}

/** Images decided for `wanted` by the first and not by the second. */
function turned(first: readonly number[], second: readonly number[], wanted: ArrayLike<number>): number {
  return first.filter((decision, i) => decision === wanted[i] && second[i] !== wanted[i]).length
}

/** Decisions for either cue, and the share of those for the shape. */
export function hits(decisions: readonly number[], shapes: ArrayLike<number>, textures: ArrayLike<number>) {
  const shape = decisions.filter((decision, i) => decision === shapes[i]).length
  const texture = decisions.filter((decision, i) => decision === textures[i]).length
  return { shape, texture, shapeBias: shape + texture > 0 ? shape / (shape + texture) : null }
}

function shapeBiasChange(
  before: readonly number[],
  after: readonly number[],
  shapes: ArrayLike<number>,
  textures: ArrayLike<number>,
  resampled: readonly Uint16Array[],
): Estimate | null {
  const sign = (decision: number, i: number) =>
    decision === shapes[i] ? 1 : decision === textures[i] ? -1 : 0
  const [was, is] = [before.map(sign), after.map(sign)]
  const changed = [...was.keys()].filter(i => was[i] !== is[i])
  // Only images decided otherwise are summed anew for each ablation.
  const change = (countOf: (i: number) => number, shape: number, texture: number) => {
    let [shapeNow, textureNow] = [shape, texture]
    for (const i of changed) {
      const count = countOf(i)
      if (was[i] === 1) shapeNow -= count
      if (was[i] === -1) textureNow -= count
      if (is[i] === 1) shapeNow += count
      if (is[i] === -1) textureNow += count
    }
    return shapeNow / (shapeNow + textureNow) - shape / (shape + texture)
  }
  const count = (value: 1 | -1) => was.filter(v => v === value).length
  const value = change(() => 1, count(1), count(-1))
  if (Number.isNaN(value)) return null
  const values = resampled
    .map(counts => {
      let [shape, texture] = [0, 0]
      for (let i = 0; i < was.length; i++) {
        if (was[i] === 1) shape += counts[i]!
        else if (was[i] === -1) texture += counts[i]!
      }
      return change(i => counts[i]!, shape, texture)
    })
    .filter(change => !Number.isNaN(change))
  return { value, ...percentileInterval(values.length > 0 ? values : [value]) }
}
