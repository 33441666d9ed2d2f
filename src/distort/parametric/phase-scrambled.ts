// Grey whose Fourier phases are shifted at random: the amplitudes stay, and with them the texture's statistics; where
// things are is lost.

import { requireInput } from '../../errors/input-error.ts'
import type { Distortion } from '../distortion.ts'
import { type Spectrum, transform2d } from '../fourier.ts'
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
    // Row by row over all frequencies but those of an even size's lowest row and column, which have no partner, the
    // zero frequency in the middle: the first half is shifted one way, the second the other way.
    const places = pairedPlaces(height, width)
    const half = (places.length - 1) / 2
    for (let k = 0; k < half; k++) {
      const draw = random.uniform() - 0.5
      const angle = ((draw * 2 * degrees) / 180) * Math.PI
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
      rotate(spectrum, places[k]!, cosine, sine)
      rotate(spectrum, places[half + 1 + k]!, cosine, -sine)
    }
    transform2d(spectrum, true)
    return spectrum.real
  })
}

/** Where the frequencies that have a partner stand in a spectrum, from the lowest to the highest, rows first. */
function pairedPlaces(height: number, width: number): Int32Array {
  const upTo = (size: number) => Math.floor((size - 1) / 2)
  const places: number[] = []
  for (let v = -upTo(height); v <= upTo(height); v++) {
    for (let u = -upTo(width); u <= upTo(width); u++) {
      places.push(((v + height) % height) * width + ((u + width) % width))
    }
  }
  return Int32Array.from(places)
}

function rotate({ real, imaginary }: Spectrum, i: number, cosine: number, sine: number): void {
  const [a, b] = [real[i]!, imaginary[i]!]
  real[i] = a * cosine - b * sine
  imaginary[i] = a * sine + b * cosine
}
