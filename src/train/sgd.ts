// Stochastic gradient descent as the tail of a graph: loss, gradients, clipping, weight decay, momentum, new
// weights. The formulas are those of torch.optim.SGD and torch.nn.utils.clip_grad_norm_.

import { LOGITS } from '../classifier/classifier.ts'
import { LOSS, withCrossEntropy } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Recipe } from './recipe.ts'
import { nextName } from './training-form.ts'

/** Input, scalar. */
export const LEARNING_RATE = 'sgd.learning_rate'

/** Name of the input that holds a parameter's velocity; `nextName` of it is the output. */
export function velocityName(parameter: string): string {
  return `sgd.velocity.${parameter}`
}

export type SgdOptions = Pick<Recipe, 'momentum' | 'nesterov' | 'weightDecay' | 'clipGradient'>

/**
 * One step of SGD on the mean cross-entropy of a batch.
 * @param graph a network with `parameters` as inputs, in training form
 * @returns a graph with the further inputs `labels` (int64 `[n]`), {@link LEARNING_RATE} and a velocity per
 *   parameter, whose outputs are the next parameters, velocities and running statistics, the loss per image
 *   and the logits.
 */
export function sgdStepGraph(graph: Graph, parameters: readonly string[], options: SgdOptions): Graph {
  const start = new GraphBuilder(withCrossEntropy(graph, LOGITS))
  const mean = start.output(
    start.op('ReduceMean', [LOSS], { keepdims: 0 }, { name: 'mean_loss' }),
    'float32',
    [],
  )
  const builder = new GraphBuilder(gradient(start.build(), mean, parameters))

  const rate = builder.input(LEARNING_RATE, 'float32', [])
  let gradients = parameters.map(parameter => gradientName(mean, parameter))
  if (options.clipGradient !== null) gradients = clipped(builder, gradients, options.clipGradient)
  for (const [i, parameter] of parameters.entries()) {
    const { shape } = graph.inputs.find(input => input.name === parameter)!
    const velocity = builder.input(velocityName(parameter), 'float32', shape ?? [])
    const scaled = (value: string, factor: number) => builder.op('Mul', [value, builder.scalar(factor)])
    const decayed =
      options.weightDecay === 0
        ? gradients[i]!
        : builder.op('Add', [gradients[i]!, scaled(parameter, options.weightDecay)])
    const speed = builder.op('Add', [scaled(velocity, options.momentum), decayed])
    const step = options.nesterov ? builder.op('Add', [decayed, scaled(speed, options.momentum)]) : speed
    const next = builder.op('Sub', [parameter, builder.op('Mul', [step, rate])])
    builder.output(speed, 'float32', shape, nextName(velocity))
    builder.output(next, 'float32', shape, nextName(parameter))
  }
  const built = builder.build()
  const wanted = built.outputs.map(output => output.name).filter(name => name.startsWith(nextName('')))
  return prune(built, [...wanted, LOSS, LOGITS])
}

/** Scales all gradients by one factor so that together they are at most `longest` long. */
function clipped(builder: GraphBuilder, gradients: readonly string[], longest: number): string[] {
  const squares = gradients.map(g => builder.op('ReduceSumSquare', [g], { keepdims: 0 }))
  const length = builder.op('Sqrt', [builder.op('Sum', squares)])
  const room = builder.op('Div', [builder.scalar(longest), builder.op('Add', [length, builder.scalar(1e-6)])])
  const factor = builder.op('Min', [room, builder.scalar(1)])
  return gradients.map(g => builder.op('Mul', [g, factor]))
}
