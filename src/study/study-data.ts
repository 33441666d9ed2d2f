// The images that a study asks about, whatever they were read from.

import type { ConceptDataset } from '../data/concepts.ts'
import type { Batch, BatchOptions, CueConflictDataset, Dataset } from '../data/dataset.ts'

export interface StudyData {
  /** The images that are attacked, noised, scrambled; accuracy on them is clean accuracy. */
  readonly images: Dataset
  /** Shapes filled with one colour. */
  readonly shapeOnly?: Dataset
  /** Textures without an object. */
  readonly textureOnly?: Dataset
  readonly cueConflict?: CueConflictDataset
  /** The objects of `images`, white on black, under the same names in the same order. */
  readonly silhouettes?: Dataset
  /** Images with masks of what they show. */
  readonly concepts?: ConceptDataset
  /** What a reader of the report must know of the images. */
  readonly note: string
}

/** The first `count` images of `data`, as a data set with a fingerprint of its own. */
export function firstOf(data: Dataset, count: number | undefined): Dataset {
  if (count === undefined || count >= data.size) return data
  return {
    ...data,
    size: count,
    fingerprint: `${data.fingerprint}/first-${count}`,
    batches: ({ batchSize, limit = count }: BatchOptions): AsyncIterable<Batch> =>
      data.batches({ batchSize, limit: Math.min(limit, count) }),
  }
}

/** {@link firstOf} for cue conflicts. */
export function firstConflicts(data: CueConflictDataset, count: number | undefined): CueConflictDataset {
  const first = firstOf(data, count)
  return { ...first, textures: data.textures.slice(0, first.size) }
}

/** {@link firstOf} for images with masks. */
export function firstConcepts(data: ConceptDataset, count: number | undefined): ConceptDataset {
  if (count === undefined || count >= data.size) return data
  return {
    ...data,
    size: count,
    fingerprint: `${data.fingerprint}/first-${count}`,
    batches: ({ batchSize, limit = count }) => data.batches({ batchSize, limit: Math.min(limit, count) }),
  }
}
