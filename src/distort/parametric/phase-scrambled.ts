// Grey whose Fourier phases are shifted at random: the amplitudes stay, and with them the texture's statistics; where
// things are is lost.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { transform2d } from '../fourier.ts'
import { greyDistortion } from './grey.ts'

/**
 * @param degrees phases are shifted by up to so much, from 0 to 180
 * @throws InputError for another width
 */
export function phaseScrambled(degrees: number): Distortion {
  requireInput(degrees >= 0 && degrees <= 180, `phases are shifted by 0 to 180 degrees, found ${degrees}`)
  return greyDistortion('phase-scrambled', { degrees }, (plane, height, width, random) => {
    const spectrum = { height, width, real: plane, imaginary: new Float64Array(plane.length) }
    transform2d(spectrum)
    // Row by row over all frequencies but the lowest row and column (which have no partner in even sizes), the
    // zero frequency in the middle: the first half is shifted one way, the second the other way.
    const count = (height - 1) * (width - 1)
    const half = Math.floor(count / 2)
    const place = (k: number) => {
      const [v, u] = [1 + Math.floor(k / (width - 1)), 1 + (k % (width - 1))]
      return ((v + Math.ceil(height / 2)) % height) * width + ((u + Math.ceil(width / 2)) % width)
    }
    const shifts = Float64Array.from({ length: half }, () => {
      const draw = random.uniform() - 0.5
      return ((draw * 2 * degrees) / 180) * Math.PI
    })
    for (let k = 0; k < half; k++) {
      rotate(spectrum.real, spectrum.imaginary, place(k), shifts[k]!)
      rotate(spectrum.real, spectrum.imaginary, place(count - half + k), -shifts[k]!)
    }
    transform2d(spectrum, true)
    return spectrum.real
  })
}

function rotate(real: Float64Array, imaginary: Float64Array, i: number, angle: number): void {
  const [a, b] = [real[i]!, imaginary[i]!]
  real[i] = a * Math.cos(angle) - b * Math.sin(angle)
  imaginary[i] = a * Math.sin(angle) + b * Math.cos(angle)
}
