// The judges' measures on pictures whose answer is known.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readNpy } from '../../../src/data/npy.ts'
import { pictureDiversity } from '../../../src/synth/judge/diversity.ts'
import { likeness } from '../../../src/synth/judge/likeness.ts'
import { spectrumSlopes } from '../../../src/synth/judge/spectrum.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32, float32, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { formulaImages } from '../../support/formula-weights.ts'

const golden = (name: string) =>
  asFloat32(readNpy(readFileSync(new URL(`../../fixtures/synth/${name}.npy`, import.meta.url))))

describe('likeness', () => {
  const clean = formulaImages([0, 1], 48)

  it("is pytorch-msssim's SSIM and numpy's PSNR", () => {
    const { ssim, psnr } = likeness(golden('noisy'), clean)
    const expected = golden('likeness')
    expectClose(ssim, rows(expected, 0, 1).data, { absolute: 1e-5 })
    expectClose(psnr, rows(expected, 1, 2).data, { absolute: 1e-3 })
  })

  it('is highest for the picture itself', () => {
    const same = likeness(clean, clean)
    expect([...same.ssim, ...same.msSsim].every(value => Math.abs(value - 1) < 1e-9)).toBe(true)
    expect([...same.psnr]).toEqual([100, 100])
  })
})

describe('spectrum slope', () => {
  /** A picture whose amplitude falls as frequency^power, with random phases. */
  function powerLaw(size: number, power: number, seed: number) {
    const random = new Random(seed)
    const data = new Float64Array(size * size)
    for (let u = -size / 2; u < size / 2; u++) {
      for (let v = 0; v < size / 2; v++) {
        const frequency = Math.hypot(u, v)
        if (frequency === 0 || frequency > size / 2) continue
        const [amplitude, phase] = [frequency ** power, random.uniform(0, 2 * Math.PI)]
        for (let i = 0; i < data.length; i++) {
          const angle = (2 * Math.PI * (u * Math.floor(i / size) + v * (i % size))) / size
          data[i]! += amplitude * Math.cos(angle + phase)
        }
      }
    }
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    return float32(
      [1, 3, size, size],
      Float32Array.from(
        { length: 3 * data.length },
        (_, i) => 0.5 + (0.4 * data[i % data.length]!) / largest,
      ),
    )
  }

  it.each([
    [0, 0],
    [-0.5, -1],
    [-1, -2],
  ])('amplitudes of frequency^%f have a slope of %f', (power, slope) => {
    const found = [1, 2, 3, 4, 5, 6].map(seed => spectrumSlopes(powerLaw(32, power, seed))[0]!)
    expect(Math.abs(found.reduce((a, b) => a + b, 0) / found.length - slope)).toBeLessThan(0.3)
  })

  it('does not care for contrast or mean', () => {
    const image = powerLaw(24, -1, 4)
    const dim = float32(
      image.shape,
      image.data.map(v => 0.1 + 0.3 * v),
    )
    expect(spectrumSlopes(dim)[0]).toBeCloseTo(spectrumSlopes(image)[0]!, 3)
  })
})

describe('diversity', () => {
  it('is 0 for copies and grows with difference', () => {
    const one = formulaImages([0], 24)
    const copies = float32([3, 3, 24, 24], Float32Array.from([...one.data, ...one.data, ...one.data]))
    expect([...pictureDiversity(copies)].every(value => Math.abs(value) < 1e-9)).toBe(true)
    for (const value of pictureDiversity(formulaImages([0, 1, 2], 24))) expect(value).toBeGreaterThan(0.3)
  })
})
