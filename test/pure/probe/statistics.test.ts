import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bootstrap,
  bootstrapMean,
  bootstrapMeanShare,
  bootstrapWeightedMean,
  pairedDifference,
  quantile,
  wilson,
} from '../../../src/probe/statistics.ts'
import { Random } from '../../../src/tensor/random.ts'

// Made by SciPy and NumPy, see scripts/fixtures/probe.py.
const golden: {
  wilson: [number, number, number, number][]
  quantiles: [number, number][]
  a: number[]
  b: number[]
  mean: [number, number, number]
  difference: [number, number, number]
} = JSON.parse(readFileSync('test/fixtures/probe/statistics.json', 'utf8'))

describe('wilson', () => {
  test.each(golden.wilson)('%i of %i equals SciPy', (hits, n, low, high) => {
    const estimate = wilson(hits, n)
    expect(estimate.value).toBe(hits / n)
    expect(estimate.low).toBeCloseTo(low, 12)
    expect(estimate.high).toBeCloseTo(high, 12)
  })

  test('lies around the proportion and inside [0, 1]', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const { value, low, high } = wilson(Math.round(share * n), n)
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
          expect(low).toBeLessThanOrEqual(value)
          expect(high).toBeGreaterThanOrEqual(value)
        },
      ),
    )
  })

  test('refuses what is no proportion', () => {
    expect(() => wilson(0, 0)).toThrow('a proportion needs 0 to n hits of n, found 0 of 0')
    expect(() => wilson(3, 2)).toThrow('found 3 of 2')
  })
})

test.each(golden.quantiles)('quantile %d equals NumPy', (p, expected) => {
  expect(
    quantile(
      golden.a.toSorted((x, y) => x - y),
      p,
    ),
  ).toBeCloseTo(expected, 12)
})

describe('bootstrap', () => {
  // SciPy drew 200,000 resamples; the ends of an interval from 20,000 scatter by about 1 % of its width.
  const options = () => ({ random: new Random(1), resamples: 20_000 })
  const near = (
    estimate: { value: number; low: number; high: number },
    [value, low, high]: readonly number[],
  ) => {
    const width = high! - low!
    expect(estimate.value).toBeCloseTo(value!, 10)
    expect(Math.abs(estimate.low - low!)).toBeLessThan(0.05 * width)
    expect(Math.abs(estimate.high - high!)).toBeLessThan(0.05 * width)
  }

  test('of a mean has the interval of SciPy', () => near(bootstrapMean(golden.a, options()), golden.mean))

  test('of paired differences has the interval of SciPy', () => {
    near(pairedDifference(golden.a, golden.b, options()), golden.difference)
  })

  test('pairs, and does not treat the sides as two samples', () => {
    const shifted = golden.a.map(value => value + 0.5)
    const { value, low, high } = pairedDifference(shifted, golden.a, options())
    for (const number of [value, low, high]) expect(number).toBeCloseTo(0.5, 10)
  })

  test('of one stratum is that of its mean', () => {
    const weighted = bootstrapWeightedMean([{ values: golden.a, weight: 3 }], options())
    near(weighted, golden.mean)
  })

  test('of shares that are all 0 or all 1 does not claim certainty', () => {
    expect(bootstrapMeanShare([0, 0, 0, 0], options())).toEqual(wilson(0, 4))
    expect(bootstrapMeanShare([1, 1, 1], options())).toEqual(wilson(3, 3))
    expect(bootstrapMeanShare([0.5, 0.5], options())).toEqual({ value: 0.5, low: 0.5, high: 0.5 })
    expect(bootstrapMeanShare([0, 1, 0.5], options())).toEqual(bootstrapMean([0, 1, 0.5], options()))
  })

  test('weighs strata', () => {
    const strata = [
      { values: [1, 1], weight: 3 },
      { values: [5, 5, 5], weight: 1 },
    ]
    expect(bootstrapWeightedMean(strata, options())).toEqual({ value: 2, low: 2, high: 2 })
  })

  test('gives the same interval for the same seed, another for another', () => {
    const run = (seed: number) => bootstrapMean(golden.a, { random: new Random(seed), resamples: 200 })
    expect(run(3)).toEqual(run(3))
    expect(run(3)).not.toEqual(run(4))
  })

  test('leaves out resamples without a value', () => {
    const values = [1, Number.NaN]
    const estimate = bootstrap(
      2,
      indices => (indices.every(i => i === 1) ? Number.NaN : values[0]!),
      options(),
    )
    expect(estimate).toEqual({ value: 1, low: 1, high: 1 })
  })

  test('refuses nothing, and numbers of values that differ', () => {
    expect(() => bootstrapMean([], options())).toThrow('found none')
    expect(() => pairedDifference([1], [1, 2], options())).toThrow('found 1 and 2')
  })
})
