// Cuts an image into patches and puts them elsewhere: the outline is destroyed, the texture stays.

import { requireInput } from '../errors/input-error.ts'
import type { Random } from '../tensor/random.ts'
import { float32 } from '../tensor/tensor.ts'
import { type Distortion, imageShape } from './distortion.ts'

/** The order of Chen et al. (2020) for a 2x2 grid: top left takes patch 2 (bottom left), and so on. */
export const paperOrder: readonly number[] = [2, 3, 1, 0]

export interface ScrambleOptions {
  /** Patches per side, default 2. */
  readonly grid?: number
  /**
   * Which patch each place takes, both numbered row by row from 0: a permutation of grid x grid numbers.
   * Default for a 2x2 grid: {@link paperOrder}. Otherwise each image gets a random order of its own.
   */
  readonly order?: readonly number[]
}

/**
 * Scrambles images on a grid.
 * @throws InputError when the grid is no integer of at least 1 or `order` no permutation; applied to images
 * whose sides the grid does not divide, too
 */
export function scramble({
  grid = 2,
  order = grid === 2 ? paperOrder : undefined,
}: ScrambleOptions = {}): Distortion {
  requireInput(Number.isInteger(grid) && grid >= 1, `a grid is an integer of at least 1, found ${grid}`)
  const places = grid * grid
  if (order !== undefined) {
    const sorted = order.toSorted((a, b) => a - b)
    requireInput(
      order.length === places && sorted.every((value, i) => value === i),
      `the order of a ${grid}x${grid} grid is a permutation of 0 to ${places - 1}, found ${order.join(', ')}`,
    )
  }
  return {
    name: 'scrambled',
    settings: { grid, order: order ?? 'random' },
    apply(images, random: Random) {
      const [n, height, width] = imageShape(images)
      requireInput(
        height % grid === 0 && width % grid === 0,
        `a ${grid}x${grid} grid does not divide images of ${width}x${height} pixels`,
      )
      const [tall, wide] = [height / grid, width / grid]
      const out = new Float32Array(images.data.length)
      for (let image = 0; image < n; image++) {
        const sources = order ?? random.permutation(places)
        for (let place = 0; place < places; place++) {
          const source = sources[place]!
          for (let channel = 0; channel < 3; channel++) {
            const plane = (image * 3 + channel) * height
            for (let y = 0; y < tall; y++) {
              const from = (plane + Math.floor(source / grid) * tall + y) * width + (source % grid) * wide
              const to = (plane + Math.floor(place / grid) * tall + y) * width + (place % grid) * wide
              out.set(images.data.subarray(from, from + wide), to)
            }
          }
        }
      }
      return float32(images.shape, out)
    },
  }
}
