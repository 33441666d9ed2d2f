// Measured numbers with their uncertainty: 95 % intervals, by formula for proportions and by resampling for
// everything else.

import { z } from 'zod'
import { requireInput } from '../errors/input-error.ts'
import type { Random } from '../tensor/random.ts'

/** A number and its 95 % interval. */
export const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type Estimate = z.infer<typeof Estimate>

/** Two-sided 95 % point of the standard normal distribution. */
export const z95 = 1.959963984540054
const tail = 0.025

/** Bootstrap resamples behind an interval unless told otherwise. */
export const defaultResamples = 2000

/**
 * Proportion `hits / n` with Wilson's score interval (1927), which stays inside [0, 1] and is sound at 0 and 1.
 * @throws InputError unless 0 <= hits <= n and n >= 1
 */
export function wilson(hits: number, n: number): Estimate {
  requireInput(n >= 1 && hits >= 0 && hits <= n, `a proportion needs 0 to n hits of n, found ${hits} of ${n}`)
  const value = hits / n
  const spread = z95 ** 2 / n
  const centre = (value + spread / 2) / (1 + spread)
  const half = (z95 / (1 + spread)) * Math.sqrt((value * (1 - value)) / n + spread / (4 * n))
  return {
    value,
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === n ? 1 : Math.min(1, centre + half),
  }
}

/** Where and how often a bootstrap draws. */
export interface BootstrapOptions {
  readonly random: Random
  /** Default {@link defaultResamples}. */
  readonly resamples?: number
}

/**
 * Percentile bootstrap (Efron 1979): `statistic` of the sample itself, and the 2.5 % and 97.5 % points of the
 * statistic over resamples with replacement. Resamples on which it is not a number are left out.
 * @param n size of the sample
 * @param statistic of the members with these indices
 * @throws InputError when the sample is empty or its statistic is not a number
 */
export function bootstrap(
  n: number,
  statistic: (indices: Uint32Array) => number,
  { random, resamples = defaultResamples }: BootstrapOptions,
): Estimate {
  requireInput(n >= 1, 'a bootstrap needs at least one member, found none')
  const value = statistic(Uint32Array.from({ length: n }, (_, i) => i))
  requireInput(Number.isFinite(value), `a bootstrap needs a statistic that is a number, found ${value}`)
  const indices = new Uint32Array(n)
  const values: number[] = []
  for (let k = 0; k < resamples; k++) {
    for (let i = 0; i < n; i++) indices[i] = random.integer(n)
    const resampled = statistic(indices)
    if (!Number.isNaN(resampled)) values.push(resampled)
  }
  return { value, ...percentileInterval(values.length > 0 ? values : [value]) }
}

/** Mean of `values` with its bootstrap interval. */
export function bootstrapMean(values: ArrayLike<number>, options: BootstrapOptions): Estimate {
  return bootstrap(values.length, indices => meanOf(values, indices), options)
}

/**
 * Mean of shares in [0, 1] with its bootstrap interval; where all are 0, or all 1, resamples cannot differ and would
 * claim certainty: there, Wilson's interval.
 */
export function bootstrapMeanShare(values: ArrayLike<number>, options: BootstrapOptions): Estimate {
  const first = values[0]
  const same = (first === 0 || first === 1) && Array.from(values).every(value => value === first)
  return same ? wilson(first * values.length, values.length) : bootstrapMean(values, options)
}

/**
 * Mean of `a - b` over pairs, with its bootstrap interval: pairs are resampled, so what both members share
 * (a hard image) cancels.
 * @throws InputError when the numbers of values differ or are zero
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions,
): Estimate {
  requireInput(
    a.length === b.length,
    `pairs need as many values on both sides, found ${a.length} and ${b.length}`,
  )
  return bootstrapMean(
    Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!),
    options,
  )
}

/**
 * Weighted mean of the means of several samples, each resampled by itself (stratified bootstrap).
 * @throws InputError when there is no sample or an empty one
 */
export function bootstrapWeightedMean(
  strata: readonly { readonly values: ArrayLike<number>; readonly weight: number }[],
  { random, resamples = defaultResamples }: BootstrapOptions,
): Estimate {
  requireInput(
    strata.length > 0 && strata.every(({ values }) => values.length > 0),
    'a weighted mean needs samples that are not empty',
  )
  const total = strata.reduce((sum, { weight }) => sum + weight, 0)
  const combine = (mean: (values: ArrayLike<number>) => number) =>
    strata.reduce((sum, { values, weight }) => sum + (weight / total) * mean(values), 0)
  const resampledMean = (values: ArrayLike<number>) => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[random.integer(values.length)]!
    return sum / values.length
  }
  const value = combine(values => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length)
  return { value, ...percentileInterval(Array.from({ length: resamples }, () => combine(resampledMean))) }
}

function meanOf(values: ArrayLike<number>, indices: Uint32Array): number {
  let sum = 0
  for (const i of indices) sum += values[i]!
  return sum / indices.length
}

/** The 2.5 % and 97.5 % points of resampled values. */
export function percentileInterval(values: ArrayLike<number>): { low: number; high: number } {
  const sorted = Float64Array.from(values).sort()
  return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) }
}

/**
 * The `p`-quantile of ascending `sorted`, interpolated linearly between ranks as NumPy does by default.
 * @param p in [0, 1]
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  requireInput(sorted.length > 0, 'a quantile needs at least one value, found none')
  const rank = p * (sorted.length - 1)
  const below = Math.floor(rank)
  const low = sorted[below]!
  return low + (rank - below) * ((sorted[below + 1] ?? low) - low)
}
