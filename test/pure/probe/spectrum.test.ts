// Spectra against the discrete Fourier transform written out, and the sensitivity map of functions whose weak
// frequency is known.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fourierSensitivity, fourierWave } from '../../../src/probe/fourier-sensitivity.ts'
import { energy } from '../../../src/probe/spectrum/energy.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { stubClassifier } from '../../support/stub-classifier.ts'

/** Energy at every frequency (u, v), by the definition, divided by the number of cells. */
function powers(values: ArrayLike<number>, h: number, w: number): { u: number; v: number; power: number }[] {
  return Array.from({ length: h * w }, (_, k) => {
    const [u, v] = [Math.floor(k / w), k % w]
    let [re, im] = [0, 0]
    for (let i = 0; i < h * w; i++) {
      const angle = 2 * Math.PI * ((u * Math.floor(i / w)) / h + (v * (i % w)) / w)
      re += values[i]! * Math.cos(angle)
      im -= values[i]! * Math.sin(angle)
    }
    return { u, v, power: (re * re + im * im) / (h * w) }
  })
}

describe('energy', () => {
  it('equals the sum over the Fourier transform', () => {
    const side = fc.integer({ min: 1, max: 13 })
    fc.assert(
      fc.property(side, side, fc.integer(), fc.boolean(), fc.nat(3), (h, w, seed, withMean, offset) => {
        const random = new Random(seed)
        const values = Float32Array.from({ length: offset + h * w }, () => random.normal() + 1)
        const found = energy(values, h, w, { offset, withMean })
        let [total, high] = [0, 0]
        for (const { u, v, power } of powers(values.subarray(offset), h, w)) {
          if (u === 0 && v === 0 && !withMean) continue
          total += power
          const [fy, fx] = [Math.min(u, h - u) / h, Math.min(v, w - v) / w]
          if (fy * fy + fx * fx > 0.25 ** 2) high += power
        }
        expect(found.total).toBeCloseTo(total, 6)
        expect(found.high).toBeCloseTo(high, 6)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a Fourier wave', () => {
  it('has norm 1 and two frequencies at most', () => {
    const [h, w] = [8, 10]
    for (const [u, v] of [
      [0, 0],
      [3, 0],
      [-2, 4],
      [4, 5],
    ] as const) {
      const found = powers(fourierWave(u, v, h, w), h, w).filter(({ power }) => power > 1e-9)
      expect(found.reduce((sum, { power }) => sum + power, 0)).toBeCloseTo(1, 10)
      const wrap = (a: number, length: number) => ((a % length) + length) % length
      const own = new Set([`${wrap(u, h)} ${wrap(v, w)}`, `${wrap(-u, h)} ${wrap(-v, w)}`])
      expect(new Set(found.map(f => `${f.u} ${f.v}`))).toEqual(own)
    }
  })
})

describe('Fourier sensitivity', () => {
  it('finds the one frequency that a function hears', async () => {
    const side = 16
    // Says "no" where the images hold four cycles down and eight across.
    const heard = fourierWave(4, 8, side, side)
    const model = stubClassifier(['class 0', 'class 1'], side, pixels => {
      let sum = 0
      for (let p = 0; p < side * side; p++) sum += pixels[p]! * heard[p]!
      return [0.5, Math.abs(sum)]
    })
    const n = 5
    const grey = float32([n, 3, side, side], new Float32Array(n * 3 * side * side).fill(0.5))
    const data = memoryDataset('grey', grey, new Int32Array(n), 2)
    const probe = fourierSensitivity({ data, norm: 2, steps: 4, resamples: 50 })
    const result = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
    expect(result.rows).toEqual([-8, -6, -4, -2, 0, 2, 4, 6, 8])
    expect(result.columns).toEqual([0, 2, 4, 6, 8])
    for (const [r, u] of result.rows.entries()) {
      // At Nyquist across, u and -u are the same wave.
      for (const [c, v] of result.columns.entries())
        expect(result.errors[r]![c]).toBe(Math.abs(u) === 4 && v === 8 ? 1 : 0)
    }
    // 41 waves, 2 of them heard, both above half Nyquist: u^2 + v^2 <= 4^2 holds for 7 waves.
    expect([result.clean.value, result.low.value]).toEqual([0, 0])
    expect(result.high.value).toBeCloseTo(2 / (41 - 7), 12)
    expect(result.images).toBe(n)
  })
})
