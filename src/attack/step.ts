// One step of an attack as a graph: classifier, cross-entropy, gradient, direction, step, projection, clip.
// Nothing but the images crosses into JavaScript. Training uses the same graph, with the weights of the moment.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { int64 } from '../tensor/tensor.ts'
import { imagesShape } from './computed-images.ts'
import { type UntargetedLoss, withAttackLoss } from './loss.ts'
import { LOSS_GRADIENT, withLossGradient } from './loss-gradient.ts'
import { type Norm, projected } from './norm.ts'

/** Input `[n, 3, h, w]`: the images the ball is around. */
export const ORIGINALS = 'attack.originals'
/** Input, scalar: radius of the ball. */
export const EPSILON = 'attack.epsilon'
/** Input, scalar: length of the step in the ball's norm; negative to go down the loss (targeted attacks). */
export const STEP_SIZE = 'attack.step_size'
/** Output `[n, 3, h, w]`: the images one step on, inside the ball and inside [0, 1]. */
export const NEXT = 'attack.next'

/** Input, with momentum: the share of it that is kept. */
export const DECAY = 'attack.decay'
/** Input and output `[n, 3, h, w]`, with momentum: the gradients so far, each over its mean absolute value. */
export const MOMENTUM = 'attack.momentum'
export const NEXT_MOMENTUM = 'attack.next_momentum'

export { LABELS, LOSS }

export interface StepOptions {
  /** Default `cross-entropy`. */
  readonly loss?: UntargetedLoss
  /** Follow the gradients of all steps so far (Dong et al. 2018, equation 6); default false. */
  readonly momentum?: boolean
}

/**
 * The step of projected gradient ascent on a loss (Madry et al. 2018, section 2.1):
 * `next = clip(originals + project(images + step * direction(gradient) - originals), 0, 1)`.
 *
 * @param classifier a graph from {@link IMAGES} `[n, 3, h, w]` to {@link LOGITS} `[n, classes]`; its other
 *   inputs, such as weights in training, stay inputs.
 * @returns a graph with the further inputs {@link ORIGINALS}, {@link LABELS} (int64 `[n]`), {@link EPSILON}
 *   and {@link STEP_SIZE}, and the outputs {@link NEXT}, {@link LOSS} and {@link LOGITS}, both `[n, ...]` and
 *   of the images before the step.
 * @throws InputError when the graph has no such input or output or an operator has no gradient.
 */
export function attackStepGraph(
  classifier: Graph,
  norm: Norm,
  { loss = 'cross-entropy', momentum = false }: StepOptions = {},
): Graph {
  const shape = imagesShape(classifier)
  const builder = new GraphBuilder(withLossGradient(withAttackLoss(classifier, loss)))
  const originals = builder.input(ORIGINALS, 'float32', shape)
  const epsilon = builder.input(EPSILON, 'float32', [])
  const stepSize = builder.input(STEP_SIZE, 'float32', [])

  let slope = LOSS_GRADIENT
  if (momentum) {
    const size = builder.op('ReduceMean', [builder.op('Abs', [slope]), builder.ints([1, 2, 3])])
    const unit = builder.op('Div', [slope, builder.op('Max', [size, builder.scalar(1e-12)])])
    const kept = builder.op('Mul', [
      builder.input(MOMENTUM, 'float32', shape),
      builder.input(DECAY, 'float32', []),
    ])
    slope = builder.output(builder.op('Add', [kept, unit]), 'float32', shape, NEXT_MOMENTUM)
  }
  const next = appendAscent(builder, norm, { images: IMAGES, gradient: slope, originals, epsilon, stepSize })
  builder.output(next, 'float32', shape, NEXT)
  return prune(builder.build(), [NEXT, LOSS, LOGITS, ...(momentum ? [NEXT_MOMENTUM] : [])])
}

/** The values a step is made of, by name. */
export interface Ascent {
  readonly images: string
  readonly gradient: string
  /** The images the ball is around. */
  readonly originals: string
  /** Scalars. */
  readonly epsilon: string
  readonly stepSize: string
}

/** Appends the images one step up the gradient (down, for a negative step), inside the ball and inside [0, 1]. */
export function appendAscent(builder: GraphBuilder, norm: Norm, ascent: Ascent): string {
  const { images, gradient, originals, epsilon, stepSize } = ascent
  const direction = norm.direction(builder, gradient)
  const moved = builder.op('Add', [images, builder.op('Mul', [direction, stepSize])])
  return projected(builder, norm, { images: moved, originals, epsilon })
}

/** Class indices in the type that {@link LABELS} wants. */
export function labelTensor(labels: Int32Array) {
  return int64([labels.length], BigInt64Array.from(labels, BigInt))
}
