// CIFAR-10 and CIFAR-100 on disk, in the binary or the python version, and their corrupted test sets (CIFAR-C).

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import { byteSize } from '../tensor/dtype.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import { tensor } from '../tensor/tensor.ts'
import { bytesDataset } from './arrays.ts'
import { type CifarBatch, readCifarBinary, readCifarNames, readCifarPickle } from './cifar.ts'
import type { Dataset } from './dataset.ts'
import { fileBytes, readFault } from './file.node.ts'
import type { CorruptionLevel } from './imagenet-c.node.ts'
import { readNpy, readNpyLayout } from './npy.ts'
import type { Selection } from './source.ts'

/** How a CIFAR folder is opened. */
export interface CifarOptions extends Selection {
  /** Default `test`. */
  readonly split?: 'train' | 'test' | undefined
}

/** The classes of CIFAR-10. */
export const cifar10Classes: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
]

interface Layout {
  readonly classes: 10 | 100
  readonly read: (bytes: Uint8Array, classes: 10 | 100, what: string) => CifarBatch
  readonly train: readonly string[]
  readonly test: readonly string[]
  /** File of class names; a text file with one a line, or a pickle. */
  readonly names: string
}

const fifth = [1, 2, 3, 4, 5]
const layouts: readonly Layout[] = [
  {
    classes: 10,
    read: readCifarBinary,
    train: fifth.map(i => `data_batch_${i}.bin`),
    test: ['test_batch.bin'],
    names: 'batches.meta.txt',
  },
  {
    classes: 10,
    read: readCifarPickle,
    train: fifth.map(i => `data_batch_${i}`),
    test: ['test_batch'],
    names: 'batches.meta',
  },
  {
    classes: 100,
    read: readCifarBinary,
    train: ['train.bin'],
    test: ['test.bin'],
    names: 'fine_label_names.txt',
  },
  { classes: 100, read: readCifarPickle, train: ['train'], test: ['test'], names: 'meta' },
]

/**
 * Opens a folder of CIFAR batches; which of the two sets and versions it is follows from its files.
 * @throws InputError when files are missing, damaged, or a label is not a class.
 */
export async function openCifar(
  root: string,
  preprocessing?: Geometry,
  options: CifarOptions = {},
): Promise<Dataset> {
  const { split = 'test' } = options
  const layout = layouts.find(l => existsSync(join(root, l[split][0]!)))
  if (!layout) {
    const known = layouts.map(l => l[split][0]).join(', ')
    throw new InputError(`${root} has no CIFAR ${split} batches; expected one of ${known}`)
  }
  const batches = layout[split].map(name => {
    const path = join(root, name)
    return layout.read(fileBytes(path), layout.classes, path)
  })
  const images = Buffer.concat(batches.map(b => b.images))
  const labels = Int32Array.from(batches.flatMap(b => [...b.labels]))
  const set = {
    name: `cifar${layout.classes}-${split}`,
    classes: namesOf(root, layout),
    images: tensor(
      'uint8',
      [labels.length, 3, 32, 32],
      new Uint8Array(images.buffer, images.byteOffset, images.length),
    ),
    planar: true,
    labels,
  }
  return bytesDataset(set, preprocessing, options)
}

/**
 * Opens one severity of `<corruption>.npy` (uint8 `[50000, 32, 32, 3]`, a fifth per severity) with `labels.npy`.
 * Only the fifth is read.
 * @throws InputError when files are missing, damaged, or do not fit one another.
 */
export async function openCifarC(
  root: string,
  { corruption, severity }: CorruptionLevel,
  preprocessing?: Geometry,
  options: Selection & { readonly classes?: readonly string[] | undefined } = {},
): Promise<Dataset> {
  const path = join(root, `${corruption}.npy`)
  if (!Number.isInteger(severity) || severity < 1 || severity > 5) {
    throw new InputError(`the severity of a corruption must be 1 to 5, found ${severity}`)
  }
  const all = readNpy(fileBytes(join(root, 'labels.npy')), join(root, 'labels.npy'))
  const images = readFifth(path, severity)
  const [count = 0] = images.shape
  if (all.shape.length !== 1 || all.shape[0] !== 5 * count) {
    throw new InputError(`${root}: ${5 * count} images, but labels of shape ${formatShape(all.shape)}`)
  }
  const labels = Int32Array.from(all.data.subarray((severity - 1) * count, severity * count), Number)
  const most = labels.reduce((a, b) => Math.max(a, b), 0)
  const classes = most < 10 ? cifar10Classes : Array.from({ length: 100 }, (_, i) => String(i))
  const set = { name: `${corruption}-${severity}`, classes: options.classes ?? classes, images, labels }
  return bytesDataset(set, preprocessing, options)
}

/** Rows of one severity of a CIFAR-C array, without reading the others. */
function readFifth(path: string, severity: number) {
  const file = open(path)
  try {
    const head = new Uint8Array(4096)
    const { dtype, shape, fortranOrder, offset } = readNpyLayout(
      head.subarray(0, readSync(file, head, 0, head.length, 0)),
      path,
    )
    const [rows = 0, ...image] = shape
    if (dtype !== 'uint8' || fortranOrder || shape.length !== 4 || rows === 0 || rows % 5 !== 0) {
      throw new InputError(
        `${path}: expected uint8 [5 n, 32, 32, 3] in C order, found ${dtype} ${formatShape(shape)}`,
      )
    }
    const expected = offset + elementCount(shape) * byteSize(dtype)
    if (fstatSync(file).size !== expected) {
      throw new InputError(
        `${path}: ${fstatSync(file).size} bytes, expected ${expected}; it is cut short or damaged`,
      )
    }
    const size = (rows / 5) * elementCount(image)
    const body = new Uint8Array(size)
    for (let at = 0; at < size; )
      at += readSync(file, body, at, size - at, offset + (severity - 1) * size + at)
    return tensor('uint8', [rows / 5, ...image], body)
  } finally {
    closeSync(file)
  }
}

function namesOf(root: string, layout: Layout): string[] {
  const path = join(root, layout.names)
  if (!existsSync(path)) {
    return layout.classes === 10 ? [...cifar10Classes] : Array.from({ length: 100 }, (_, i) => String(i))
  }
  const bytes = fileBytes(path)
  const names = layout.names.endsWith('.txt')
    ? new TextDecoder().decode(bytes).split(/\s+/).filter(Boolean)
    : readCifarNames(bytes, layout.classes, path)
  if (names.length !== layout.classes) {
    throw new InputError(`${path}: ${names.length} class names, expected ${layout.classes}`)
  }
  return names
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${readFault(error)}`, {
      cause: error,
    })
  }
}
