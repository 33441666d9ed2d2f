// Broden, or a data set in its layout, on disk: `index.csv`, `label.csv`, and `images/` with pictures and masks.

import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { decodeImage } from '../image/codec.node.ts'
import type { Geometry } from '../image/geometry.ts'
import { writePlanes } from '../image/to-tensor.ts'
import { float32 } from '../tensor/tensor.ts'
import { type BrodenImage, readBrodenIndex, readBrodenLabels } from './broden.ts'
import type { ConceptBatch, ConceptDataset, ConceptMasks } from './concepts.ts'
import { fileBytes } from './file.node.ts'
import { fingerprintOf } from './fingerprint.ts'
import { filesFingerprint, readImage } from './image-list.node.ts'
import { inParallel, readAhead } from './read-ahead.ts'

/** How a Broden folder is opened. */
export interface BrodenOptions {
  readonly name?: string | undefined
  /** Only images of this split (`train`, `val`). Default: all, as Network Dissection does. */
  readonly split?: string | undefined
}

/**
 * Opens a folder in Broden's layout. Images are squeezed to `size` (height, width) where they differ and never
 * cropped, so that masks keep their places.
 * @throws InputError when a table is missing or malformed, or a mask marks a concept that `label.csv` lacks.
 */
export async function openBroden(
  root: string,
  size: readonly [number, number],
  { name = 'broden', split }: BrodenOptions = {},
): Promise<ConceptDataset> {
  const table = (file: string) => new TextDecoder().decode(fileBytes(join(root, file)))
  const [indexText, labelText] = [table('index.csv'), table('label.csv')]
  const concepts = readBrodenLabels(labelText, join(root, 'label.csv'))
  const all = readBrodenIndex(indexText, join(root, 'index.csv'))
  const index = split === undefined ? all : all.filter(image => image.split === split)
  if (index.length === 0)
    throw new InputError(`${root} has no images${split === undefined ? '' : ` of split ${split}`}`)
  const folder = join(root, 'images')
  const files = index.flatMap(({ image, masks }) => [image, ...masks].map(path => ({ path, label: 0 })))
  const geometry: Geometry = { size, resize: 'exact', filter: 'bilinear', crop: 'none' }
  const known = new Set(concepts.map(({ number }) => number))
  return {
    name,
    size: index.length,
    fingerprint: await fingerprintOf([
      labelText,
      indexText,
      await filesFingerprint(folder, files, { classes: [], geometry, orient: false }),
    ]),
    categories: [...new Set(concepts.map(({ category }) => category))],
    concepts,
    batches: ({ batchSize, limit = index.length }) =>
      readAhead(Math.min(index.length, limit), batchSize, (from, to) =>
        readBatch(folder, index.slice(from, to), known, geometry),
      ),
  }
}

async function readBatch(
  folder: string,
  index: readonly BrodenImage[],
  known: ReadonlySet<number>,
  geometry: Geometry,
): Promise<ConceptBatch> {
  const [height, width] = geometry.size
  const stride = 3 * height * width
  const planes = new Float32Array(index.length * stride)
  const masks = new Array<ConceptMasks>(index.length)
  const faults = await inParallel(index.length, async i => {
    const entry = index[i]!
    const image = await readImage(join(folder, entry.image), { size: geometry.size, geometry, orient: false })
    writePlanes(image, planes, i * stride)
    masks[i] = await readMasks(folder, entry, known)
  })
  for (const fault of faults.values()) throw fault
  return { images: float32([index.length, 3, height, width], planes), names: index.map(e => e.image), masks }
}

async function readMasks(
  folder: string,
  entry: BrodenImage,
  known: ReadonlySet<number>,
): Promise<ConceptMasks> {
  const [height, width] = entry.maskSize
  const maps: Uint16Array[] = []
  for (const mask of entry.masks) {
    const path = join(folder, mask)
    const { data, ...extent } = await decodeImage(fileBytes(path), path)
    if (extent.height !== height || extent.width !== width) {
      throw new InputError(`${path}: ${extent.width}x${extent.height}, but the index says ${width}x${height}`)
    }
    const map = Uint16Array.from({ length: height * width }, (_, i) => data[3 * i]! + 256 * data[3 * i + 1]!)
    checkNumbers(map, known, path)
    maps.push(map)
  }
  checkNumbers(entry.whole, known, entry.image)
  return { height, width, maps, whole: entry.whole }
}

function checkNumbers(numbers: ArrayLike<number>, known: ReadonlySet<number>, what: string): void {
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!
    if (number !== 0 && !known.has(number)) {
      throw new InputError(`${what} marks concept ${number}, which label.csv does not list`)
    }
  }
}
