// Silhouettes where there are no masks: a guess, and named as one.

import { otsuThreshold } from './black-and-white.ts'
import { type Distortion, imageShape } from './distortion.ts'
import { asColour } from './greyscale.ts'

/**
 * White where a pixel's colour is far from the mean colour of the image's border, black elsewhere; what is far is told
 * by Otsu's threshold. Right for one object on a plain background, wrong for anything else: use masks
 * ({@link silhouetteImages}) where there are some.
 */
export const guessedSilhouette: Distortion = {
  name: 'guessed-silhouette',
  settings: { method: 'distance from the colour of the border, threshold by Otsu' },
  apply(images) {
    const [n, height, width] = imageShape(images)
    const area = height * width
    const planes = new Float32Array(n * area)
    for (let i = 0; i < n; i++) {
      const channels = [0, 1, 2].map(c => images.data.subarray((3 * i + c) * area, (3 * i + c + 1) * area))
      const border = channels.map(channel => borderMean(channel, height, width))
      const distance = planes.subarray(i * area, (i + 1) * area)
      for (let k = 0; k < area; k++)
        distance[k] = Math.hypot(...channels.map((channel, c) => channel[k]! - border[c]!)) / Math.sqrt(3)
      const level = otsuThreshold(distance)
      for (let k = 0; k < area; k++) distance[k] = distance[k]! > level ? 1 : 0
    }
    return asColour(planes, images.shape)
  },
}

function borderMean(plane: Float32Array, height: number, width: number): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < plane.length; i++) {
    const [y, x] = [Math.floor(i / width), i % width]
    if (y > 0 && x > 0 && y < height - 1 && x < width - 1) continue
    sum += plane[i]!
    count++
  }
  return sum / count
}
