import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NormName, norms } from '../../../src/attack/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'

const grey = float32([400, 3, 2, 2], new Float32Array(400 * 12).fill(0.5))

describe.each<[NormName]>([['L2'], ['Linf']])('random start in the %s ball', name => {
  const norm = norms[name]

  it('lies in the ball and in [0, 1]', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
        (seed, epsilon, pixels) => {
          const image = float32([1, 3, 2, 2], pixels)
          const start = norm.randomStart(image, epsilon, new Random(seed))
          for (const value of start.data) expect(value >= 0 && value <= 1).toBe(true)
          expect(norm.distance(start, image)[0]).toBeLessThanOrEqual(epsilon * (1 + 1e-5) + 1e-6)
        },
      ),
    )
  })

  it('fills the ball evenly: radius^12 is uniform', () => {
    const start = norm.randomStart(grey, 0.4, new Random(0))
    const volumes = Array.from(norm.distance(start, grey), d => (d / 0.4) ** 12).sort((a, b) => a - b)
    // Kolmogorov–Smirnov at 1 %: 1.63 / sqrt(400)
    for (const [i, volume] of volumes.entries()) expect(Math.abs(volume - i / 400)).toBeLessThan(0.0815)
    const mean = start.data.reduce((sum, v) => sum + v - 0.5, 0) / start.data.length
    expect(Math.abs(mean)).toBeLessThan(0.01)
  })
})

it('distances are per image', () => {
  const a = float32([2, 1, 1, 2], [0, 0, 0.5, 0.5])
  const b = float32([2, 1, 1, 2], [0.3, 0.4, 0.5, 0.25])
  expect(Array.from(norms.L2.distance(a, b))).toEqual([0.5, 0.25].map(Math.fround))
  expect(Array.from(norms.Linf.distance(a, b))).toEqual([0.4, 0.25].map(Math.fround))
})
