// Light comes in photons: every value is a Poisson count.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity, toByte } from '../corruption.ts'

/** Photons of a white value. */
const photons = [60, 25, 12, 5, 3]

/** ImageNet-C's `shot_noise`. One uniform draw a value: the count at that quantile. */
export function shotNoise(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const white = photons[severity - 1]!
  const distributions = new Array<Float64Array | undefined>(256)
  const out = new Uint8Array(image.data.length)
  for (let i = 0; i < out.length; i++) {
    const level = image.data[i]!
    let distribution = distributions[level]
    if (distribution === undefined) {
      distribution = cumulativePoisson((level / 255) * white)
      distributions[level] = distribution
    }
    out[i] = toByte(countAt(distribution, draws.uniform()) / white)
  }
  return rgbLike(image, out)
}

/** P(count <= k) for k = 0, 1, ... up to where nothing is left. */
function cumulativePoisson(mean: number): Float64Array {
  const sums: number[] = []
  let term = Math.exp(-mean)
  let sum = 0
  for (let k = 1; sum < 1 - 1e-13 && k < 1000; k++) {
    sum += term
    sums.push(sum)
    term *= mean / k
  }
  return Float64Array.from(sums)
}

/** The smallest count whose cumulative probability reaches `quantile`. */
function countAt(cumulative: Float64Array, quantile: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cumulative[middle]! >= quantile) high = middle
    else low = middle + 1
  }
  return low
}
