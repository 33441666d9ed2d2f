// A decoded image as it lies in memory before it becomes a tensor: 8-bit, rows of interleaved channels.

import { InputError } from '../errors/input-error.ts'

/** An 8-bit image, `[height, width, channels]` in row-major order. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 3 is RGB, 1 is grey (or a mask). */
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/**
 * Wraps `data` without copying it.
 * @throws InputError when a side is 0 or `data` does not have `height * width * channels` bytes.
 */
export function pixels(width: number, height: number, channels: 1 | 3, data: Uint8Array): Pixels {
  const expected = width * height * channels
  if (expected === 0 || data.length !== expected) {
    throw new InputError(
      `an image of ${width}x${height} with ${channels} channels needs ${expected || 'some'} bytes, found ${data.length}`,
    )
  }
  return { width, height, channels, data }
}

/** A grey image with its channel three times, as torchvision's `Grayscale(3)` gives; RGB as it is. */
export function toRgb(image: Pixels): Pixels {
  if (image.channels === 3) return image
  const data = new Uint8Array(image.data.length * 3)
  for (let i = 0; i < image.data.length; i++) data.fill(image.data[i]!, 3 * i, 3 * i + 3)
  return { ...image, channels: 3, data }
}
