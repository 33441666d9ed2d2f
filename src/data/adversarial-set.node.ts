// Adversarial images as files that any tool reads: `images/*.png` and `labels.csv`. Rounding to 8 bits moves
// every pixel by up to 1/510: a caller reads the set back and checks what still holds.

import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { encodePng } from '../image/codec.node.ts'
import { toPixels } from '../image/to-tensor.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { readCsv, writeCsv } from './csv.ts'
import { fileBytes } from './file.node.ts'
import { type FolderDataset, openFiles } from './image-folder.node.ts'

/** Adversarial images with their classes. */
export interface AdversarialSet {
  /** `[n, 3, h, w]` in [0, 1] */
  readonly images: FloatTensor
  /** True class per image. */
  readonly labels: ArrayLike<number>
  /** Class each image was pushed to, where the attack was targeted. */
  readonly targets?: ArrayLike<number> | undefined
  /** File name per image, without folder and ending. Default: its number. */
  readonly names?: readonly string[] | undefined
}

/**
 * Writes `root/images/<name>.png` (8 bits, rounded to nearest) and `root/labels.csv`, the table last: a set
 * without one was not finished.
 * @throws InputError when there are not as many labels, targets or names as images, or a place is not writable.
 */
export async function writeAdversarialSet(root: string, set: AdversarialSet): Promise<void> {
  const { images, labels, targets } = set
  const n = images.shape[0] ?? 0
  const names = set.names ?? Array.from({ length: n }, (_, i) => String(i).padStart(5, '0'))
  for (const [what, list] of Object.entries({ labels, targets: targets ?? labels, names })) {
    if (list.length !== n) throw new InputError(`${n} adversarial images, but ${list.length} ${what}`)
  }
  const files = names.map(name => `${name.replaceAll(/[^\w.-]+/g, '_')}.png`)
  if (new Set(files).size !== n)
    throw new InputError('two adversarial images have the same name; number them')
  for (let i = 0; i < n; i++)
    writeFileAtomic(join(root, 'images', files[i]!), await encodePng(toPixels(images, i)))
  const rows = files.map((filename, i) => ({
    filename,
    label: labels[i]!,
    targeted_label: targets ? targets[i]! : '',
  }))
  const columns = targets
    ? (['filename', 'label', 'targeted_label'] as const)
    : (['filename', 'label'] as const)
  writeFileAtomic(join(root, 'labels.csv'), writeCsv(columns, rows))
}

/**
 * Reads such a folder back. Images are taken as they are.
 * @throws InputError when the table is missing or malformed, or a label is not a class.
 */
export async function openAdversarialSet(root: string, classes: readonly string[]): Promise<FolderDataset> {
  const path = join(root, 'labels.csv')
  const rows = readCsv(new TextDecoder().decode(fileBytes(path)), ['filename', 'label'], path)
  if (rows.length === 0) throw new InputError(`${path} lists no images`)
  const files = rows.map(({ filename, label }, i) => {
    if (!/^\d+$/.test(label) || Number(label) >= classes.length) {
      throw new InputError(
        `${path}: row ${i + 2} has label ${JSON.stringify(label)}, but classes are 0 to ${classes.length - 1}`,
      )
    }
    if (/^[/\\]|(^|[/\\])\.\.([/\\]|$)/.test(filename)) {
      throw new InputError(`${path}: row ${i + 2} names ${filename}, which lies outside images/`)
    }
    return { path: `images/${filename}`, label: Number(label) }
  })
  return openFiles(root, files, classes, undefined, {})
}
