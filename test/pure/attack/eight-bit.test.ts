// Images of eight bits: on a level, and not farther away than before.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toEightBit } from '../../../src/attack/eight-bit.ts'
import { towardsHyperplane } from '../../../src/attack/hyperplane.ts'
import { norms } from '../../../src/attack/norm.ts'
import { float32 } from '../../../src/tensor/tensor.ts'

const unit = fc.double({ min: 0, max: 1, noNaN: true })

it('rounds towards originals of eight bits, so that no distance grows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(unit, fc.nat(255)), { minLength: 1, maxLength: 30 }), pairs => {
      const shape = [1, 1, 1, pairs.length]
      const images = float32(
        shape,
        pairs.map(([value]) => value),
      )
      const originals = float32(
        shape,
        pairs.map(([, level]) => level / 255),
      )
      const rounded = toEightBit(images, originals)
      for (const [i, value] of rounded.data.entries()) {
        expect(Math.abs(value * 255 - Math.round(value * 255))).toBeLessThan(1e-4)
        const before = Math.abs(images.data[i]! - originals.data[i]!)
        expect(Math.abs(value - originals.data[i]!)).toBeLessThanOrEqual(before + 1e-5)
        expect(Math.abs(value - images.data[i]!)).toBeLessThan(1 / 255)
      }
    }),
  )
})

it('takes the nearest level where the original lies between two', () => {
  const of = (value: number, original: number) =>
    toEightBit(float32([1], [value / 255]), float32([1], [original / 255])).data[0]! * 255
  expect(of(10.7, 10.5)).toBeCloseTo(11, 4)
  expect(of(10.7, 8.5)).toBeCloseTo(10, 4)
})

it.each(['L2', 'Linf'] as const)('%s: no point of the plane in the box is nearer', norm => {
  const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(
      fc.array(unit, { minLength: 5, maxLength: 5 }),
      vector,
      fc.array(unit, { minLength: 5, maxLength: 5 }),
      (from, normal, target) => {
        const [point, w, other] = [from, normal, target].map(v => Float32Array.from(v)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ]
        fc.pre(norms.L2.length(w) > 1e-3)
        // The plane through some point of the box: it can be reached.
        const dot = (a: Float32Array) => a.reduce((sum, v, i) => sum + v * w[i]!, 0)
        const d = towardsHyperplane(norm, point, w, dot(other))
        const reached = point.map((v, i) => v + d[i]!)
        for (const v of reached) expect(v >= -1e-6 && v <= 1 + 1e-6).toBe(true)
        expect(Math.abs(dot(reached) - dot(other))).toBeLessThan(1e-5)
        expect(norms[norm].length(d)).toBeLessThanOrEqual(norms[norm].between(point, other) + 1e-5)
      },
    ),
  )
})

it('goes to the nearest corner where the plane misses the box', () => {
  const d = towardsHyperplane('L2', Float32Array.of(0.5, 0.25), Float32Array.of(1, -1), 5)
  expect([...d]).toEqual([0.5, -0.25])
})
