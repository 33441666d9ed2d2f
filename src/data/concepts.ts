// What a set of concept masks is to the rest of the product: Broden, emoji16's own, or a user's folder.

import type { FloatTensor } from '../tensor/tensor.ts'

/** A concept that masks mark: `striped` of category `texture`. Numbers start at 1; 0 in a mask is "nothing". */
export interface Concept {
  readonly number: number
  readonly name: string
  /** One of {@link ConceptDataset.categories}. */
  readonly category: string
}

/** What is marked on one image. */
export interface ConceptMasks {
  readonly height: number
  readonly width: number
  /** One map per annotated layer, each `[height x width]` of concept numbers. */
  readonly maps: readonly Uint16Array[]
  /** Concepts that hold for the whole image. */
  readonly whole: readonly number[]
}

export interface ConceptBatch {
  /** float32 `[n, 3, h, w]` in [0, 1] */
  readonly images: FloatTensor
  readonly names: readonly string[]
  /** One entry per image. */
  readonly masks: readonly ConceptMasks[]
}

export interface ConceptDataset {
  readonly name: string
  readonly size: number
  readonly fingerprint: string
  readonly categories: readonly string[]
  readonly concepts: readonly Concept[]
  /** In a fixed order; the same on every call. */
  batches(options: { readonly batchSize: number; readonly limit?: number }): AsyncIterable<ConceptBatch>
}
