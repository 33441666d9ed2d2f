// What a data set is to the rest of the product: named, sized, fingerprinted, read in batches.

import type { FloatTensor } from '../tensor/tensor.ts'

/** Some labelled images. */
export interface Batch {
  /** float32 `[n, 3, h, w]` in [0, 1] */
  readonly images: FloatTensor
  /** Class index per image. */
  readonly labels: Int32Array
  /** File name (or a name as stable as one) per image. */
  readonly names: readonly string[]
}

export interface BatchOptions {
  readonly batchSize: number
  /** Stop after this many images. */
  readonly limit?: number
}

export interface Dataset {
  readonly name: string
  readonly classes: readonly string[]
  readonly size: number
  /** Changes when any image or label does. */
  readonly fingerprint: string
  /** In a fixed order; the last batch may be smaller. */
  batches(options: BatchOptions): AsyncIterable<Batch>
}

/** A cue-conflict set: `labels` is the shape's class, `textures` the texture's, per image of the set in order. */
export interface CueConflictDataset extends Dataset {
  /** Texture class index per image, aligned with the order of `batches`. */
  readonly textures: Int32Array
}
