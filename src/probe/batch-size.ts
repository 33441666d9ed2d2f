// How many images a probe gives a network at once: as many as keep memory low and the cores busy.

import { layerOf } from '../classifier/ablate.ts'
import type { Classifier } from '../classifier/classifier.ts'
import { inferShapes } from '../onnx/infer.ts'

const values = 2 ** 21
/** Values of the activations that one batch gives back at most: 64 MB. */
const activationValues = 2 ** 24

/** 128 images of 64x64, 13 of 224x224. */
export function batchSizeFor(model: Pick<Classifier, 'preprocessing'>): number {
  const [height, width] = model.preprocessing.size
  return Math.max(1, Math.min(128, Math.floor(values / (3 * height * width))))
}

/**
 * For a probe that looks at the activations of `layers`: fewer images where those are large (7 for conv1 and
 * layer1 to layer4 of ResNet-50 together).
 * @throws InputError for an unknown layer
 */
export function activationBatchSize(
  model: Pick<Classifier, 'preprocessing' | 'graph' | 'layers'>,
  layers: readonly string[],
): number {
  const types = inferShapes(model.graph)
  const perImage = layers.reduce((sum, name) => {
    const [, ...shape] = types.get(layerOf(model.layers, name).value)?.shape ?? []
    return sum + shape.reduce<number>((size, dim) => size * (typeof dim === 'number' ? dim : 1), 1)
  }, 0)
  const most = Math.max(1, Math.floor(activationValues / Math.max(1, perImage)))
  return Math.min(batchSizeFor(model), most)
}
