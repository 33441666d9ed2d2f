// Several pictures on one: rows of equal pictures with thin white gaps.

import type { FloatTensor } from '../tensor/tensor.ts'
import { type Pixels, pixels } from './pixels.ts'
import { toPixels } from './to-tensor.ts'

export interface SheetOptions {
  readonly columns: number
  /** White pixels between neighbours, in pixels of the sheet. Default 2. */
  readonly gap?: number
  /** How often each pixel is repeated along both axes. Default 1. */
  readonly scale?: number
}

/** The pictures of `images` `[n, 3, h, w]` in [0, 1], row by row; unused places stay white. */
export function contactSheet(images: FloatTensor, { columns, gap = 2, scale = 1 }: SheetOptions): Pixels {
  const [n = 0, , h = 0, w = 0] = images.shape
  const rows = Math.ceil(n / columns)
  const width = columns * (w * scale + gap) - gap
  const height = rows * (h * scale + gap) - gap
  const data = new Uint8Array(3 * width * height).fill(255)
  for (let i = 0; i < n; i++) {
    const picture = toPixels(images, i).data
    const left = (i % columns) * (w * scale + gap)
    const top = Math.floor(i / columns) * (h * scale + gap)
    for (let y = 0; y < h * scale; y++) {
      for (let x = 0; x < w * scale; x++) {
        const from = 3 * (Math.floor(y / scale) * w + Math.floor(x / scale))
        data.set(picture.subarray(from, from + 3), 3 * ((top + y) * width + left + x))
      }
    }
  }
  return pixels(width, height, 3, data)
}
