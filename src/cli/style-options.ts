// The flags of style transfer, which `cue-conflict` and `stylize` share.

import { Option } from '@commander-js/extra-typings'
import type { Classifier } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import type { StyliseSettings } from '../synth/index.ts'
import { numberFrom, parseCount } from './command.ts'

/** The options of style transfer, for `.addOption(styleOption.steps())`. */
export const styleOption = {
  steps: () => new Option('--steps <n>', 'steps of style transfer').argParser(parseCount).default(200),
  contentWeight: () =>
    new Option('--content-weight <w>', 'weight of the content beside the style')
      .argParser(numberFrom(0))
      .default(0.3),
  contentLayer: () =>
    new Option('--content-layer <name>', 'layer that keeps the content (default: three quarters through)'),
  styleLayers: () =>
    new Option(
      '--style-layers <names>',
      'layers that give the style, with commas between (default: all with maps)',
    ),
} as const

export interface StyleOptions {
  readonly contentLayer?: string | undefined
  readonly styleLayers?: string | undefined
  readonly contentWeight: number
  readonly steps: number
}

/** What the flags say of the transfer. */
export function styleSettings(options: StyleOptions): Partial<StyliseSettings> {
  const { contentLayer, styleLayers, contentWeight, steps } = options
  return {
    contentWeight,
    steps,
    ...(contentLayer !== undefined && { contentLayer }),
    ...(styleLayers !== undefined && { styleLayers: styleLayers.split(',').map(name => name.trim()) }),
  }
}

/**
 * How pictures are fitted: as the network's preprocessing says, or to squares of `size`.
 * @throws InputError where both are given and differ
 */
export function pictureGeometry(model: Classifier | undefined, size: number | undefined): Geometry {
  if (model !== undefined) {
    const [height, width] = model.preprocessing.size
    if (size !== undefined && (size !== height || size !== width)) {
      throw new InputError(`${model.name} takes ${width}x${height} pixels: leave --size out`)
    }
    return model.preprocessing
  }
  const side = size ?? 224
  return { size: [side, side], resize: 'short-side', resizeTo: side, filter: 'bilinear', crop: 'center' }
}
