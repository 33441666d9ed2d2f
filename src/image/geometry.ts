// From any image to the size that a network takes: resize and centre crop, with torchvision's roundings.

import { InputError } from '../errors/input-error.ts'
import type { Filter } from './filter.ts'
import type { Pixels } from './pixels.ts'
import { type Box, resize } from './resize.ts'

/** The part of a preprocessing manifest that is about pixels and places. */
export interface Geometry {
  /** Height and width that come out. */
  readonly size: readonly [number, number]
  /** `short-side` scales the shorter side to `resizeTo`, `exact` both sides (default: to `size`), `none` neither. */
  readonly resize: 'none' | 'short-side' | 'exact'
  readonly resizeTo?: number | undefined
  readonly filter: Filter
  /** `center` takes the middle `size` out of the resized image. */
  readonly crop: 'none' | 'center'
}

/** Width and height. */
export type Extent = readonly [width: number, height: number]

/**
 * `image` resized and cropped as `geometry` says, equal to torchvision's `Resize` and `CenterCrop` on a PIL
 * image byte for byte. An image smaller than the crop gets black borders, as there.
 * @throws InputError naming `what` when the result does not have `geometry.size`.
 */
export function fitted(image: Pixels, geometry: Geometry, what = 'image'): Pixels {
  const [width, height] = resizedExtent([image.width, image.height], geometry)
  const [outHeight, outWidth] = geometry.size
  if (geometry.crop === 'none' && (width !== outWidth || height !== outHeight)) {
    throw new InputError(
      `${what}: ${width}x${height} after resizing, but the network takes ${outWidth}x${outHeight}; ` +
        'crop it (crop: center) or resize it (resize: exact)',
    )
  }
  const box = centerBox([width, height], [outWidth, outHeight])
  if (width === image.width && height === image.height) return crop(image, box)
  const inside = intersection(box, width, height)
  const part = resize(image, width, height, geometry.filter, inside)
  return part.width === outWidth && part.height === outHeight ? part : padded(part, box, outWidth, outHeight)
}

/** Width and height that `resize` gives to an image of `extent`; torchvision cuts the longer side's fraction off. */
export function resizedExtent([width, height]: Extent, geometry: Geometry): Extent {
  if (geometry.resize === 'none') return [width, height]
  if (geometry.resize === 'exact') {
    const [outHeight, outWidth] = geometry.size
    return [geometry.resizeTo ?? outWidth, geometry.resizeTo ?? outHeight]
  }
  const short = geometry.resizeTo
  if (short === undefined) {
    throw new InputError(
      'preprocessing with resize short-side needs resizeTo: the length of the shorter side',
    )
  }
  const long = (n: number, other: number) => Math.max(1, Math.trunc((short * n) / other))
  return width <= height ? [short, long(height, width)] : [long(width, height), short]
}

/** Where the middle `size` of an image of `extent` lies; negative where the image is smaller and gets borders. */
export function centerBox(extent: Extent, size: Extent): Box {
  return {
    left: centerStart(extent[0], size[0]),
    top: centerStart(extent[1], size[1]),
    width: size[0],
    height: size[1],
  }
}

/** Rows and columns outside `image` are black. */
export function crop(image: Pixels, box: Box): Pixels {
  const inside = intersection(box, image.width, image.height)
  const { channels } = image
  const data = new Uint8Array(inside.width * inside.height * channels)
  const rowBytes = inside.width * channels
  for (let y = 0; y < inside.height; y++) {
    const from = ((inside.top + y) * image.width + inside.left) * channels
    data.set(image.data.subarray(from, from + rowBytes), y * rowBytes)
  }
  const part: Pixels = { width: inside.width, height: inside.height, channels, data }
  return part.width === box.width && part.height === box.height
    ? part
    : padded(part, box, box.width, box.height)
}

// Python rounds halves to even, so a crop of an odd rest starts at an even pixel. Borders: the smaller half first.
function centerStart(extent: number, size: number): number {
  if (size > extent) return -Math.floor((size - extent) / 2)
  const half = (extent - size) / 2
  const floor = Math.floor(half)
  return half - floor === 0.5 ? floor + (floor % 2) : Math.round(half)
}

function intersection(box: Box, width: number, height: number): Box {
  const left = Math.max(0, box.left)
  const top = Math.max(0, box.top)
  return {
    left,
    top,
    width: Math.min(width, box.left + box.width) - left,
    height: Math.min(height, box.top + box.height) - top,
  }
}

/** `part` on black, at the place that `box` (of the same resized image) gives it. */
function padded(part: Pixels, box: Box, width: number, height: number): Pixels {
  const { channels } = part
  const data = new Uint8Array(width * height * channels)
  const left = Math.max(0, -box.left)
  const top = Math.max(0, -box.top)
  const rowBytes = part.width * channels
  for (let y = 0; y < part.height; y++) {
    const row = part.data.subarray(y * rowBytes, (y + 1) * rowBytes)
    data.set(row, ((top + y) * width + left) * channels)
  }
  return { width, height, channels, data }
}
