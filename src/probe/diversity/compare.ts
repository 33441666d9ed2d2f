// Diversity of two networks' units side by side: is the difference between S and R more than chance?

import type { Random } from '../../tensor/random.ts'
import { compareByPermutation, type PairedComparison } from '../significance.ts'
import { percentileInterval } from '../statistics.ts'
import { type Diversity, type DiversityMeasure, diversityMeasures } from './diversity.ts'

/** One measure of one layer: first network minus second, over units. */
export interface DiversityComparison extends PairedComparison {
  readonly layer: string
  readonly measure: DiversityMeasure
  /** Means of the two networks over the units that count. */
  readonly first: number
  readonly second: number
  /**
   * Whether units of the same position were paired (layers of one size; units silent in either network do not
   * count), so that `n` is the number of pairs; otherwise all live units are shuffled and `n` is their sum.
   */
  readonly paired: boolean
}

/**
 * Compares the layers that both have, by permutation tests over units: paired ones exchange their networks, others
 * are dealt out anew. Layers in which fewer than two units count are left out.
 */
export function compareDiversity(
  first: Diversity,
  second: Diversity,
  { random, resamples = 2000 }: { readonly random: Random; readonly resamples?: number },
): DiversityComparison[] {
  return first.layers.flatMap(own => {
    const other = second.layers.find(layer => layer.layer === own.layer)
    if (other === undefined) return []
    const isPaired = own.units.length === other.units.length
    return diversityMeasures.flatMap(measure => {
      const [a, b] = [own.units.map(unit => unit[measure]), other.units.map(unit => unit[measure])]
      const options = { random: random.fork(`${own.layer} ${measure}`), resamples }
      const found = isPaired ? comparePairs(a, b, options) : compareGroups(a, b, options)
      return found === undefined ? [] : [{ layer: own.layer, measure, paired: isPaired, ...found }]
    })
  })
}

type Values = readonly (number | null)[]
type Options = { readonly random: Random; readonly resamples: number }

const isNumber = (value: number | null): value is number => value !== null

function comparePairs(a: Values, b: Values, options: Options) {
  const both = [...a.keys()].filter(unit => isNumber(a[unit]!) && isNumber(b[unit]!))
  if (both.length < 2) return undefined
  const picked = (values: Values) => Float64Array.from(both, unit => values[unit]!)
  const [x, y] = [picked(a), picked(b)]
  const compared = compareByPermutation(
    both.length,
    (indices, swapped) => {
      let sum = 0
      for (const i of indices) sum += swapped[i] ? y[i]! - x[i]! : x[i]! - y[i]!
      return sum / indices.length
    },
    options,
  )
  return { ...compared, first: mean(x), second: mean(y) }
}

/** Two groups of units without pairs: members are dealt out anew for the p-value, resampled for the interval. */
function compareGroups(a: Values, b: Values, { random, resamples }: Options) {
  const [x, y] = [a.filter(isNumber), b.filter(isNumber)]
  if (x.length < 2 || y.length < 2) return undefined
  const all = [...x, ...y]
  const value = mean(x) - mean(y)
  const drawn = (values: readonly number[], draws: Random) =>
    mean(values.map(() => values[draws.integer(values.length)]!))
  const [bootstrap, permutation] = [random.fork('bootstrap'), random.fork('permutation')]
  const differences = Float64Array.from(
    { length: resamples },
    () => drawn(x, bootstrap) - drawn(y, bootstrap),
  )
  let asFar = 1
  for (let k = 0; k < resamples; k++) {
    const order = permutation.permutation(all.length)
    const dealt = Array.from(order, i => all[i]!)
    const difference = mean(dealt.slice(0, x.length)) - mean(dealt.slice(x.length))
    if (Math.abs(difference) >= Math.abs(value) - 1e-12) asFar++
  }
  return {
    difference: { value, ...percentileInterval(differences) },
    n: all.length,
    p: asFar / (resamples + 1),
    first: mean(x),
    second: mean(y),
  }
}

const mean = (values: ArrayLike<number> & Iterable<number>) => {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
