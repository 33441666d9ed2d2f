// One step of synthesis as a graph: parametrisation, transforms, network, objective, gradient, update. Nothing but
// the variable and what the optimiser remembers crosses into JavaScript.

import { layerOf } from '../classifier/ablate.ts'
import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune } from '../onnx/edit.ts'
import { foldBatchNorm } from '../onnx/fold-batch-norm.ts'
import type { Graph } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import type { Objective, SynthesisModel } from './objective.ts'
import type { Move, Optimiser } from './optimiser.ts'
import type { Parametrisation, Size } from './parametrisation.ts'
import { appendTransforms, describeTransforms, type Transforms } from './transforms.ts'

/** What a step is made of. */
export interface Step {
  /** Brought down. */
  readonly goal: Objective
  readonly parametrisation: Parametrisation
  readonly transforms: Transforms
  readonly optimiser: Optimiser
}

/** Input: what the optimiser moves. */
export const VARIABLE = 'synthesis.variable'
/** Input: the variable before the first step. */
export const START = 'synthesis.start'
/** Output: the variable one step on. */
export const NEXT = 'synthesis.next'
/** Output `[n]`: the objective before the step. */
export const GOAL = 'synthesis.goal'
/** Output `[n, 3, h, w]`: the picture before the step. */
export const PICTURE = 'synthesis.picture'
/** Inputs: what the objective feeds, what the optimiser remembers, the numbers of a step. */
export const feedName = (name: string) => `synthesis.feed.${name}`
export const memoryName = (name: string) => `synthesis.memory.${name}`
export const scalarName = (name: string) => `synthesis.scalar.${name}`
/** Output: what the optimiser remembers next. */
export const nextMemoryName = (name: string) => `synthesis.next.${name}`

/** Two steps of one name have the same graph. */
export function stepName({ goal, parametrisation, transforms, optimiser }: Step): string {
  const moves = describeTransforms(transforms)
  return `synthesis: ${goal.name}; ${parametrisation.name}; transforms ${moves}; ${optimiser.name}`
}

/**
 * The graph of a step.
 * @throws InputError when the objective does not depend on the picture in a differentiable way, when an operator has
 *   no gradient, or when the optimiser needs pixels and the parametrisation is another.
 */
export function synthesisStepGraph(model: SynthesisModel, step: Step): Graph {
  const { goal, parametrisation, transforms, optimiser } = step
  if (optimiser.needsPicture && !parametrisation.isPicture) {
    throw new InputError(
      `${optimiser.name} keeps pictures in a ball of pixels and cannot move ${parametrisation.name}: use Adam`,
    )
  }
  const size = model.preprocessing.size
  const variableShape = ['n', ...parametrisation.shape(size)]
  const { graph, picture } = withFront(model.graph, size, parametrisation, transforms)
  const withGoal = withObjective(graph, model, goal, picture)
  let differentiated: Graph
  try {
    differentiated = gradient(foldBatchNorm(withGoal), GOAL, [VARIABLE])
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(`${model.name} cannot be followed towards ${goal.name}: ${error.message}`, {
      cause: error,
    })
  }
  const builder = new GraphBuilder(differentiated)
  const input = (name: string, shape: readonly (number | string)[]) => builder.input(name, 'float32', shape)
  const move: Move = {
    builder,
    variable: VARIABLE,
    gradient: gradientName(GOAL, VARIABLE),
    start: () => input(START, variableShape),
    memory: name => input(memoryName(name), variableShape),
    scalar: name => input(scalarName(name), []),
  }
  const { next, memory } = optimiser.append(move)
  const kept =
    parametrisation.isPicture && !optimiser.needsPicture
      ? builder.op('Clip', [next, builder.scalar(0), builder.scalar(1)])
      : next
  builder.output(kept, 'float32', variableShape, NEXT)
  builder.output(picture, 'float32', ['n', 3, ...size], PICTURE)
  for (const [name, value] of Object.entries(memory))
    builder.output(value, 'float32', variableShape, nextMemoryName(name))
  return prune(builder.build(), [NEXT, GOAL, PICTURE, ...Object.keys(memory).map(nextMemoryName)])
}

/** `network` reading, in place of its images, the moved picture of {@link VARIABLE}. */
function withFront(
  network: Graph,
  size: Size,
  parametrisation: Parametrisation,
  transforms: Transforms,
): { graph: Graph; picture: string } {
  const inputs = network.inputs.filter(input => input.name !== IMAGES)
  const builder = new GraphBuilder({ ...network, inputs, outputs: [] })
  const variable = builder.input(VARIABLE, 'float32', ['n', ...parametrisation.shape(size)])
  const picture = parametrisation.append(builder, variable, size)
  const seen = appendTransforms(builder, picture, transforms, size)
  const whole = builder.build()
  const count = network.nodes.length
  const body = whole.nodes.slice(0, count).map(node => ({
    ...node,
    inputs: node.inputs.map(input => (input === IMAGES ? seen : input)),
  }))
  return { graph: { ...whole, nodes: [...whole.nodes.slice(count), ...body] }, picture }
}

function withObjective(graph: Graph, model: SynthesisModel, goal: Objective, picture: string): Graph {
  const types = inferShapes(graph)
  const builder = new GraphBuilder(graph)
  const fed = new Set<string>()
  const value = goal.append({
    builder,
    picture,
    logits: LOGITS,
    layer(name) {
      const layer = layerOf(model.layers, name)
      const shape = types.get(layer.value)?.shape
      if (shape === undefined) throw new InputError(`the shape of layer ${name} is not known`)
      const writer = graph.nodes.find(node => node.outputs.includes(layer.value))
      return {
        value: layer.value,
        shape,
        beforeRelu: writer?.opType === 'Relu' ? writer.inputs[0] : undefined,
      }
    },
    feed(name) {
      const shape = feedShape(goal.feeds[name], name)
      if (!fed.has(name)) builder.input(feedName(name), 'float32', shape)
      fed.add(name)
      return feedName(name)
    },
  })
  builder.output(value, 'float32', ['n'], GOAL)
  return builder.build()
}

function feedShape(tensor: FloatTensor | undefined, name: string): (number | string)[] {
  if (tensor === undefined) throw new Error(`the objective does not feed ${name}`)
  return ['n', ...tensor.shape.slice(1)]
}
