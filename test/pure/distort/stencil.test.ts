import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Rows, sums, symmetricSums, type Terms } from '../../../src/distort/stencil.ts'
import { Random } from '../../../src/tensor/random.ts'

/** Numbers with a margin of `REACH` on all sides of the rows, and up to seven terms within it. */
const REACH = 3
const problem = fc
  .record({
    count: fc.integer({ min: 1, max: 21 }),
    rows: fc.integer({ min: 1, max: 4 }),
    places: fc.array(fc.tuple(fc.nat(REACH), fc.nat(REACH)), { minLength: 1, maxLength: 7 }),
    seed: fc.nat(1000),
  })
  .map(({ count, rows, places, seed }) => {
    const random = new Random(seed)
    const stride = count + 2 * REACH
    const data = Float64Array.from({ length: stride * (rows + 2 * REACH) }, () => random.normal())
    const area: Rows = { start: REACH * (stride + 1), stride, rows, count }
    const weights = places.map(() => random.normal())
    return { data, area, weights, offsets: places.map(([dy, dx]) => dy * stride + dx) }
  })

/** What `at` gives for the place of every result, row by row. */
const everywhere = ({ start, stride, rows, count }: Rows, at: (place: number) => number) =>
  Float64Array.from({ length: rows * count }, (_, i) =>
    at(start + Math.floor(i / count) * stride + (i % count)),
  )

it('adds terms before and behind as a plain loop does, to the last bit', () => {
  fc.assert(
    fc.property(problem, ({ data, area, weights, offsets }) => {
      const terms: Terms = { offsets: offsets.map((offset, k) => (k % 2 === 0 ? offset : -offset)), weights }
      const plain = everywhere(area, place =>
        weights.reduce((sum, weight, k) => sum + weight * data[place + terms.offsets[k]!]!, 0),
      )
      expect(sums(data, area, terms)).toEqual(plain)
    }),
  )
})

it('adds the pairs of a symmetric kernel as a plain loop does, to the last bit', () => {
  fc.assert(
    fc.property(problem, ({ data, area, weights, offsets }) => {
      const plain = everywhere(area, place => {
        let sum = weights[0]! * data[place]!
        for (let k = 1; k < weights.length; k++)
          sum += (data[place - offsets[k]!]! + data[place + offsets[k]!]!) * weights[k]!
        return sum
      })
      expect(symmetricSums(data, area, { offsets, weights })).toEqual(plain)
    }),
  )
})
