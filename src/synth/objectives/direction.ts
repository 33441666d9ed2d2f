// How strongly hidden units respond: one unit, or a direction in the space of a layer's units.

import { layerOf } from '../../classifier/ablate.ts'
import { InputError } from '../../errors/input-error.ts'
import { formatShape } from '../../tensor/shape.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import type { Objective, Scene, SynthesisModel } from '../objective.ts'

/** Where on a layer's map the response is read: the mean over all positions, or the position in the middle. */
export type Place = 'mean' | 'centre'

/**
 * The dot product of a layer's response with one direction per picture.
 * @param directions `[n, units]`
 * @param leak where the layer is a Relu, the response has this share of the Relu's input added: a unit that is at rest
 *   everywhere has no gradient otherwise.
 * @throws InputError for an unknown layer or directions of another number of units.
 */
export function direction(
  model: SynthesisModel,
  layer: string,
  directions: FloatTensor,
  place: Place = 'mean',
  leak = 0,
): Objective {
  const { units } = layerOf(model.layers, layer)
  if (directions.shape.length !== 2 || directions.shape[1] !== units) {
    throw new InputError(
      `directions in layer ${layer} must have shape [n, ${units}], found ${formatShape(directions.shape)}`,
    )
  }
  return {
    name: `direction in ${layer} (${place}${leak > 0 ? `, leak ${leak}` : ''})`,
    feeds: { directions },
    append(scene) {
      const { builder } = scene
      const response = builder.op('Mul', [responseAt(scene, layer, place, leak), scene.feed('directions')])
      return builder.op('ReduceSum', [response, builder.ints([1])], { keepdims: 0 })
    },
  }
}

/**
 * The response of one unit per picture.
 * @param channels the unit's number in the layer, from 0, per picture.
 * @param leak see {@link direction}
 * @throws InputError for an unknown layer or unit.
 */
export function unit(
  model: SynthesisModel,
  layer: string,
  channels: readonly number[],
  place: Place = 'mean',
  leak = 0,
): Objective {
  const { units } = layerOf(model.layers, layer)
  const data = new Float32Array(channels.length * units)
  for (const [i, channel] of channels.entries()) {
    if (!Number.isInteger(channel) || channel < 0 || channel >= units) {
      throw new InputError(`unit ${layer}:${channel} does not exist: ${layer} has units 0 to ${units - 1}`)
    }
    data[i * units + channel] = 1
  }
  return direction(model, layer, float32([channels.length, units], data), place, leak)
}

/** The layer's response `[n, units]`. */
function responseAt({ builder, layer }: Scene, name: string, place: Place, leak: number): string {
  const { value: active, shape, beforeRelu } = layer(name)
  const value =
    leak > 0 && beforeRelu !== undefined
      ? builder.op('Add', [active, builder.op('Mul', [beforeRelu, builder.scalar(leak)])])
      : active
  if (shape.length === 2) return value
  const axes = builder.ints([2, 3])
  if (place === 'mean') return builder.op('ReduceMean', [value, axes], { keepdims: 0 })
  const [height, width] = shape.slice(2).map(Number) as [number, number]
  const middle = [height >> 1, width >> 1]
  const [from, to] = [builder.ints(middle), builder.ints(middle.map(at => at + 1))]
  return builder.op('Squeeze', [builder.op('Slice', [value, from, to, axes]), axes])
}
