// Test sets that somebody corrupted: folders in the layout of ImageNet-C, as published or as `silhouette corrupt` writes
// them, or the arrays of CIFAR-C (Hendrycks & Dietterich 2019). Which of the two a folder holds follows from its files.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Geometry } from '../image/geometry.ts'
import { openCifarC } from './cifar.node.ts'
import type { Dataset } from './dataset.ts'
import { foldersIn, inByteOrder } from './image-list.node.ts'
import { type CorruptionLevel, corruptionLevels, openImageNetC } from './imagenet-c.node.ts'
import type { Selection } from './source.ts'

export type { CorruptionLevel }

/** Corruptions x severities of one set of images. */
export interface CorruptedSets {
  readonly layout: 'ImageNet-C' | 'CIFAR-C'
  /** In byte order of the corruptions' names. */
  readonly levels: readonly CorruptionLevel[]
  /**
   * One level for a network that takes images by `geometry`: as they are where they have its size, else by its
   * preprocessing. A `sample` is the same images at every level.
   * @throws InputError when files are missing, damaged, or do not fit one another
   */
  open(level: CorruptionLevel, geometry: Geometry, sample?: Selection['sample']): Promise<OpenedLevel>
}

export interface OpenedLevel {
  readonly data: Dataset
  /** Whether the images did not have the network's size. */
  readonly resized: boolean
}

/** @throws InputError when `root` holds neither layout */
export function openCorruptedSets(root: string): CorruptedSets {
  return arraysIn(root).length > 0 ? cifarC(root) : imageNetC(root)
}

function imageNetC(root: string): CorruptedSets {
  const levels = corruptionLevels(root)
  return {
    layout: 'ImageNet-C',
    levels,
    open(level, geometry, sample) {
      const classes = foldersIn(join(root, level.corruption, String(level.severity)))
      return fitting(
        preprocessing => openImageNetC(root, level, preprocessing, { classes, sample }),
        geometry,
      )
    },
  }
}

/** Names of the `.npy` files in `root`, without the ending. */
function arraysIn(root: string): string[] {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return inByteOrder(readdirSync(root).flatMap(file => /^(.+)\.npy$/.exec(file)?.[1] ?? []))
}

function cifarC(root: string): CorruptedSets {
  const names = arraysIn(root).filter(name => name !== 'labels')
  return {
    layout: 'CIFAR-C',
    levels: names.flatMap(corruption => [1, 2, 3, 4, 5].map(severity => ({ corruption, severity }))),
    open: (level, geometry, sample) =>
      fitting(preprocessing => openCifarC(root, level, preprocessing, { sample }), geometry),
  }
}

async function fitting(
  open: (preprocessing?: Geometry) => Promise<Dataset>,
  geometry: Geometry,
): Promise<OpenedLevel> {
  const asTheyAre = await open()
  for await (const { images } of asTheyAre.batches({ batchSize: 1, limit: 1 })) {
    if (String(images.shape.slice(2)) === String(geometry.size)) return { data: asTheyAre, resized: false }
  }
  return { data: await open(geometry), resized: true }
}
