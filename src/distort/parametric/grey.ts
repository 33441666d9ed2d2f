// What the parametric distortions of Geirhos et al. (2018, NeurIPS) share: they work on the picture's luminance and
// give grey pictures.

import type { Random } from '../../tensor/random.ts'
import { type Distortion, imageShape } from '../distortion.ts'
import { asColour, luminanceOf } from '../greyscale.ts'

/** Changes one plane `[height, width]` of values in [0, 1] into another; it may write into the one given. */
export type ChangePlane = (plane: Float64Array, height: number, width: number, random: Random) => Float64Array

/** The distortion that changes each picture's luminance by `change` and clips to [0, 1]. */
export function greyDistortion(
  name: string,
  settings: Distortion['settings'],
  change: ChangePlane,
): Distortion {
  return {
    name,
    settings,
    apply(images, random) {
      const [n, height, width] = imageShape(images)
      const grey = luminanceOf(images)
      const area = height * width
      const planes = new Float32Array(grey.length)
      for (let i = 0; i < n; i++) {
        const changed = change(grey.slice(i * area, (i + 1) * area), height, width, random)
        for (let k = 0; k < area; k++) planes[i * area + k] = Math.max(0, Math.min(1, changed[k]!))
      }
      return asColour(planes, images.shape)
    },
  }
}

/** Values at a share of their contrast, about the middle grey. */
export function withContrast(plane: Float64Array, level: number): Float64Array {
  return plane.map(value => (1 - level) / 2 + value * level)
}

/** What lies outside of the picture for high-pass and low-pass: the mean of the authors' images. */
export const BACKGROUND = 0.4423
