// Perturbed images as files of 8 bits a channel can hold them. Rounding to the nearest level would push half of the
// values out of the ball; rounding towards the original keeps to it wherever the original has 8 bits itself.

import { type FloatTensor, float32 } from '../tensor/tensor.ts'

/** How far from a whole level, in levels, a value counts as being one: v / 255 in float32. */
const SAME = 1e-3

/**
 * `images` with every value on one of 256 levels: the next one towards the original, or the nearest where the
 * original lies in between.
 */
export function toEightBit(images: FloatTensor, originals: FloatTensor): FloatTensor {
  const data = images.data.map((value, i) => {
    const [level, original] = [value * 255, originals.data[i]! * 255]
    const nearest = Math.round(level)
    if (Math.abs(level - nearest) < SAME) return nearest / 255
    const [below, above] = [Math.floor(level), Math.ceil(level)]
    if (original <= below + SAME) return below / 255
    return (original >= above - SAME ? above : nearest) / 255
  })
  return float32(images.shape, data)
}
