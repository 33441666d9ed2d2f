// MS-SSIM against pytorch-msssim (scripts/fixtures/ms_ssim.py).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readNpy } from '../../../src/data/npy.ts'
import { msSsim, msSsimPyramid, scaleWeights } from '../../../src/image/ms-ssim.ts'

const folder = join(import.meta.dirname, '../../fixtures/ms-ssim')
const expected = z
  .record(
    z.string(),
    z.object({ value: z.number(), windowSize: z.number(), weights: z.array(z.number()).nullable() }),
  )
  .parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')))

describe('MS-SSIM', () => {
  it.each(Object.entries(expected))('equals pytorch-msssim: %s', (name, { value, windowSize, weights }) => {
    const pair = readNpy(readFileSync(join(folder, `${name}.npy`)))
    const [, c = 0, h = 0, w = 0] = pair.shape
    const size = c * h * w
    const [a, b] = [0, 1].map(i =>
      msSsimPyramid(
        Float32Array.from({ length: size }, (_, p) => Number(pair.data[i * size + p]) / 255),
        [c, h, w],
        { windowSize, ...(weights === null ? {} : { weights }) },
      ),
    )
    expect(Math.abs(msSsim(a!, b!) - value)).toBeLessThan(1e-5) // its window is float32
  })

  it('is 1 for an image and itself, symmetric, and in [0, 1]', () => {
    const image = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 576, maxLength: 576 })
    fc.assert(
      fc.property(image, image, (p, q) => {
        const [a, b] = [p, q].map(pixels => msSsimPyramid(Float32Array.from(pixels), [1, 24, 24], {}))
        expect(msSsim(a!, a!)).toBeCloseTo(1, 10)
        expect(msSsim(a!, b!)).toBeCloseTo(msSsim(b!, a!), 12)
        expect(msSsim(a!, b!)).toBeGreaterThanOrEqual(0)
        expect(msSsim(a!, b!)).toBeLessThanOrEqual(1 + 1e-12)
      }),
      { numRuns: 20 },
    )
  })

  it('uses as many scales as fit', () => {
    expect(scaleWeights(161)).toEqual([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
    expect(scaleWeights(160)).toHaveLength(4)
    expect(scaleWeights(64)).toHaveLength(3)
    expect(scaleWeights(64).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    expect(() => msSsimPyramid(new Float32Array(100), [1, 10, 10])).toThrow(
      /wider than 10 pixels, found 10x10/,
    )
  })
})
