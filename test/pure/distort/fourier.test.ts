import { expect, test } from 'vitest'
import { type Spectrum, transform2d } from '../../../src/distort/fourier.ts'
import { phaseScrambled } from '../../../src/distort/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'

const sizes: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 6],
  [7, 1],
  [4, 4],
  [8, 16],
  [6, 10],
  [12, 35],
  [17, 9],
  [32, 28],
]

function noise(height: number, width: number): Spectrum {
  const random = new Random(height * 100 + width)
  const values = () => Float64Array.from({ length: height * width }, () => random.normal())
  return { height, width, real: values(), imaginary: values() }
}

/** The definition, value by value. */
function slowly({ height, width, real, imaginary }: Spectrum): { real: number[]; imaginary: number[] } {
  const out = { real: [] as number[], imaginary: [] as number[] }
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let [sumReal, sumImaginary] = [0, 0]
      for (let i = 0; i < real.length; i++) {
        const [y, x] = [Math.floor(i / width), i % width]
        const angle = -2 * Math.PI * ((v * y) / height + (u * x) / width)
        sumReal += real[i]! * Math.cos(angle) - imaginary[i]! * Math.sin(angle)
        sumImaginary += real[i]! * Math.sin(angle) + imaginary[i]! * Math.cos(angle)
      }
      out.real.push(sumReal)
      out.imaginary.push(sumImaginary)
    }
  }
  return out
}

test.each(sizes)('the transform of %i x %i values is its definition', (height, width) => {
  const spectrum = noise(height, width)
  const expected = slowly(spectrum)
  transform2d(spectrum)
  expectClose(spectrum.real, expected.real, { absolute: 1e-11 })
  expectClose(spectrum.imaginary, expected.imaginary, { absolute: 1e-11 })
})

test.each(sizes)('there and back gives the %i x %i values again', (height, width) => {
  const spectrum = noise(height, width)
  transform2d(spectrum)
  transform2d(spectrum, true)
  const before = noise(height, width)
  expectClose(spectrum.real, before.real, { absolute: 1e-13 })
  expectClose(spectrum.imaginary, before.imaginary, { absolute: 1e-13 })
})

test.each([
  [16, 16],
  [15, 16],
  [16, 15],
  [15, 21],
])('scrambled phases keep the mean of a picture of %i x %i', (height, width) => {
  const random = new Random(1)
  // Little contrast, so that nothing is clipped.
  const grey = Float32Array.from({ length: height * width }, () => 0.45 + 0.1 * random.uniform())
  const images = float32([1, 3, height, width], Float32Array.of(...grey, ...grey, ...grey))
  const made = phaseScrambled(180).apply(images, new Random(2)).data.subarray(0, grey.length)
  const mean = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0) / values.length
  expect(mean(made)).toBeCloseTo(mean(grey), 5)
  expect(Math.max(...made.map((value, i) => Math.abs(value - grey[i]!)))).toBeGreaterThan(0.02)
})
