import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareByPermutation,
  compareCounts,
  compareShares,
  holm,
  mcnemar,
} from '../../../src/probe/significance.ts'
import { Random } from '../../../src/tensor/random.ts'

// Made by statsmodels and SciPy, see scripts/fixtures/significance.py.
const golden: {
  mcnemar: [number, number, number][]
  holm: [number[], number[]][]
  a: number[]
  b: number[]
  hits: [number[], number[]]
  exchanges: [number, number]
  permutation: [number, number]
} = JSON.parse(readFileSync('test/fixtures/probe/significance.json', 'utf8'))

describe("McNemar's test", () => {
  test.each(golden.mcnemar)('of %i against %i equals statsmodels', (b, c, p) => {
    // Relative, since the smallest lies at 1e-23.
    expect(Math.abs(mcnemar(b, c) / p - 1)).toBeLessThan(1e-9)
    expect(mcnemar(c, b)).toBe(mcnemar(b, c))
  })

  test('refuses what is no count', () => {
    expect(() => mcnemar(1.5, 2)).toThrow("McNemar's test needs two counts, found 1.5 and 2")
  })
})

describe('shares on the same images', () => {
  test('count the images on which one side alone is right', () => {
    const first = [1, 1, 1, 0, 0, 1, 1, 1]
    const second = [1, 0, 0, 0, 1, 0, 0, 0]
    const { difference, n, p } = compareShares(first, second)
    expect(n).toBe(8)
    expect(difference.value).toBe(4 / 8)
    expect(p).toBe(mcnemar(5, 1))
    // Bonett and Price: p12 = 6/10, p21 = 2/10, 0.4 -+ 1.96 sqrt((0.8 - 0.16) / 10).
    expect(difference.low).toBeCloseTo(0.4 - 1.959964 * Math.sqrt(0.064), 5)
    expect(difference.high).toBeCloseTo(0.4 + 1.959964 * Math.sqrt(0.064), 5)
  })

  test('are the same question from the other side, and nothing differs from itself', () => {
    const sides = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 1,
      maxLength: 300,
    })
    fc.assert(
      fc.property(sides, pairs => {
        const [first, second] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
        const there = compareShares(first, second)
        const back = compareShares(second, first)
        expect(there.p).toBe(back.p)
        expect(there.difference.value).toBeCloseTo(-back.difference.value, 12)
        expect(there.difference.low).toBeCloseTo(-back.difference.high, 12)
        expect(compareShares(first, first)).toMatchObject({ p: 1, difference: { value: 0 } })
      }),
    )
  })

  test('have an interval that holds the truth 95 times in a hundred', () => {
    const random = new Random(1)
    let held = 0
    for (let round = 0; round < 1000; round++) {
      // Right with probability .8 and .7, on the same image together more often than by chance.
      const draws = Array.from({ length: 200 }, () => random.uniform())
      const first = draws.map(u => (u < 0.8 ? 1 : 0))
      const second = draws.map(u => (u < 0.6 || u > 0.9 ? 1 : 0))
      const { low, high } = compareShares(first, second).difference
      if (low <= 0.1 && 0.1 <= high) held++
    }
    expect(held).toBeGreaterThan(930)
    expect(held).toBeLessThan(970)
  })

  test('need the same images', () => {
    expect(() => compareShares([1], [1, 0])).toThrow('found 1 and 2')
    expect(() => compareShares([], [])).toThrow('found 0 and 0')
  })
})

