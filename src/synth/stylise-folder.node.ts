// A stylised copy of a folder of images (Stylized-ImageNet of Geirhos et al. 2019): every image in the style of a
// picture of another folder, so that texture says nothing about the class.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Classifier } from '../classifier/classifier.ts'
import { imagesIn, readImage } from '../data/image-list.node.ts'
import { requireInput } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { keepSettings } from '../files/settings.node.ts'
import { encodePng } from '../image/codec.node.ts'
import type { Geometry } from '../image/geometry.ts'
import { toPixels, toTensor } from '../image/to-tensor.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { Random } from '../tensor/random.ts'
import { type StyliseSettings, stylise } from './recipes/stylise.ts'

export interface StyliseFolderOptions {
  readonly root: string
  /** Pictures whose style is taken, in any folders below. */
  readonly styles: string
  readonly out: string
  readonly features: Classifier
  readonly geometry: Geometry
  readonly style?: Partial<StyliseSettings> | undefined
  readonly seed: number
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Images stylised together. */
const BATCH = 16

/**
 * Writes `out` with the paths of `root`, as PNG. Which style an image gets depends on the seed and its path alone; a
 * file that is there is not made again.
 * @throws InputError when a folder holds no images, one cannot be read, or `out` holds images made otherwise
 */
export async function styliseFolder(
  options: StyliseFolderOptions,
): Promise<{ readonly made: number; readonly kept: number }> {
  const {
    root,
    styles,
    out,
    features: model,
    geometry,
    style = {},
    seed,
    progress = silent,
    signal,
  } = options
  const [contents, pictures] = [root, styles].map(folder => imagesIn(folder)) as [string[], string[]]
  requireInput(contents.length > 0, `${root} holds no images`)
  requireInput(pictures.length > 0, `${styles} holds no images to take styles from`)
  keepSettings(out, { root, styles, features: model.fingerprint, style, size: geometry.size, seed })
  const random = new Random(seed)
  const target = (path: string) => join(out, path.replace(/\.[^.]+$/, '.png'))
  const open = contents.filter(path => !existsSync(target(path)))
  const read = async (folder: string, files: readonly string[]) =>
    toTensor(
      await Promise.all(
        files.map(file => readImage(join(folder, file), { size: geometry.size, geometry, orient: false })),
      ),
    )
  const task = progress.start(`stylising ${root}`, open.length, 'images')
  for (let from = 0; from < open.length; from += BATCH) {
    signal?.throwIfAborted()
    const batch = open.slice(from, from + BATCH)
    const chosen = batch.map(path => pictures[random.fork(path).integer(pictures.length)]!)
    const context = { model, random, ...(signal && { signal }) }
    const made = await stylise(context, await read(root, batch), await read(styles, chosen), style)
    for (const [i, path] of batch.entries())
      writeFileAtomic(target(path), await encodePng(toPixels(made.pictures, i)))
    task.advance(batch.length)
  }
  task.end()
  return { made: open.length, kept: contents.length - open.length }
}
