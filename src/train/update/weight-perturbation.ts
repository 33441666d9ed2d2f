// Adversarial weight perturbation (Wu, Xia & Wang 2020): before the gradient is taken, the weights themselves take
// one step up the loss, each kernel and matrix by gamma times its own length; afterwards they are put back.

import { gradient, gradientName } from '../../grad/reverse.ts'
import { GraphBuilder } from '../../onnx/builder.ts'
import { renameValues } from '../../onnx/edit.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { LossGraph } from '../loss.ts'
import { chained, tagged } from '../passes.ts'

/** Input, scalar: length of the perturbation relative to the weights'. */
export const GAMMA = 'awp.gamma'

/** Keeps a gradient of 0 from being divided by (the authors' constant). */
const TINY = 1e-20

const shiftedName = (parameter: string) => `awp.shifted.${parameter}`
const shiftName = (parameter: string) => `awp.shift.${parameter}`

/** Weights of one axis or none (batch norm, biases) stay where they are. */
export function perturbedParameters(graph: Graph, parameters: readonly string[]): string[] {
  const rank = new Map(graph.inputs.map(({ name, shape }) => [name, shape?.length ?? 0]))
  return parameters.filter(parameter => (rank.get(parameter) ?? 0) > 1)
}

/** A graph before an update: what moves each weight, and what the update should see in its place. */
export interface Perturbed {
  readonly graph: Graph
  /** Parameter -> its moved value. */
  readonly shifted: ReadonlyMap<string, string>
  /** Parameter -> what was added to it. */
  readonly shifts: ReadonlyMap<string, string>
}

/** The moves of `parameters`, from a first pass over the loss whose running statistics are thrown away. */
export function perturbation(loss: LossGraph, parameters: readonly string[]): Perturbed {
  const builder = new GraphBuilder(gradient(loss.graph, loss.mean, parameters))
  const gamma = builder.input(GAMMA, 'float32', [])
  const length = (value: string) =>
    builder.op('Sqrt', [builder.op('ReduceSumSquare', [value], { keepdims: 0 })])
  for (const parameter of parameters) {
    const slope = gradientName(loss.mean, parameter)
    const steepness = builder.op('Add', [length(slope), builder.scalar(TINY)])
    const scale = builder.op('Mul', [builder.op('Div', [length(parameter), steepness]), gamma])
    const shift = builder.op('Mul', [slope, scale], {}, { name: shiftName(parameter) })
    builder.op('Add', [parameter, shift], {}, { name: shiftedName(parameter) })
  }
  const inputs = new Set(builder.build().inputs.map(input => input.name))
  const kept = new Set(parameters.flatMap(p => [shiftName(p), shiftedName(p)]))
  return {
    graph: tagged(builder.build(), 'awp', name => inputs.has(name) || kept.has(name)),
    shifted: new Map(parameters.map(p => [p, shiftedName(p)])),
    shifts: new Map(parameters.map(p => [p, shiftName(p)])),
  }
}

/** `loss` on the moved weights, which it takes as inputs. */
export function onShifted(loss: LossGraph, { shifted }: Perturbed): LossGraph {
  return { ...loss, graph: renameValues(loss.graph, shifted) }
}

/** The update behind the perturbation that it starts from. */
export function behind({ graph }: Perturbed, update: Graph): Graph {
  return chained(graph, update)
}
