// Resizing of image tensors, through the same 8-bit resize that files go through.

import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Filter } from './filter.ts'
import { resize } from './resize.ts'
import { toPixels, writePlanes } from './to-tensor.ts'

/** `images` `[n, 3, h, w]` in [0, 1] at another size, equal to Pillow's resize of their 8-bit form. */
export function resizeImages(
  images: FloatTensor,
  height: number,
  width: number,
  filter: Filter,
): FloatTensor {
  const [n = 0] = images.shape
  const values = 3 * height * width
  const data = new Float32Array(n * values)
  for (let i = 0; i < n; i++)
    writePlanes(resize(toPixels(images, i), width, height, filter), data, i * values)
  return float32([n, 3, height, width], data)
}
