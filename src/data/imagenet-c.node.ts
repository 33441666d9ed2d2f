// ImageNet-C (Hendrycks & Dietterich 2019): `<corruption>/<1..5>/<wnid>/<image>`. Its pictures are 224x224
// already and are neither resized nor cropped.

import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import { type FolderDataset, type FolderOptions, openImageFolder } from './image-folder.node.ts'
import { foldersIn } from './image-list.node.ts'
import { imagenetWnids } from './imagenet.ts'

/** One corruption at one severity (1 to 5). */
export interface CorruptionLevel {
  readonly corruption: string
  readonly severity: number
}

/**
 * What corruptions and severities lie below `root`, in byte order.
 * @throws InputError when there are none.
 */
export function corruptionLevels(root: string): CorruptionLevel[] {
  const levels = foldersIn(root).flatMap(corruption =>
    foldersIn(join(root, corruption))
      .filter(name => /^[1-5]$/.test(name))
      .map(name => ({ corruption, severity: Number(name) })),
  )
  if (levels.length === 0)
    throw new InputError(`${root} is not ImageNet-C: expected <corruption>/<1..5>/<wnid>/<image>`)
  return levels
}

/**
 * Opens one corruption at one severity, labelled with ImageNet's 1,000 classes (or `options.classes`).
 * `preprocessing` is only for networks that cannot take 224x224.
 * @throws InputError when it is not below `root`, or a folder is not a class.
 */
export async function openImageNetC(
  root: string,
  { corruption, severity }: CorruptionLevel,
  preprocessing?: Geometry,
  options: FolderOptions = {},
): Promise<FolderDataset> {
  return openImageFolder(join(root, corruption, String(severity)), preprocessing, {
    classes: imagenetWnids,
    name: `${corruption}-${severity}`,
    ...options,
  })
}
