// What a training step goes down: a network in training form with a loss on top, as a graph.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { LOSS, withCrossEntropy } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'
import type { DropoutMask, TrainingForm } from './training-form.ts'

export interface LossGraph {
  /**
   * Takes images, labels and weights; gives {@link LOSS} and {@link LOGITS} per image, which the log is made
   * of, and the next running statistics.
   */
  readonly graph: Graph
  /** The scalar that is gone down: the mean over the batch of all that the scheme counts. */
  readonly mean: string
  readonly masks: readonly DropoutMask[]
}

/** Mean cross-entropy of a batch. @param smoothing share of the label's probability that all classes get */
export function crossEntropyLoss({ graph, masks }: TrainingForm, smoothing = 0): LossGraph {
  const builder = new GraphBuilder(withCrossEntropy(graph, LOGITS))
  const mean = meanLoss(builder, LOGITS, LOSS, smoothing, 'mean_loss')
  builder.output(mean, 'float32', [])
  return { graph: builder.build(), mean, masks }
}

/**
 * Appends the mean over images of (1 - s) loss + s (mean over classes of -log softmax(logits)), as
 * torch.nn.CrossEntropyLoss has it, and returns the scalar.
 */
export function meanLoss(
  builder: GraphBuilder,
  logits: string,
  losses: string,
  smoothing: number,
  name = 'mean',
): string {
  const mean = (value: string, options: { name?: string } = {}) =>
    builder.op('ReduceMean', [value], { keepdims: 0 }, options)
  if (smoothing === 0) return mean(losses, { name })
  const sharp = builder.op('Mul', [mean(losses), builder.scalar(1 - smoothing)])
  const logProbabilities = builder.op('LogSoftmax', [logits], { axis: 1 })
  const flat = builder.op('Mul', [mean(logProbabilities), builder.scalar(smoothing)])
  return builder.op('Sub', [sharp, flat], {}, { name })
}

/**
 * With `factor` times the mean over images of the squared length of d(cross-entropy)/d(image) added (Ross &
 * Doshi-Velez 2018, equation 7). A step then needs the gradient of a gradient: the engine's graphs are graphs,
 * so it is taken by differentiating once more ("double backward"), exactly.
 */
export function withGradientPenalty(loss: LossGraph, factor: number): LossGraph {
  const graph = gradient(loss.graph, LOSS, [IMAGES])
  const builder = new GraphBuilder({ ...graph, outputs: loss.graph.outputs })
  const slope = gradientName(LOSS, IMAGES)
  const axes = (inferShapes(graph).get(IMAGES)?.shape ?? []).map((_, axis) => axis).slice(1)
  const squares = builder.op('ReduceSumSquare', [slope, builder.ints(axes)], { keepdims: 0 })
  const penalty = builder.op('ReduceMean', [squares], { keepdims: 0 })
  const scaled = builder.op('Mul', [penalty, builder.scalar(factor)])
  const mean = builder.op('Add', [loss.mean, scaled], {}, { name: 'penalised_loss' })
  builder.output(mean, 'float32', [])
  return { ...loss, graph: builder.build(), mean }
}
