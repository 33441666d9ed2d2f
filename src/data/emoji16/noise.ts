// Band-pass Gaussian noise, made in the frequency domain: random Fourier coefficients inside a ring of
// frequencies, none outside.

import FFT from 'fft.js'
import type { Random } from '../../tensor/random.ts'

/**
 * A noise field of zero mean and unit standard deviation, periodic at its borders.
 * @param side samples per side, a power of two
 * @param extent what the side measures, in the unit of the wavelengths
 * @param shortest excluded lower end of the wavelengths
 * @param longest excluded upper end
 * @returns `[side, side]`
 */
export function bandNoise(
  random: Random,
  side: number,
  extent: number,
  shortest: number,
  longest: number,
): Float64Array {
  const row = 2 * side
  const spectrum = new Float64Array(side * row)
  const reach = Math.min(side / 2 - 1, Math.floor(extent / shortest))
  for (let ky = -reach; ky <= reach; ky++) {
    for (let kx = -reach; kx <= reach; kx++) {
      const frequency = Math.hypot(kx, ky) / extent
      if (frequency <= 1 / longest || frequency >= 1 / shortest) continue
      const at = ((ky + side) % side) * row + 2 * ((kx + side) % side)
      spectrum[at] = random.normal()
      spectrum[at + 1] = random.normal()
    }
  }
  return unitVariance(inverse2d(spectrum, side))
}

const transforms = new Map<number, FFT>()

/** Real part of the inverse transform of an interleaved `[side, side, 2]` spectrum. */
function inverse2d(spectrum: Float64Array, side: number): Float64Array {
  const fft = transforms.get(side) ?? new FFT(side)
  transforms.set(side, fft)
  const row = 2 * side
  const halfway = new Float64Array(side * row)
  for (let y = 0; y < side; y++) {
    const input = spectrum.subarray(y * row, (y + 1) * row)
    if (input.some(value => value !== 0))
      fft.inverseTransform(halfway.subarray(y * row, (y + 1) * row), input)
  }
  const field = new Float64Array(side * side)
  const column = new Float64Array(row)
  const result = new Float64Array(row)
  for (let x = 0; x < side; x++) {
    for (let y = 0; y < side; y++) {
      column[2 * y] = halfway[y * row + 2 * x]!
      column[2 * y + 1] = halfway[y * row + 2 * x + 1]!
    }
    fft.inverseTransform(result, column)
    for (let y = 0; y < side; y++) field[y * side + x] = result[2 * y]!
  }
  return field
}

function unitVariance(field: Float64Array): Float64Array {
  let square = 0
  for (const value of field) square += value * value
  const scale = Math.sqrt(field.length / Math.max(square, 1e-30))
  return field.map(value => value * scale)
}
