// How far what a layer holds is from what it holds of other pictures: place by place (representation distance), or
// as statistics that forget places (Gram matrices, by which style is transferred).

import { layerOf } from '../../classifier/ablate.ts'
import { type Classifier, IMAGES } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { GraphBuilder } from '../../onnx/builder.ts'
import { prune } from '../../onnx/edit.ts'
import type { Dim } from '../../onnx/graph.ts'
import { inferShapes } from '../../onnx/infer.ts'
import { asFloat32, type FloatTensor } from '../../tensor/tensor.ts'
import type { Objective, SynthesisModel } from '../objective.ts'
import { sumOfSquares } from './sums.ts'

/**
 * The squared Euclidean distance between a layer's activations and `targets`, relative to the squared length of
 * `targets`: 0 where they are equal, 1 for activations of zero.
 * @param targets activations of the wanted pictures, of the layer's shape (see `Classifier.activations`)
 * @throws InputError for an unknown layer.
 */
export function representationDistance(
  model: SynthesisModel,
  layer: string,
  targets: FloatTensor,
): Objective {
  layerOf(model.layers, layer)
  return {
    name: `representation distance in ${layer}`,
    feeds: { targets },
    append(scene) {
      const { builder, feed } = scene
      const { value } = scene.layer(layer)
      const rank = targets.shape.length
      const distance = sumOfSquares(builder, builder.op('Sub', [value, feed('targets')]), rank)
      const size = builder.op('Max', [sumOfSquares(builder, feed('targets'), rank), builder.scalar(1e-12)])
      return builder.op('Div', [distance, size])
    },
  }
}

/**
 * Gatys, Ecker & Bethge (2016), equation 4: sum (G - A)^2 / (4 N^2 M^2) over the Gram matrices of a layer with N
 * units and M positions. (With G / (N M) as {@link gramMatrices} gives it, that is sum (G - A)^2 / 4.)
 * @param targets Gram matrices `[n, units, units]` of the wanted style, from {@link gramMatrices}
 * @throws InputError for an unknown layer or a layer without positions.
 */
export function gramDistance(model: SynthesisModel, layer: string, targets: FloatTensor): Objective {
  layerOf(model.layers, layer)
  return {
    name: `Gram distance in ${layer}`,
    feeds: { targets },
    append(scene) {
      const { builder } = scene
      const { value, shape } = scene.layer(layer)
      const gram = appendGram(builder, value, shape, layer)
      const squares = sumOfSquares(builder, builder.op('Sub', [gram, scene.feed('targets')]), 3)
      return builder.op('Mul', [squares, builder.scalar(1 / 4)])
    },
  }
}

/**
 * The Gram matrices of layers, each `[n, units, units]`: sums over positions of products of two units' activations,
 * over units times positions.
 * @throws InputError for an unknown layer or a layer without positions.
 */
export async function gramMatrices(
  model: Classifier,
  images: FloatTensor,
  layers: readonly string[],
): Promise<Record<string, FloatTensor>> {
  const chosen = layers.map(name => layerOf(model.layers, name))
  const output = (name: string) => `gram of ${name}`
  const session = await model.derived(`Gram matrices of ${layers.join(', ')}`, graph => {
    const types = inferShapes(graph)
    const builder = new GraphBuilder({ ...graph, outputs: [] })
    for (const { name, value, units } of chosen) {
      const gram = appendGram(builder, value, types.get(value)?.shape ?? [], name)
      builder.output(gram, 'float32', ['n', units, units], output(name))
    }
    return prune(builder.build())
  })
  const result = await session.run({ [IMAGES]: images })
  return Object.fromEntries(layers.map(name => [name, asFloat32(result[output(name)]!)]))
}

/**
 * Like {@link gramDistance}, but relative to `targets`: sum (G - A)^2 / sum A^2. Layers of any size then count alike.
 */
export function styleDistance(model: SynthesisModel, layer: string, targets: FloatTensor): Objective {
  layerOf(model.layers, layer)
  return {
    name: `style distance in ${layer}`,
    feeds: { targets },
    append(scene) {
      const { builder, feed } = scene
      const { value, shape } = scene.layer(layer)
      const gram = appendGram(builder, value, shape, layer)
      const distance = sumOfSquares(builder, builder.op('Sub', [gram, feed('targets')]), 3)
      const size = builder.op('Max', [sumOfSquares(builder, feed('targets'), 3), builder.scalar(1e-12)])
      return builder.op('Div', [distance, size])
    },
  }
}

function appendGram(builder: GraphBuilder, value: string, shape: readonly Dim[], layer: string): string {
  const [, units, height, width] = shape.map(Number)
  if (shape.length !== 4 || !units || !height || !width) {
    throw new InputError(`layer ${layer} has no positions to take a Gram matrix over: choose a convolution`)
  }
  const flat = builder.op('Reshape', [value, builder.ints([-1, units, height * width])])
  const products = builder.op('MatMul', [flat, builder.op('Transpose', [flat], { perm: [0, 2, 1] })])
  return builder.op('Mul', [products, builder.scalar(1 / (units * height * width))])
}
