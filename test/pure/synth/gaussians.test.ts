// Class Gaussians: estimates are those of a direct computation, samples have the moments, the file comes back.

import { describe, expect, it } from 'vitest'
import { memorySource } from '../../../src/checkpoint/source.ts'
import { fitGaussians, readGaussians, sampleGaussians, writeGaussians } from '../../../src/synth/gaussians.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

/** Images of 2x2 whose pixels are a plane through colour space plus noise: strongly correlated. */
function drawn(count: number) {
  const random = new Random(4)
  const data = new Float32Array(count * 12)
  for (let i = 0; i < count; i++) {
    const common = random.normal()
    for (let k = 0; k < 12; k++) {
      const value = 0.5 + (i % 2 === 0 ? 0.05 : -0.04) * common + 0.02 * random.normal()
      // Whole grey levels: small images are 8-bit.
      data[i * 12 + k] = Math.round(255 * Math.min(1, Math.max(0, value))) / 255
    }
  }
  return float32([count, 3, 2, 2], data)
}

const images = drawn(400)
const labels = Int32Array.from({ length: 400 }, (_, i) => i % 2)
const data = memoryDataset('memory', images, labels, 2)

describe('class Gaussians', () => {
  it('have the mean and covariance of the images', async () => {
    const { means, factors, counts } = await fitGaussians(data, { side: 2 })
    expect(counts).toEqual([200, 200])
    for (const label of [0, 1]) {
      const own = [...labels.keys()].filter(i => labels[i] === label)
      const at = (i: number, k: number) => images.data[i * 12 + k]!
      const mean = (k: number) => own.reduce((sum, i) => sum + at(i, k), 0) / own.length
      for (let a = 0; a < 12; a++) {
        expect(means.data[label * 12 + a]).toBeCloseTo(mean(a), 6)
        for (let b = 0; b < 12; b++) {
          const covariance =
            own.reduce((sum, i) => sum + (at(i, a) - mean(a)) * (at(i, b) - mean(b)), 0) / (own.length - 1)
          let product = 0
          for (let k = 0; k < 12; k++)
            product += factors.data[(label * 12 + a) * 12 + k]! * factors.data[(label * 12 + b) * 12 + k]!
          const ridge = a === b ? (0.5 / 255) ** 2 : 0
          expect(product).toBeCloseTo(covariance + ridge, 7)
        }
      }
    }
  })

  it('give samples with those moments', async () => {
    const gaussians = await fitGaussians(data, { side: 2 })
    const samples = sampleGaussians(gaussians, new Int32Array(4000), [2, 2], new Random(1))
    const column = (k: number) => Array.from({ length: 4000 }, (_, i) => samples.data[i * 12 + k]!)
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    const [a, b] = [column(0), column(7)]
    const [meanA, meanB] = [mean(a), mean(b)]
    expect(meanA).toBeCloseTo(gaussians.means.data[0]!, 2)
    // The common part has a standard deviation of 0.05.
    expect(mean(a.map((v, i) => (v - meanA) * (b[i]! - meanB)))).toBeGreaterThan(0.8 * 0.05 ** 2)
    expect(mean(a.map((v, i) => (v - meanA) * (b[i]! - meanB)))).toBeLessThan(1.25 * 0.05 ** 2)
  })

  it('come back from their file, and other files are refused', async () => {
    const gaussians = await fitGaussians(data, { side: 2 })
    const bytes = writeGaussians(gaussians)
    expect(readGaussians(memorySource(bytes, 'g'))).toEqual(gaussians)
    expect(() => readGaussians(memorySource(bytes.subarray(0, 100), 'g'))).toThrow('g is a damaged')
    const renamed = new TextDecoder('latin1').decode(bytes).replace('class Gaussians', 'class Gaussianz')
    expect(() =>
      readGaussians(
        memorySource(
          Uint8Array.from(renamed, c => c.charCodeAt(0)),
          'g',
        ),
      ),
    ).toThrow('g does not hold class Gaussians: its header is another')
  })

  it('need two images of each class', async () => {
    const few = memoryDataset('memory', drawn(3), Int32Array.of(0, 0, 1), 2)
    await expect(fitGaussians(few, { side: 2 })).rejects.toThrow(
      'class class 1 of memory has 1 images: a Gaussian needs at least 2',
    )
  })
})
