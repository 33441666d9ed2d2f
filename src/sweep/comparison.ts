// Schemes beside one of them, on the same images: who is more accurate, who withstands more, at what cost.

import { z } from 'zod'
import {
  compareCounts,
  compareShares,
  holm,
  PairedComparison,
  significanceLevel,
} from '../probe/significance.ts'
import { Estimate } from '../probe/statistics.ts'
import { studentMean } from '../probe/student.ts'
import type { Random } from '../tensor/random.ts'

/** Whether each image is decided rightly, in the same order for all networks. */
export const RightPerImage = z.object({
  clean: z.array(z.boolean()),
  robust: z.array(z.boolean()),
  /** Empty where it was not asked for. */
  autoAttack: z.array(z.boolean()),
})
export type RightPerImage = z.infer<typeof RightPerImage>

/** What is known of a network that is compared: see SweepRow. */
export interface Compared {
  readonly row: {
    readonly group: string
    readonly scheme?: string | undefined
    readonly recipe: { readonly seed: number }
    readonly secondsPerEpoch: number | null
  }
  readonly right: RightPerImage
}

/** A scheme's accuracy less the reference's, mean over seeds, with interval and p-value over images. */
const Difference = PairedComparison.extend({
  /** Corrected for all that a sweep compares. */
  pHolm: z.number(),
  /** The same with Student's interval over seeds; null where there is one seed. */
  overSeeds: Estimate.nullable(),
})

export const SchemeComparison = z.object({
  /** As in the rows. */
  group: z.string(),
  reference: z.string(),
  clean: Difference,
  robust: Difference,
  /** Null where it was not asked for. */
  autoAttack: Difference.nullable(),
  /** Seconds of an epoch over the reference's; null where they are not known. */
  time: z.number().nullable(),
})
export type SchemeComparison = z.infer<typeof SchemeComparison>

/** Every scheme beside `reference`, where both were trained from the same seeds and agree in all else that varies. */
export function compareSchemes(
  members: readonly Compared[],
  reference: string,
  random: Random,
): SchemeComparison[] {
  const groups = new Map<string, Compared[]>()
  for (const member of members)
    groups.set(member.row.group, [...(groups.get(member.row.group) ?? []), member])
  const found = [...groups].flatMap(([group, own]) => {
    const { scheme } = own[0]!.row
    const others = groups.get(`${reference}${group.slice(scheme?.length)}`) ?? []
    const beside = own.flatMap(
      ({ row }) => others.find(other => other.row.recipe.seed === row.recipe.seed) ?? [],
    )
    const areAlike = beside.length === own.length && others.length === own.length
    if (scheme === undefined || scheme === reference || !areAlike) return []
    const measures = (['clean', 'robust', 'autoAttack'] as const).map(measure =>
      difference(own, beside, measure, random.fork(`${group} ${measure}`)),
    )
    return [{ group, reference: beside[0]!.row.group, measures, time: timeRatio(own, beside) }]
  })
  const corrected = holm(found.flatMap(({ measures }) => measures.flatMap(one => one?.p ?? [])))
  return found.map(({ measures, ...rest }) => {
    const [clean, robust, autoAttack] = measures.map(one => one && { ...one, pHolm: corrected.shift()! })
    return { ...rest, clean: clean!, robust: robust!, autoAttack: autoAttack ?? null }
  })
}

/**
 * +1 where it is more than the reference, -1 where less, 0 where the choice of images or of seeds (where there are
 * several) may be all.
 */
export function direction({ difference, pHolm, overSeeds }: SchemeComparison['clean']): -1 | 0 | 1 {
  if (pHolm >= significanceLevel) return 0
  if (overSeeds !== null && overSeeds.low <= 0 && overSeeds.high >= 0) return 0
  return difference.value > 0 ? 1 : -1
}

/** `more robust, less accurate`: what {@link direction} says of PGD and of clean images. */
export function comparisonInWords({ clean, robust }: SchemeComparison): string {
  const said = [
    ['', 'more robust', 'less robust'].at(direction(robust)),
    ['', 'more accurate', 'less accurate'].at(direction(clean)),
  ]
  return said.filter(Boolean).join(', ') || 'no difference to be seen'
}

function difference(
  own: readonly Compared[],
  beside: readonly Compared[],
  measure: keyof RightPerImage,
  random: Random,
): Omit<SchemeComparison['clean'], 'pHolm'> | undefined {
  const [first, second] = [own, beside].map(group => group.map(({ right }) => right[measure]))
  const n = first![0]!.length
  if (n === 0) return undefined
  const hits = (of: readonly (readonly boolean[])[]) =>
    Int32Array.from({ length: n }, (_, i) => of.filter(right => right[i]).length)
  const [a, b] = [hits(first!), hits(second!)]
  if (own.length === 1) return { ...compareShares(a, b), overSeeds: null }
  const share = (right: readonly boolean[]) => right.filter(Boolean).length / n
  const perSeed = first!.map((right, seed) => share(right) - share(second![seed]!))
  return { ...compareCounts(a, b, { of: own.length, random }), overSeeds: studentMean(perSeed) }
}

function timeRatio(own: readonly Compared[], beside: readonly Compared[]): number | null {
  const seconds = (group: readonly Compared[]) =>
    group.reduce((sum, { row }) => sum + (row.secondsPerEpoch ?? Number.NaN), 0)
  const ratio = seconds(own) / seconds(beside)
  return Number.isFinite(ratio) ? ratio : null
}
