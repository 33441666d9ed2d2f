// The images that an audit is made on, whatever they were read from.

import type { CueConflictDataset, Dataset } from '../data/dataset.ts'

export interface AuditData {
  /** Accuracy, calibration and attacks. */
  readonly images: Dataset
  /** A part of them, for corruptions and distortions. */
  readonly sample: Dataset
  /** A few of them, for the lints of `silhouette inspect`. */
  readonly few: Dataset
  /** Shape bias. */
  readonly cueConflict?: CueConflictDataset
  /** Shapes without texture. */
  readonly shapeOnly?: Dataset
  /** Textures without shape. */
  readonly textureOnly?: Dataset
  /** What a reader must know of the images. */
  readonly note: string
}

/** All sets that are there. */
export function dataSets({ images, sample, cueConflict, shapeOnly, textureOnly }: AuditData): Dataset[] {
  return [images, sample, cueConflict, shapeOnly, textureOnly].flatMap(set => set ?? [])
}
