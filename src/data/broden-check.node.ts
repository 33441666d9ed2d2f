// Reads a folder in Broden's layout from end to end: what it holds, or what is wrong with it.

import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { decodeImage } from '../image/codec.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { openBroden } from './broden.node.ts'
import { readBrodenIndex } from './broden.ts'
import { fileBytes } from './file.node.ts'

export interface BrodenContents {
  readonly images: number
  /** Per category: its concepts, how many of them some image shows, and the images that show any. */
  readonly categories: readonly {
    readonly category: string
    readonly concepts: number
    readonly shown: number
    readonly images: number
  }[]
}

/**
 * Opens every image and every mask.
 * @throws InputError with the first fault: a table, image or mask that is missing or malformed, a mask of another
 *   size than the index says or of another shape than its image, a concept that `label.csv` does not list, or
 *   a folder on which nothing is marked.
 */
export async function checkBroden(
  root: string,
  { progress = silent, signal }: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<BrodenContents> {
  const path = join(root, 'index.csv')
  const index = readBrodenIndex(new TextDecoder().decode(fileBytes(path)), path)
  const [first] = index
  if (first === undefined) throw new InputError(`${path} lists no images`)
  const file = join(root, 'images', first.image)
  const { height, width } = await decodeImage(fileBytes(file), file)
  for (const [i, { size, maskSize }] of index.entries()) {
    const [[ih, iw], [sh, sw]] = [size, maskSize]
    if (Math.abs((sh * iw) / (sw * ih) - 1) > 0.05) {
      throw new InputError(
        `${path}: row ${i + 2} has masks of ${sw}x${sh} for an image of ${iw}x${ih}: another shape`,
      )
    }
  }
  const data = await openBroden(root, [height, width])
  const categoryOf = new Map(data.concepts.map(({ number, category }) => [number, category]))
  const images = new Map<string, number>()
  const shown = new Set<number>()
  const task = progress.start(`checking ${root}`, data.size, 'images')
  for await (const { masks } of data.batches({ batchSize: 16 })) {
    signal?.throwIfAborted()
    for (const { maps, whole } of masks) {
      const numbers = new Set(whole)
      for (const map of maps) for (const number of map) if (number !== 0) numbers.add(number)
      for (const number of numbers) shown.add(number)
      for (const category of new Set([...numbers].map(number => categoryOf.get(number)!)))
        images.set(category, (images.get(category) ?? 0) + 1)
    }
    task.advance(masks.length)
  }
  task.end()
  if (shown.size === 0) throw new InputError(`${root} marks no concept on any of its ${data.size} images`)
  return {
    images: data.size,
    categories: data.categories.map(category => {
      const own = data.concepts.filter(concept => concept.category === category)
      return {
        category,
        concepts: own.length,
        shown: own.filter(({ number }) => shown.has(number)).length,
        images: images.get(category) ?? 0,
      }
    }),
  }
}
