// Switches units off by multiplying a layer's activations with a mask: zeros for the units that go, ones for
// those that stay. The mask is a constant, or an input so that one session serves every choice of units.

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph } from '../onnx/graph.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Layer, Unit } from './classifier.ts'

/** Masks by layer name, each `[1, units, 1, 1]` (or `[1, units]`), zero where a unit is off. */
export type Masks = ReadonlyMap<string, FloatTensor>

/**
 * `masks` with `units` switched off too.
 * @param rankOf number of axes of a layer's activations.
 * @throws InputError for an unknown layer or channel.
 */
export function maskOut(
  masks: Masks,
  units: readonly Unit[],
  layers: readonly Layer[],
  rankOf: (layer: Layer) => number,
): Masks {
  const result = new Map(masks)
  for (const { layer: name, channel } of units) {
    const layer = layerOf(layers, name)
    if (!Number.isInteger(channel) || channel < 0 || channel >= layer.units) {
      throw new InputError(
        `unit ${name}:${channel} does not exist: ${name} has channels 0 to ${layer.units - 1}`,
      )
    }
    const mask = result.get(name)
    const values = mask === undefined || mask === masks.get(name) ? copyOf(mask, layer) : mask.data
    values[channel] = 0
    result.set(name, float32([1, layer.units, ...new Array<number>(rankOf(layer) - 2).fill(1)], values))
  }
  return result
}

const copyOf = (mask: FloatTensor | undefined, layer: Layer) =>
  mask?.data.slice() ?? new Float32Array(layer.units).fill(1)

/** @throws InputError that lists the layers when `name` is none of them. */
export function layerOf(layers: readonly Layer[], name: string): Layer {
  const layer = layers.find(candidate => candidate.name === name)
  if (layer === undefined) {
    throw new InputError(`unknown layer: ${name} (known: ${layers.map(l => l.name).join(', ') || 'none'})`)
  }
  return layer
}

/** The input that {@link masked} adds for a layer. */
export const maskInput = (layer: string) => `mask of ${layer}`

/**
 * `graph` with the activations of `layers` multiplied by masks, before anything reads them: constants from
 * `masks`, or inputs named by {@link maskInput} where `asInputs` is set.
 */
export function masked(graph: Graph, layers: readonly Layer[], masks: Masks, asInputs = false): Graph {
  let result = graph
  for (const { name, value } of layers) {
    const mask = masks.get(name)
    if (mask !== undefined) result = maskedValue(result, value, name, mask, asInputs)
  }
  return result
}

function maskedValue(graph: Graph, value: string, layer: string, mask: FloatTensor, asInput: boolean): Graph {
  const at = graph.nodes.findIndex(node => node.outputs.includes(value))
  const writer = graph.nodes[at]
  if (writer === undefined)
    throw new InputError(`layer ${layer} reads ${value}, which no node of the graph writes`)
  const builder = new GraphBuilder(graph)
  const unmasked = builder.fresh(`${value}.unmasked`)
  const weights = asInput
    ? builder.input(maskInput(layer), 'float32', mask.shape)
    : builder.constant(mask, maskInput(layer))
  const { inputs, initializers } = builder.build()
  const nodes = [
    ...graph.nodes.slice(0, at),
    { ...writer, outputs: writer.outputs.map(output => (output === value ? unmasked : output)) },
    {
      name: builder.fresh(`${value}.masked`),
      opType: 'Mul',
      domain: '',
      inputs: [unmasked, weights],
      outputs: [value],
      attributes: {},
    },
    ...graph.nodes.slice(at + 1),
  ]
  return { ...graph, inputs, initializers, nodes }
}
