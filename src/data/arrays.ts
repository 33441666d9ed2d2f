// Data sets that lie in memory as arrays: 8-bit images of the small benchmarks, and float tensors that a user
// made or loaded.

import { InputError } from '../errors/input-error.ts'
import { fitted, type Geometry } from '../image/geometry.ts'
import { type Pixels, pixels } from '../image/pixels.ts'
import { writePlanes } from '../image/to-tensor.ts'
import { formatShape } from '../tensor/shape.ts'
import type { FloatTensor, Tensor } from '../tensor/tensor.ts'
import type { Dataset } from './dataset.ts'
import { fingerprintOf } from './fingerprint.ts'
import { datasetOf, type Selection, type Source, selected } from './source.ts'

/** 8-bit images of one size and their classes. */
export interface ByteImages {
  readonly name: string
  readonly classes: readonly string[]
  /** `[n, h, w]` (grey), `[n, h, w, 3]`, or `[n, 3, h, w]` where `planar` */
  readonly images: Tensor<'uint8'>
  readonly planar?: boolean
  readonly labels: Int32Array
  /** Name of image `index`; default: the data set's name and the number. */
  readonly nameOf?: (index: number) => string
}

/**
 * The data set over 8-bit images; grey ones get three equal channels. `geometry` resizes and crops them.
 * @throws InputError when there are not as many labels as images, or a label is not a class.
 */
export async function bytesDataset(
  set: ByteImages,
  geometry?: Geometry,
  selection: Selection = {},
): Promise<Dataset> {
  return datasetOf(await selected(await bytesSource(set, geometry), selection))
}

async function bytesSource(set: ByteImages, geometry: Geometry | undefined): Promise<Source> {
  const { name, classes, images, labels, planar = false } = set
  const [n = 0, a = 0, b = 0, c = 1] = images.shape
  const [channels, height, width] = planar ? [a, b, c] : [c, a, b]
  if (images.shape.length < 3 || images.shape.length > 4 || (channels !== 1 && channels !== 3)) {
    throw new InputError(`${name}: images must be [n, h, w] or RGB, found ${formatShape(images.shape)}`)
  }
  checkLabels(name, labels, n, classes)
  const area = height * width
  const imageAt = (index: number): Pixels => {
    const data = images.data.subarray(index * channels * area, (index + 1) * channels * area)
    return pixels(width, height, channels, planar && channels === 3 ? interleaved(data, area) : data)
  }
  const nameOf = set.nameOf ?? (index => numbered(name, index))
  const size = geometry?.size ?? [height, width]
  const parts = [
    JSON.stringify([classes, images.shape, planar, geometry ? Object.entries(geometry).sort() : null]),
    new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
    images.data,
  ]
  return {
    name,
    classes,
    size,
    labels,
    names: Array.from({ length: n }, (_, i) => nameOf(i)),
    fingerprint: await fingerprintOf(parts),
    read: (i, planes, offset) => {
      const image = imageAt(i)
      writePlanes(geometry ? fitted(image, geometry, nameOf(i)) : image, planes, offset)
    },
  }
}

/** Images as a user has them in memory. */
export interface TensorImages {
  readonly name: string
  readonly classes: readonly string[]
  /** `[n, 3, h, w]` in [0, 1] */
  readonly images: FloatTensor
  readonly labels: ArrayLike<number | bigint>
  readonly names?: readonly string[]
}

/**
 * The data set over a float tensor, which is used as it is.
 * @throws InputError when the shape is not `[n, 3, h, w]`, a value lies outside [0, 1], there are not as many
 * labels as images, or a label is not a class.
 */
export async function tensorDataset(set: TensorImages, selection: Selection = {}): Promise<Dataset> {
  const { name, classes, images } = set
  const [n = 0, channels, height = 0, width = 0] = images.shape
  if (images.shape.length !== 4 || channels !== 3) {
    throw new InputError(`${name}: images must be [n, 3, h, w], found ${formatShape(images.shape)}`)
  }
  const outside = images.data.findIndex(v => !(v >= 0 && v <= 1))
  if (outside >= 0) {
    throw new InputError(
      `${name}: images must lie in [0, 1], found ${images.data[outside]} in image ` +
        `${Math.floor(outside / (3 * height * width))}; divide by 255 or undo the normalisation`,
    )
  }
  if (set.names && set.names.length !== n) {
    throw new InputError(`${name}: ${n} images, but ${set.names.length} names`)
  }
  // Checked as they came: an Int32Array would cut fractions off first.
  const found = Array.from(set.labels, Number)
  checkLabels(name, found, n, classes)
  const labels = Int32Array.from(found)
  const stride = 3 * height * width
  const parts = [
    JSON.stringify([classes, images.shape]),
    new Uint8Array(labels.buffer),
    new Uint8Array(images.data.buffer, images.data.byteOffset, images.data.byteLength),
  ]
  const source: Source = {
    name,
    classes,
    size: [height, width],
    labels,
    names: set.names ?? Array.from({ length: n }, (_, i) => numbered(name, i)),
    fingerprint: await fingerprintOf(parts),
    read: (i, planes, offset) => planes.set(images.data.subarray(i * stride, (i + 1) * stride), offset),
  }
  return datasetOf(await selected(source, selection))
}

/** @throws InputError when there are not `count` labels, or one of them is not the index of a class. */
export function checkLabels(
  name: string,
  labels: ArrayLike<number>,
  count: number,
  classes: readonly string[],
): void {
  if (labels.length !== count) throw new InputError(`${name}: ${count} images, but ${labels.length} labels`)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (!Number.isInteger(label) || label < 0 || label >= classes.length) {
      throw new InputError(
        `${name}: label ${label} of image ${i} is not a class; ${classes.length} classes are numbered from 0`,
      )
    }
  }
}

function numbered(name: string, index: number): string {
  return `${name}-${String(index).padStart(5, '0')}`
}

function interleaved(planar: Uint8Array, area: number): Uint8Array {
  const out = new Uint8Array(planar.length)
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) out[3 * i + c] = planar[c * area + i]!
  }
  return out
}
