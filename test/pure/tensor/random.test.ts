import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/tensor/random.ts'

const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.uint32())

describe('Random', () => {
  it('gives the same stream for the same seed and another for another', () => {
    expect(draw(new Random(7), 5)).toEqual(draw(new Random(7), 5))
    expect(draw(new Random(7), 5)).not.toEqual(draw(new Random(8), 5))
  })

  it('forks streams that depend on seed and purpose alone, not on what was drawn elsewhere', () => {
    const once = draw(new Random(7).fork('train'), 3)
    expect(draw(new Random(7).fork('train'), 3)).toEqual(once)
    expect(draw(new Random(7).fork('test'), 3)).not.toEqual(once)
    expect(draw(new Random(8).fork('train'), 3)).not.toEqual(once)
  })

  it('is uniform: mean, variance and 16 equal bins', () => {
    const random = new Random(1)
    const n = 160_000
    const bins = new Array<number>(16).fill(0)
    let sum = 0
    let squares = 0
    for (let i = 0; i < n; i++) {
      const u = random.uniform()
      bins[Math.floor(u * 16)]! += 1
      sum += u
      squares += u * u
    }
    expect(Math.abs(sum / n - 1 / 2)).toBeLessThan(0.003)
    expect(Math.abs(squares / n - 1 / 3)).toBeLessThan(0.003)
    const chiSquare = bins.reduce((total, count) => total + (count - n / 16) ** 2 / (n / 16), 0)
    expect(chiSquare).toBeLessThan(37.7) // 15 degrees of freedom, p = .001
  })

  it('draws standard normals: mean, variance, skewness, kurtosis', () => {
    const random = new Random(2)
    const n = 200_000
    const moments = [0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const z = random.normal()
      for (let k = 0; k < 4; k++) moments[k]! += z ** (k + 1) / n
    }
    expect(Math.abs(moments[0]!)).toBeLessThan(0.01)
    expect(Math.abs(moments[1]! - 1)).toBeLessThan(0.015)
    expect(Math.abs(moments[2]!)).toBeLessThan(0.03)
    expect(Math.abs(moments[3]! - 3)).toBeLessThan(0.1)
  })

  it('makes permutations', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 200 }), (seed, n) => {
        const order = new Random(seed).permutation(n)
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
      }),
    )
  })

  it('shuffles every position about equally often', () => {
    const random = new Random(3)
    const counts = new Array<number>(5).fill(0)
    for (let i = 0; i < 20_000; i++) counts[random.permutation(5).indexOf(0)]! += 1
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(250)
  })
})
