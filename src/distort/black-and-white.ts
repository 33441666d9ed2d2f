// The picture in two tones: contours stay, shading, colour and fine texture go.

import { requireInput } from '../errors/input-error.ts'
import type { Distortion } from './distortion.ts'
import { imageShape } from './distortion.ts'
import { asColour, lumaOf } from './greyscale.ts'

/**
 * White where the luma exceeds a threshold, black elsewhere.
 * @param threshold in [0, 1]; default: each image's own, by Otsu's method (1979), which separates its light
 *   from its dark pixels best
 * @throws InputError when the threshold lies outside [0, 1]
 */
export function blackAndWhite(threshold?: number): Distortion {
  requireInput(
    threshold === undefined || (threshold >= 0 && threshold <= 1),
    `a threshold lies between 0 and 1, found ${threshold}`,
  )
  return {
    name: 'black-and-white',
    settings: { threshold: threshold ?? 'otsu' },
    apply(images) {
      const [n, height, width] = imageShape(images)
      const luma = lumaOf(images)
      for (let image = 0; image < n; image++) {
        const plane = luma.subarray(image * height * width, (image + 1) * height * width)
        const level = threshold ?? otsuThreshold(plane)
        for (let i = 0; i < plane.length; i++) plane[i] = plane[i]! > level ? 1 : 0
      }
      return asColour(luma, images.shape)
    },
  }
}

/** The level in [0, 1] between whose sides the variance of 256-level `values` is greatest. */
export function otsuThreshold(values: Float32Array): number {
  const histogram = new Float64Array(256)
  for (const value of values) histogram[Math.round(255 * value)]! += 1
  const total = histogram.reduce((sum, count, level) => sum + count * level, 0)
  let [best, level] = [-1, 0]
  let [below, sum] = [0, 0]
  for (let k = 0; k < 255; k++) {
    below += histogram[k]!
    sum += k * histogram[k]!
    const above = values.length - below
    if (below === 0 || above === 0) continue
    const between = below * above * (sum / below - (total - sum) / above) ** 2
    if (between > best) [best, level] = [between, k]
  }
  return (level + 0.5) / 255
}
