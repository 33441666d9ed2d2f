// What each part of emoji16 shows: which figures wear which textures, and how many of each.

import type { Random } from '../../tensor/random.ts'
import { categories } from './categories.ts'
import { firstNovelTexture, textureNames } from './textures.ts'

/** The parts of the data set. All but `train` and `validation` show only icon sets that are held out. */
export const emoji16Splits = [
  'train',
  'validation',
  'clean',
  'shape-only',
  'texture-only',
  'texture-blob',
  'cue-conflict',
  'novel-texture',
  'dissection',
] as const

export type Emoji16Split = (typeof emoji16Splits)[number]

/** One image, before anything random about it is drawn. -1 stands for none. */
export interface Cue {
  /** What is to be recognised: shape, or texture where there is no shape. */
  readonly label: number
  readonly shape: number
  readonly texture: number
  readonly figure: 'outline' | 'blob' | 'canvas'
  /** Whether colour is a cue as well. */
  readonly coloured: boolean
}

const count = categories.length
const novelCount = textureNames.length - firstNovelTexture

/**
 * The images of a part, in order.
 * - train (8,192), validation (700), clean (1,600): each shape in its own texture, colour a weak cue
 * - shape-only (1,280): flat fill; texture-only, texture-blob (800): no shape
 * - cue-conflict (1,920): every shape in every other texture, eight times
 * - novel-texture (1,280): every shape in textures that training never shows
 * - dissection (1,840): shapes in their own textures, then novel textures on blobs and canvases
 *
 * @param shapes categories that have silhouettes in this part
 */
export function cuesOf(split: Emoji16Split, shapes: readonly number[], random: Random): readonly Cue[] {
  const cycle = (n: number, cue: (i: number) => Cue) => Array.from({ length: n }, (_, i) => cue(i))
  const turn = (i: number) => shapes[i % shapes.length]!
  const congruent = (shape: number): Cue => outlined(shape, shape, true)
  switch (split) {
    case 'train': {
      const images = cycle(8192, i => congruent(turn(i)))
      return Array.from(random.permutation(images.length), i => images[i]!)
    }
    case 'validation':
      return cycle(50 * shapes.length, i => congruent(turn(i)))
    case 'clean':
      return cycle(1600, i => congruent(turn(i)))
    case 'shape-only':
      return cycle(1280, i => outlined(turn(i), -1, false))
    case 'texture-only':
      return cycle(800, i => shapeless(i % count, 'canvas'))
    case 'texture-blob':
      return cycle(800, i => shapeless(i % count, 'blob'))
    case 'cue-conflict':
      return cycle(8 * count * (count - 1), i => {
        const shape = i % count
        return outlined(shape, (shape + 1 + (Math.floor(i / count) % (count - 1))) % count, false)
      })
    case 'novel-texture':
      return cycle(1280, i =>
        outlined(turn(i), firstNovelTexture + (Math.floor(i / shapes.length) % novelCount), false),
      )
    case 'dissection':
      return [
        ...cycle(1200, i => congruent(turn(i))),
        ...cycle(480, i => shapeless(firstNovelTexture + (i % novelCount), 'blob')),
        ...cycle(160, i => shapeless(firstNovelTexture + (i % novelCount), 'canvas')),
      ]
  }
}

const outlined = (shape: number, texture: number, coloured: boolean): Cue => ({
  label: shape,
  shape,
  texture,
  figure: 'outline',
  coloured,
})

const shapeless = (texture: number, figure: 'blob' | 'canvas'): Cue => ({
  label: texture < firstNovelTexture ? texture : -1,
  shape: -1,
  texture,
  figure,
  coloured: false,
})
