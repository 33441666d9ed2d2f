// White objects on black: nothing but the outline is left. It takes masks, since an outline cannot be seen in
// pixels alone.

import { requireInput } from '../errors/input-error.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { asColour } from './greyscale.ts'

/**
 * @param masks `[n, h, w]`, not 0 where the object is
 * @returns `[n, 3, h, w]`: 1 on the object, 0 elsewhere
 * @throws InputError when there are not n x h x w mask values
 */
export function silhouetteImages(masks: Uint8Array, n: number, height: number, width: number): FloatTensor {
  requireInput(
    masks.length === n * height * width,
    `${n} masks of ${width}x${height} need ${n * height * width} values, found ${masks.length}`,
  )
  return asColour(
    Float32Array.from(masks, value => (value === 0 ? 0 : 1)),
    [n, 3, height, width],
  )
}
