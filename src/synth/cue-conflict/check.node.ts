// Whether each cue of a stimulus can be recognised alone: a conflict between a cue and nothing is none.

import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { type CueConflictMakerOptions, silhouettesOf, texturesOf } from './make.node.ts'
import type { Pair } from './pairs.ts'

/** Decides for a class of the stimuli, by name, per image. */
export type Judge = (images: FloatTensor) => Promise<readonly string[]>

const BATCH = 64

/** Each different shape picture and texture picture among `pairs`, alone, before `judge`. */
export async function checkCues(
  pairs: readonly Pair[],
  options: CueConflictMakerOptions,
  judge: Judge,
): Promise<{ readonly shape: CueCount; readonly texture: CueCount }> {
  const shapes = distinct(pairs, pair => pair.shapeFile)
  const textures = distinct(pairs, pair => pair.textureFile)
  const shape = await count(
    shapes,
    pair => pair.shape,
    judge,
    async batch => {
      const silhouettes = await silhouettesOf(batch, options)
      return float32(
        silhouettes.shape,
        silhouettes.data.map(inside => 1 - inside),
      )
    },
  )
  const texture = await count(
    textures,
    pair => pair.texture,
    judge,
    batch => texturesOf(batch, options),
  )
  return { shape, texture }
}

/** Right decisions of so many. */
export interface CueCount {
  readonly hits: number
  readonly images: number
}

async function count(
  pairs: readonly Pair[],
  labelOf: (pair: Pair) => string,
  judge: Judge,
  load: (batch: readonly Pair[]) => Promise<FloatTensor>,
): Promise<CueCount> {
  let hits = 0
  for (let from = 0; from < pairs.length; from += BATCH) {
    const batch = pairs.slice(from, from + BATCH)
    const decisions = await judge(await load(batch))
    hits += batch.filter((pair, i) => decisions[i] === labelOf(pair)).length
  }
  return { hits, images: pairs.length }
}

const distinct = (pairs: readonly Pair[], keyOf: (pair: Pair) => string) => [
  ...new Map(pairs.map(pair => [keyOf(pair), pair])).values(),
]
