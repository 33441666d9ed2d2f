// Images of eight bits: on a level, and not farther away than before.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toEightBit } from '../../../src/attack/eight-bit.ts'
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
