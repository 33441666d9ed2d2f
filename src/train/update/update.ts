// One training step as a graph: loss, gradients, clipping, optimiser, running means. Images and weights go in, the
// next weights come out.

import { LOGITS } from '../../classifier/classifier.ts'
import { LOSS } from '../../grad/loss.ts'
import { gradient, gradientName } from '../../grad/reverse.ts'
import { GraphBuilder } from '../../onnx/builder.ts'
import { prune } from '../../onnx/edit.ts'
import type { Graph } from '../../onnx/graph.ts'
import { shapesActivation } from '../../zoo/activation.ts'
import { type LossGraph, withGradientPenalty } from '../loss.ts'
import type { Recipe } from '../recipe.ts'
import { nextName } from '../training-form.ts'
import { adamw } from './adamw.ts'
import { appendAverage, averageName, KEEP, keepAt } from './ema.ts'
import type { Optimiser } from './optimiser.ts'
import { sgd } from './sgd.ts'
import { behind, GAMMA, onShifted, perturbation, perturbedParameters } from './weight-perturbation.ts'

/** Input, scalar. */
const LEARNING_RATE = 'sgd.learning_rate'

/** A tensor that lives on from step to step beside the weights, under the name of its input. */
export interface Slot {
  readonly name: string
  /** The weight whose shape it has. */
  readonly of: string
  /** What it is before the first step: 0, or that weight. */
  readonly start: 'zero' | 'weight'
}

export interface UpdateOptions {
  readonly recipe: Recipe
  /** What is moved. */
  readonly parameters: readonly string[]
  /** The weights of the network itself: parameters and running statistics, whose means are kept. */
  readonly averaged: readonly string[]
}

function optimiserOf(recipe: Recipe): Optimiser {
  const { optimiser } = recipe
  return optimiser?.kind === 'adamw' ? adamw(optimiser) : sgd(recipe)
}

/** The tensors of the optimiser, then the running means. */
export function slotsOf({ recipe, parameters, averaged }: UpdateOptions): Slot[] {
  const optimiser = optimiserOf(recipe)
  const moving = parameters.flatMap(of =>
    optimiser.slots(of).map((name): Slot => ({ name, of, start: 'zero' })),
  )
  if (recipe.ema === undefined) return moving
  return [...moving, ...averaged.map((of): Slot => ({ name: averageName(of), of, start: 'weight' }))]
}

/**
 * The scalar inputs of the graph at a step.
 * @param step counted from 1
 * @param done share of all steps already taken
 */
export function scalarsAt(
  recipe: Recipe,
  { step, done, learningRate }: { step: number; done: number; learningRate: number },
): Record<string, number> {
  const { ema, weightPerturbation } = recipe
  return {
    [LEARNING_RATE]: learningRate,
    ...optimiserOf(recipe).scalars(step),
    ...(ema !== undefined && { [KEEP]: keepAt(step, ema) }),
    ...(weightPerturbation && { [GAMMA]: done < weightPerturbation.from ? 0 : weightPerturbation.gamma }),
  }
}

/**
 * @param loss with the parameters as inputs
 * @returns a graph with the further inputs of {@link scalarsAt} and one per slot, whose outputs are the next
 *   parameters, slots and running statistics by `nextName`, the loss per image and the logits.
 */
export function updateGraph(loss: LossGraph, options: UpdateOptions): Graph {
  const { recipe } = options
  const whole = recipe.gradientPenalty ? withGradientPenalty(loss, recipe.gradientPenalty) : loss
  if (recipe.weightPerturbation === undefined) return kept(stepGraph(whole, options))
  const moved = perturbation(whole, perturbedParameters(whole.graph, options.parameters))
  return kept(behind(moved, stepGraph(onShifted(whole, moved), options, moved)))
}

interface Moved {
  readonly shifted: ReadonlyMap<string, string>
  readonly shifts: ReadonlyMap<string, string>
}

const unmoved: Moved = { shifted: new Map(), shifts: new Map() }

function stepGraph(
  { graph, mean }: LossGraph,
  { recipe, parameters, averaged }: UpdateOptions,
  { shifted, shifts }: Moved = unmoved,
): Graph {
  const standsFor = (parameter: string) => shifted.get(parameter) ?? parameter
  const builder = new GraphBuilder(gradient(graph, mean, parameters.map(standsFor)))
  const rate = builder.input(LEARNING_RATE, 'float32', [])
  let gradients = parameters.map(parameter => gradientName(mean, standsFor(parameter)))
  if (recipe.clipGradient !== null) gradients = clipped(builder, gradients, recipe.clipGradient)
  const optimiser = optimiserOf(recipe)
  for (const name of Object.keys(optimiser.scalars(1))) builder.input(name, 'float32', [])
  const shapes = new Map(graph.inputs.map(({ name, shape }) => [name, shape ?? []]))
  for (const [i, parameter] of parameters.entries()) {
    const shape = shapes.get(standsFor(parameter))!
    const stepped = optimiser.append({
      builder,
      parameter,
      value: standsFor(parameter),
      shape,
      gradient: gradients[i]!,
      rate,
      weightDecay: shapesActivation(parameter) ? 0 : recipe.weightDecay,
    })
    const shift = shifts.get(parameter)
    const next =
      shift === undefined ? stepped : builder.op('Sub', [stepped, builder.input(shift, 'float32', shape)])
    builder.output(next, 'float32', shape, nextName(parameter))
  }
  if (recipe.ema !== undefined) {
    const keep = builder.input(KEEP, 'float32', [])
    for (const weight of averaged)
      appendAverage(builder, weight, nextName(weight), shapes.get(standsFor(weight))!, keep)
  }
  return builder.build()
}

/**
 * Without the outputs that nobody asks for. Running statistics stay, also those of a first pass: ONNX Runtime
 * writes what is no output over the memory of the inputs, which belongs to the caller.
 */
function kept(graph: Graph): Graph {
  const names = graph.outputs.map(output => output.name)
  return prune(graph, [...names.filter(name => /(^|\/)next\./.test(name)), LOSS, LOGITS])
}

/** Scales all gradients by one factor so that together they are at most `longest` long (torch's clip_grad_norm_). */
function clipped(builder: GraphBuilder, gradients: readonly string[], longest: number): string[] {
  const squares = gradients.map(g => builder.op('ReduceSumSquare', [g], { keepdims: 0 }))
  const length = builder.op('Sqrt', [builder.op('Sum', squares)])
  const room = builder.op('Div', [builder.scalar(longest), builder.op('Add', [length, builder.scalar(1e-6)])])
  const factor = builder.op('Min', [room, builder.scalar(1)])
  return gradients.map(g => builder.op('Mul', [g, factor]))
}
