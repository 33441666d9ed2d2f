// Between 8-bit images and the float32 [n, 3, h, w] in [0, 1] that classifiers see.

import { InputError } from '../errors/input-error.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Pixels } from './pixels.ts'

// v / 255 rounded to float32, as torchvision's ToTensor computes it.
const unit = Float32Array.from({ length: 256 }, (_, v) => v / 255)

/**
 * Writes `image` (grey three times) into `planes` from `offset` on, as `[3, h, w]` in [0, 1].
 * Equal to torchvision's `ToTensor` bit for bit.
 */
export function writePlanes(image: Pixels, planes: Float32Array, offset = 0): void {
  const { data, channels } = image
  const area = image.width * image.height
  const green = channels === 3 ? 1 : 0
  const blue = channels === 3 ? 2 : 0
  const second = offset + area
  const third = second + area
  for (let i = 0, from = 0; i < area; i++, from += channels) {
    planes[offset + i] = unit[data[from]!]!
    planes[second + i] = unit[data[from + green]!]!
    planes[third + i] = unit[data[from + blue]!]!
  }
}

/** Images of one size as `[n, 3, h, w]` in [0, 1]. */
export function toTensor(images: readonly Pixels[]): FloatTensor {
  const [first] = images
  if (first === undefined) throw new InputError('a batch needs at least one image')
  const { width, height } = first
  const planes = new Float32Array(images.length * 3 * height * width)
  for (const [i, image] of images.entries()) {
    if (image.width !== width || image.height !== height) {
      throw new InputError(
        `images of one batch must have one size: the first is ${width}x${height}, image ${i} is ${image.width}x${image.height}`,
      )
    }
    writePlanes(image, planes, i * 3 * height * width)
  }
  return float32([images.length, 3, height, width], planes)
}

/**
 * Image `index` of `images` `[n, 3, h, w]` in [0, 1] as 8-bit RGB; values are rounded to the nearest of 256
 * levels, those outside are clipped.
 */
export function toPixels(images: FloatTensor, index = 0): Pixels {
  const [n = 0, channels, height = 0, width = 0] = images.shape
  if (channels !== 3 || images.shape.length !== 4 || index < 0 || index >= n) {
    throw new InputError(`no RGB image ${index} in a tensor of shape [${images.shape.join(', ')}]`)
  }
  const area = height * width
  const data = new Uint8ClampedArray(area * 3)
  for (let c = 0; c < 3; c++) {
    const plane = (index * 3 + c) * area
    // Adding a half and cutting off rounds halves up; the clamped array alone would round them to even.
    for (let i = 0; i < area; i++) data[3 * i + c] = Math.floor(images.data[plane + i]! * 255 + 0.5)
  }
  return { width, height, channels: 3, data: new Uint8Array(data.buffer) }
}
