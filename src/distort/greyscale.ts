// Colour taken away, and with it everything but lightness.

import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import { type Distortion, imageShape } from './distortion.ts'

/** Luma of every pixel (ITU-R BT.601), `[n, h, w]`. */
export function lumaOf(images: FloatTensor): Float32Array {
  const [n, height, width] = imageShape(images)
  const area = height * width
  const luma = new Float32Array(n * area)
  for (let image = 0; image < n; image++) {
    const red = 3 * image * area
    for (let i = 0; i < area; i++) {
      luma[image * area + i] =
        0.299 * images.data[red + i]! +
        0.587 * images.data[red + area + i]! +
        0.114 * images.data[red + 2 * area + i]!
    }
  }
  return luma
}

/** Luminance of every pixel (ITU-R BT.709's weights, as scikit-image's `rgb2gray`), `[n, h, w]`. */
export function luminanceOf(images: FloatTensor): Float64Array {
  const [n, height, width] = imageShape(images)
  const area = height * width
  const grey = new Float64Array(n * area)
  for (let image = 0; image < n; image++) {
    const red = 3 * image * area
    for (let i = 0; i < area; i++) {
      grey[image * area + i] =
        0.2125 * images.data[red + i]! +
        0.7154 * images.data[red + area + i]! +
        0.0721 * images.data[red + 2 * area + i]!
    }
  }
  return grey
}

/** `[n, h, w]` as images of three equal channels. */
export function asColour(planes: Float32Array, shape: readonly number[]): FloatTensor {
  const [n = 0, , height = 0, width = 0] = shape
  const area = height * width
  const out = new Float32Array(3 * n * area)
  for (let image = 0; image < n; image++) {
    const plane = planes.subarray(image * area, (image + 1) * area)
    for (let channel = 0; channel < 3; channel++) out.set(plane, (3 * image + channel) * area)
  }
  return float32(shape, out)
}

/** All three channels become the pixel's luma. */
export const greyscale: Distortion = {
  name: 'greyscale',
  settings: {},
  apply: images => asColour(lumaOf(images), images.shape),
}
