// Whether a difference between two networks is more than chance, asked on the same images: McNemar's exact test
// for right against wrong, a permutation test for everything else, and Holm's correction where many are asked.

import { z } from 'zod'
import { requireInput } from '../errors/input-error.ts'
import type { Random } from '../tensor/random.ts'
import { type BootstrapOptions, bootstrap, Estimate, z95 } from './statistics.ts'

/** A difference that is said to be one has a (corrected) p-value below this. */
export const significanceLevel = 0.05

/** First minus second, on the same images. */
export const PairedComparison = z.object({
  /** With its 95 % interval. */
  difference: Estimate,
  /** Images. */
  n: z.int(),
  /** Two-sided, of no difference; not corrected for other tests. */
  p: z.number(),
})
export type PairedComparison = z.infer<typeof PairedComparison>

/**
 * Two-sided exact p-value of McNemar's test (1947): given that the two disagree on `onlyFirst + onlySecond`
 * images, how likely a split at least as uneven is when each side is as likely to be the right one.
 * @throws InputError unless both are whole numbers of at least 0
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  requireInput(
    [onlyFirst, onlySecond].every(count => Number.isInteger(count) && count >= 0),
    `McNemar's test needs two counts, found ${onlyFirst} and ${onlySecond}`,
  )
  const n = onlyFirst + onlySecond
  const fewer = Math.min(onlyFirst, onlySecond)
  // Sum of C(n, k) / 2^n for k up to `fewer`, in logarithms: 2^n leaves the range of numbers at n = 1024.
  let logTerm = -n * Math.LN2
  let sum = Math.exp(logTerm)
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((n - k + 1) / k)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, 2 * sum)
}

/**
 * Two shares on the same images: `first` and `second` say for each image whether (not 0) it is a hit. The interval
 * is the adjusted Wald interval of Bonett and Price (2012), the p-value that of {@link mcnemar}.
 * @throws InputError when their numbers differ or are zero
 */
export function compareShares(first: ArrayLike<number>, second: ArrayLike<number>): PairedComparison {
  const n = imagesOfBoth(first, second)
  let [onlyFirst, onlySecond] = [0, 0]
  for (let i = 0; i < n; i++) {
    if (first[i] && !second[i]) onlyFirst++
    else if (second[i] && !first[i]) onlySecond++
  }
  const [a, b] = [(onlyFirst + 1) / (n + 2), (onlySecond + 1) / (n + 2)]
  const half = z95 * Math.sqrt((a + b - (a - b) ** 2) / (n + 2))
  return {
    difference: {
      value: (onlyFirst - onlySecond) / n,
      low: Math.max(-1, a - b - half),
      high: Math.min(1, a - b + half),
    },
    n,
    p: mcnemar(onlyFirst, onlySecond),
  }
}

function imagesOfBoth(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const n = first.length
  requireInput(
    n === second.length && n > 0,
    `a paired comparison needs the same images on both sides, found ${n} and ${second.length}`,
  )
  return n
}

/** What the counts of {@link compareCounts} are of. */
export interface CountOptions extends BootstrapOptions {
  /** Times that each image was asked: the most that a count can be. */
  readonly of: number
}

/**
 * Mean shares on the same images, where each image was asked a few times (of networks trained from several seeds):
 * interval by bootstrap over images, p-value of the permutation test over all 2^n exchanges of the two sides of an
 * image. With counts of 1 that is {@link mcnemar}. Takes time in proportion to n^2 times `of`.
 * @param first hits of each image, whole numbers from 0 to `of`; `second` likewise
 * @throws InputError when their numbers differ or are zero, or a count is none
 */
export function compareCounts(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  { of, ...options }: CountOptions,
): PairedComparison {
  const n = imagesOfBoth(first, second)
  const isCount = (hits: number) => Number.isInteger(hits) && hits >= 0 && hits <= of
  const odd = [...Array.from(first), ...Array.from(second)].find(hits => !isCount(hits))
  requireInput(odd === undefined, `an image has 0 to ${of} hits, found ${odd}`)
  const differences = Int32Array.from({ length: n }, (_, i) => first[i]! - second[i]!)
  const difference = bootstrap(
    n,
    indices => {
      let sum = 0
      for (const i of indices) sum += differences[i]!
      return sum / (of * n)
    },
    options,
  )
  return { difference, n, p: exchangesP(differences) }
}