describe('counts on the same images', () => {
  const options = { random: new Random(5), resamples: 200 }

  test("have the p-value of SciPy's way through all exchanges", () => {
    const [first, second] = golden.hits
    const [value, expected] = golden.exchanges
    const { difference, n, p } = compareCounts(first, second, { of: 3, ...options })
    expect(n).toBe(14)
    expect(difference.value).toBeCloseTo(value, 12)
    expect(p).toBeCloseTo(expected, 12)
    expect(compareCounts(second, first, { of: 3, ...options }).p).toBe(p)
  })

  test("of 1 are McNemar's question, however many images", () => {
    const bits = (n: number, ones: number) => Array.from({ length: n }, (_, i) => (i < ones ? 1 : 0))
    for (const [onlyFirst, onlySecond] of [
      [0, 0],
      [5, 5],
      [3, 90],
      [121, 59],
      [1500, 1800],
    ] as const) {
      const first = [...bits(onlyFirst, onlyFirst), ...bits(onlySecond, 0), 1, 0]
      const second = [...bits(onlyFirst, 0), ...bits(onlySecond, onlySecond), 1, 0]
      const { p } = compareCounts(first, second, { of: 1, ...options })
      expect(Math.abs(p / mcnemar(onlyFirst, onlySecond) - 1)).toBeLessThan(1e-9)
    }
  })

  test('are as likely by chance as the exchanges say that can be counted', () => {
    const hits = fc.integer({ min: 0, max: 4 })
    fc.assert(
      fc.property(fc.array(fc.tuple(hits, hits), { minLength: 1, maxLength: 9 }), pairs => {
        const differences = pairs.map(([a, b]) => a - b)
        const found = Math.abs(differences.reduce((sum, d) => sum + d, 0))
        let asFar = 0
        for (let signs = 0; signs < 2 ** pairs.length; signs++) {
          const sum = differences.reduce((total, d, i) => total + (signs & (1 << i) ? d : -d), 0)
          if (Math.abs(sum) >= found) asFar++
        }
        const [first, second] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
        const { p } = compareCounts(first, second, { of: 4, ...options })
        expect(p).toBeCloseTo(asFar / 2 ** pairs.length, 12)
      }),
    )
  })

  test('lie between 0 and what was asked', () => {
    expect(() => compareCounts([1], [1, 0], { of: 1, ...options })).toThrow('found 1 and 2')
    expect(() => compareCounts([3], [1], { of: 2, ...options })).toThrow('an image has 0 to 2 hits, found 3')
    expect(() => compareCounts([0.5], [1], { of: 2, ...options })).toThrow('found 0.5')
  })
})

describe('a permutation test', () => {
  const meanDifference = (indices: Uint32Array, swapped: Uint8Array) => {
    let sum = 0
    for (const i of indices) sum += (golden.a[i]! - golden.b[i]!) * (swapped[i] ? -1 : 1)
    return sum / indices.length
  }

  test('has the p-value of SciPy', () => {
    const options = { random: new Random(2), resamples: 20_000 }
    const { difference, p } = compareByPermutation(golden.a.length, meanDifference, options)
    const [value, expected] = golden.permutation
    expect(difference.value).toBeCloseTo(value, 12)
    // Three standard errors of 20,000 permutations.
    expect(Math.abs(p - expected)).toBeLessThan(3 * Math.sqrt((expected * (1 - expected)) / 20_000))
  })

  test('leaves out exchanges on which there is nothing to count', () => {
    // Each side has one decision, on another image: only an exchange of both, or of none, leaves a decision to each.
    const [first, second] = [
      [1, null],
      [null, 0],
    ]
    const share = (side: (number | null)[]) => {
      const decided = side.filter(value => value !== null)
      return decided.reduce((sum, value) => sum + value, 0) / decided.length
    }
    const difference = (indices: Uint32Array, swapped: Uint8Array) => {
      const pick = (a: (number | null)[], b: (number | null)[]) =>
        Array.from(indices, i => (swapped[i] ? b[i]! : a[i]!))
      return share(pick(first, second)) - share(pick(second, first))
    }
    expect(compareByPermutation(2, difference, { random: new Random(0), resamples: 200 }).p).toBe(1)
  })

  test('finds nothing where nothing is', () => {
    const options = { random: new Random(2), resamples: 200 }
    expect(compareByPermutation(10, () => 0, options).p).toBe(1)
  })
})

describe('Holm', () => {
  test.each(golden.holm)('corrects %j as statsmodels does', (values, expected) => {
    const adjusted = holm(values)
    for (const [i, p] of expected.entries()) expect(adjusted[i]).toBeCloseTo(p, 12)
  })

  test('never makes a p-value smaller, and keeps their order', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(values, list => {
        const adjusted = holm(list)
        for (const [i, p] of list.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p)
          for (const [k, other] of list.entries())
            if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[k]!)
        }
      }),
    )
  })

  test('refuses what is no p-value', () => expect(() => holm([0.2, 1.2])).toThrow('found 1.2'))
})
