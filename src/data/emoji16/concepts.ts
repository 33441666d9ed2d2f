// emoji16 as a data set for network dissection: which pixels show which object, texture and colour.

import type { Concept, ConceptDataset, ConceptMasks } from '../concepts.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { categories } from './categories.ts'
import { colourNames } from './colours.ts'
import type { Emoji16 } from './emoji16.node.ts'
import { textureNames } from './textures.ts'

const named: readonly (readonly [category: string, names: readonly string[]])[] = [
  ['color', colourNames],
  ['object', categories],
  ['texture', textureNames],
]

/** Every concept that masks mark, numbered from 1, category by category. */
export const emoji16Concepts: readonly Concept[] = named
  .flatMap(([category, names]) => names.map(name => ({ category, name })))
  .map((concept, i) => ({ number: i + 1, ...concept }))

const firstColour = 1
const firstObject = firstColour + colourNames.length
const firstTexture = firstObject + categories.length

/** The maps of one image, each `[side / 2, side / 2]` of concept numbers; undefined where nothing is marked. */
export interface Emoji16Maps {
  readonly color: Uint16Array
  readonly object: Uint16Array | undefined
  /** Not marked where each shape wears its own texture: the one would be taken for the other. */
  readonly texture: Uint16Array | undefined
}

/** The maps of image `index`, at half the image's size as Broden has them. */
export function emoji16Maps(set: Emoji16, index: number): Emoji16Maps {
  const half = set.side / 2
  const inside = new Uint8Array(half * half)
  const figure = set.figures.subarray(index * set.side ** 2, (index + 1) * set.side ** 2)
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) inside[y * half + x] = figure[(2 * y + 1) * set.side + 2 * x + 1]!
  }
  const map = (front: number, back: number) => Uint16Array.from(inside, value => (value === 1 ? front : back))
  const [shape, texture] = [set.shapes[index]!, set.textures[index]!]
  return {
    color: map(firstColour + set.figureColours[index]!, firstColour + set.backgroundColours[index]!),
    object: shape < 0 ? undefined : map(firstObject + shape, 0),
    texture: texture < 0 || texture === shape ? undefined : map(firstTexture + texture, 0),
  }
}

/** A part of emoji16 with its masks. */
export async function emoji16ConceptDataset(set: Emoji16): Promise<ConceptDataset> {
  const masksOf = (index: number): ConceptMasks => {
    const { color, object, texture } = emoji16Maps(set, index)
    const maps = [color, object, texture].filter(map => map !== undefined)
    return { height: set.side / 2, width: set.side / 2, maps, whole: [] }
  }
  return {
    name: set.name,
    size: set.size,
    fingerprint: await fingerprintOf([set.fingerprint, set.figures, JSON.stringify(emoji16Concepts)]),
    categories: named.map(([category]) => category),
    concepts: emoji16Concepts,
    async *batches(options) {
      let at = 0
      for await (const { images, names } of set.batches(options)) {
        const from = at
        yield { images, names, masks: names.map((_, i) => masksOf(from + i)) }
        at += names.length
      }
    },
  }
}
