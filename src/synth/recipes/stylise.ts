// Style transfer (Gatys, Ecker & Bethge 2016): a picture that a layer cannot tell from one image, while the Gram
// matrices of several layers are those of another. Cue conflicts and stylised data sets are made by it (Geirhos et al.
// 2019).

import type { Classifier } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { formatShape } from '../../tensor/shape.ts'
import { type FloatTensor, rows } from '../../tensor/tensor.ts'
import { plus, times } from '../objective.ts'
import { totalVariation } from '../objectives/picture.ts'
import { gramMatrices, representationDistance, styleDistance } from '../objectives/representation.ts'
import { adam } from '../optimiser.ts'
import { synthesize } from '../synthesize.ts'
import type { Made, RecipeContext } from './recipe.ts'

export interface StyliseSettings {
  /** Default: the layer three quarters of the way through those that have maps. */
  readonly contentLayer: string
  /** Default: all layers that have maps of at least 4x4. */
  readonly styleLayers: readonly string[]
  /** Weight of the content beside that of the style, which is 1. Both distances are relative. Default 0.3. */
  readonly contentWeight: number
  /** Weight of the total variation, against noise of single pixels. Default 0.1. */
  readonly smoothness: number
  /** Adam's, default 0.02. */
  readonly learningRate: number
  /** Default 200. */
  readonly steps: number
}

/**
 * Each of `contents` in the style of the one of `styles` with the same number, starting from the content.
 * @param contents `[n, 3, h, w]` in [0, 1]
 * @param styles as many, of the same size
 * @throws InputError for another number or size of styles, an unknown layer, or a network without maps
 */
export async function stylise(
  context: Omit<RecipeContext, 'settings'>,
  contents: FloatTensor,
  styles: FloatTensor,
  settings: Partial<StyliseSettings> = {},
): Promise<Made> {
  if (contents.shape.join() !== styles.shape.join()) {
    throw new InputError(
      `style transfer needs one style per content of its size, found ${formatShape(contents.shape)} and ${formatShape(styles.shape)}`,
    )
  }
  const { model, random, batchSize, watch, progress, signal } = context
  const maps = await layersWithMaps(model, rows(contents, 0, 1))
  const {
    contentLayer = maps[Math.ceil(0.75 * maps.length) - 1]!,
    styleLayers = maps,
    contentWeight = 0.3,
    smoothness = 0.1,
    learningRate = 0.02,
    steps = 200,
  } = settings
  const content = await model.activations(contents, [contentLayer])
  const grams = await gramMatrices(model, styles, styleLayers)
  const style = plus(...styleLayers.map(layer => styleDistance(model, layer, grams[layer]!)))
  const goal = plus(
    times(contentWeight, representationDistance(model, contentLayer, content[contentLayer]!)),
    times(1 / styleLayers.length, style),
    times(smoothness, totalVariation(model.preprocessing.size)),
  )
  const made = await synthesize(model, {
    goal,
    start: contents,
    optimiser: adam({ learningRate }),
    steps,
    random,
    ...(batchSize !== undefined && { batchSize }),
    ...(watch && { watch }),
    ...(progress && { progress }),
    ...(signal && { signal }),
  })
  return {
    ...made,
    starts: contents,
    goalName: goal.name,
    settings: {
      contentLayer,
      styleLayers: styleLayers.join(','),
      contentWeight,
      smoothness,
      learningRate,
      steps,
    },
  }
}

/** Names of the layers whose activations are maps of at least 4x4, in order. */
async function layersWithMaps(model: Classifier, image: FloatTensor): Promise<string[]> {
  const names = model.layers.map(layer => layer.name)
  const activations = await model.activations(image, names)
  const maps = names.filter(name => {
    const [, , height = 0, width = 0] = activations[name]!.shape
    return height >= 4 && width >= 4
  })
  if (maps.length === 0)
    throw new InputError(`${model.name} has no layer with maps: style needs convolutions`)
  return maps
}
