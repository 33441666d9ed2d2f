// The MNIST family on disk: a folder of IDX files, plain or .gz.

import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import { hasDType, type Tensor } from '../tensor/tensor.ts'
import { bytesDataset } from './arrays.ts'
import type { Dataset } from './dataset.ts'
import { fileBytes } from './file.node.ts'
import { readIdx } from './idx.ts'
import type { Selection } from './source.ts'

/** The classes of Fashion-MNIST (Xiao, Rasul & Vollgraf 2017). */
export const fashionMnistClasses: readonly string[] = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]

/** How a folder of IDX files is opened. */
export interface IdxOptions extends Selection {
  /** `train` reads `train-images-idx3-ubyte`, `test` `t10k-images-idx3-ubyte`. Default `test`. */
  readonly split?: 'train' | 'test' | undefined
  /** Class names by label. Default: Fashion-MNIST's for a folder of that name, else the numbers. */
  readonly classes?: readonly string[] | undefined
}

// A decompression bomb stops here; the largest of the family (EMNIST) takes 0.6 GB.
const MAX_BYTES = 2 ** 30

/**
 * Opens one split of a folder of IDX files (`*-images-idx3-ubyte`, `*-labels-idx1-ubyte`, each plain or .gz).
 * Grey becomes three equal channels; `preprocessing` resizes and crops.
 * @throws InputError when a file is missing, damaged, or does not fit the other, or a label is not a class.
 */
export async function openIdx(
  root: string,
  preprocessing?: Geometry,
  options: IdxOptions = {},
): Promise<Dataset> {
  const { split = 'test' } = options
  const prefix = split === 'train' ? 'train' : 't10k'
  const images = readBytes(root, `${prefix}-images-idx3-ubyte`)
  const labels = readBytes(root, `${prefix}-labels-idx1-ubyte`)
  if (images.shape.length !== 3 || labels.shape.length !== 1) {
    throw new InputError(
      `${root}: expected images with 3 axes and labels with 1, found ${images.shape.length} and ${labels.shape.length}`,
    )
  }
  const folder = basename(resolve(root))
  const known = /fashion/i.test(folder) ? fashionMnistClasses : undefined
  const most = labels.data.reduce((a, b) => Math.max(a, b), 0)
  return bytesDataset(
    {
      name: `${folder}-${split}`,
      classes: options.classes ?? known ?? Array.from({ length: most + 1 }, (_, i) => String(i)),
      images,
      labels: Int32Array.from(labels.data),
    },
    preprocessing,
    options,
  )
}

function readBytes(root: string, name: string): Tensor<'uint8'> {
  const plain = join(root, name)
  const path = existsSync(plain) ? plain : `${plain}.gz`
  if (!existsSync(path)) throw new InputError(`${root}: neither ${name} nor ${name}.gz is there`)
  const found = readIdx(content(path), path)
  if (!hasDType(found, 'uint8'))
    throw new InputError(`${path}: expected uint8 elements, found ${found.dtype}`)
  return found
}

function content(path: string): Uint8Array {
  const bytes = fileBytes(path)
  if (!path.endsWith('.gz')) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    const fault = code === 'ERR_BUFFER_TOO_LARGE' ? `more than ${MAX_BYTES} bytes when unpacked` : 'damaged'
    throw new InputError(`${path}: ${fault}; get it again`, { cause: error })
  }
}