/** Share of all exchanges of signs whose sum is at least as far from 0 as that of the whole numbers themselves. */
function exchangesP(differences: Int32Array): number {
  let sum = 0
  const images: number[] = []
  for (const difference of differences) {
    sum += difference
    const size = Math.abs(difference)
    images[size] = (images[size] ?? 0) + 1
  }
  // Of the images that differ by `size`, a binomial number keeps its sign: the sum is 2 kept - total.
  let kept: Float64Array = Float64Array.of(1)
  images.forEach((count, size) => {
    if (size > 0) kept = withBinomial(kept, count, size)
  })
  const total = kept.length - 1
  let p = 0
  for (const [k, chance] of kept.entries()) if (Math.abs(2 * k - total) >= Math.abs(sum)) p += chance
  return Math.min(1, p)
}

/** The distribution of X + step * B, where `chances` is that of X and B of `count` fair coins. */
function withBinomial(chances: Float64Array, count: number, step: number): Float64Array {
  const result = new Float64Array(chances.length + count * step)
  // In logarithms: 2^count leaves the range of numbers at 1024.
  let logChance = -count * Math.LN2
  for (let k = 0; k <= count; k++) {
    const chance = Math.exp(logChance)
    for (let x = 0; x < chances.length; x++) result[x + k * step]! += chance * chances[x]!
    logChance += Math.log((count - k) / (k + 1))
  }
  return result
}

/**
 * Any statistic of `n` images, in two versions: interval by bootstrap over images, p-value by a permutation test
 * that exchanges the two versions of random images. Resamples and exchanges on which it is not a number are left out.
 * @param statistic of the images with these indices; where `swapped` is not 0 at an index, the two versions of
 * that image are exchanged; both versions at once: first minus second
 * @throws InputError when there is no image or the difference is not a number
 */
export function compareByPermutation(
  n: number,
  statistic: (indices: Uint32Array, swapped: Uint8Array) => number,
  { random, resamples }: BootstrapOptions & { readonly resamples: number },
): PairedComparison {
  const asTheyAre = new Uint8Array(n)
  const difference = bootstrap(n, indices => statistic(indices, asTheyAre), {
    random: random.fork('bootstrap'),
    resamples,
  })
  const p = permutationP(n, difference.value, statistic, random.fork('permutation'), resamples)
  return { difference, n, p }
}

function permutationP(
  n: number,
  found: number,
  statistic: (indices: Uint32Array, swapped: Uint8Array) => number,
  random: Random,
  permutations: number,
): number {
  const all = Uint32Array.from({ length: n }, (_, i) => i)
  const swapped = new Uint8Array(n)
  // The arrangement that was found is one of those possible (Phipson and Smyth 2010), so p is never 0.
  let [asFar, defined] = [1, 1]
  for (let k = 0; k < permutations; k++) {
    for (let i = 0; i < n; i++) swapped[i] = random.uint32() & 1
    const value = Math.abs(statistic(all, swapped))
    // As in the bootstrap: an exchange may leave a side with nothing to count.
    if (Number.isNaN(value)) continue
    defined++
    if (value >= Math.abs(found) - 1e-12) asFar++
  }
  return asFar / defined
}

/**
 * Holm's step-down correction (1979): p-values that may each be held against one level although many were asked.
 * @returns in the order of `values`
 * @throws InputError for a value outside [0, 1]
 */
export function holm(values: readonly number[]): number[] {
  requireInput(
    values.every(p => p >= 0 && p <= 1),
    () => `p-values lie in [0, 1], found ${values.find(p => !(p >= 0 && p <= 1))}`,
  )
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!)
  const adjusted = new Array<number>(values.length)
  let most = 0
  for (const [rank, i] of order.entries()) {
    most = Math.max(most, Math.min(1, (values.length - rank) * values[i]!))
    adjusted[i] = most
  }
  return adjusted
}
