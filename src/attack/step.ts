// One step of an attack as a graph: classifier, cross-entropy, gradient, direction, step, projection, clip.
// Nothing but the images crosses into JavaScript. Training uses the same graph, with the weights of the moment.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { LABELS, LOSS, withCrossEntropy } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { int64 } from '../tensor/tensor.ts'
import type { Norm } from './norm.ts'

/** Input `[n, 3, h, w]`: the images the ball is around. */
export const ORIGINALS = 'attack.originals'
/** Input, scalar: radius of the ball. */
export const EPSILON = 'attack.epsilon'
/** Input, scalar: length of the step in the ball's norm; negative to go down the loss (targeted attacks). */
export const STEP_SIZE = 'attack.step_size'
/** Output `[n, 3, h, w]`: the images one step on, inside the ball and inside [0, 1]. */
export const NEXT = 'attack.next'

export { LABELS, LOSS }

/**
 * The step of projected gradient ascent on the cross-entropy (Madry et al. 2018, section 2.1):
 * `next = clip(originals + project(images + step * direction(gradient) - originals), 0, 1)`.
 *
 * @param classifier a graph from {@link IMAGES} `[n, 3, h, w]` to {@link LOGITS} `[n, classes]`; its other
 *   inputs, such as weights in training, stay inputs.
 * @returns a graph with the further inputs {@link ORIGINALS}, {@link LABELS} (int64 `[n]`), {@link EPSILON}
 *   and {@link STEP_SIZE}, and the outputs {@link NEXT}, {@link LOSS} and {@link LOGITS}, both `[n, ...]` and
 *   of the images before the step.
 * @throws InputError when the graph has no such input or output or an operator has no gradient.
 */
export function attackStepGraph(classifier: Graph, norm: Norm): Graph {
  const images = classifier.inputs.find(input => input.name === IMAGES)
  if (images?.shape === undefined) {
    throw new InputError(`an attack needs a graph with an input ${IMAGES} of known shape`)
  }
  const differentiated = gradient(withCrossEntropy(classifier, LOGITS), LOSS, [IMAGES])
  const builder = new GraphBuilder(differentiated)
  const originals = builder.input(ORIGINALS, 'float32', images.shape)
  const epsilon = builder.input(EPSILON, 'float32', [])
  const stepSize = builder.input(STEP_SIZE, 'float32', [])

  const next = appendAscent(builder, norm, {
    images: IMAGES,
    gradient: gradientName(LOSS, IMAGES),
    originals,
    epsilon,
    stepSize,
  })
  builder.output(next, 'float32', images.shape, NEXT)
  return prune(builder.build(), [NEXT, LOSS, LOGITS])
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
  const perturbation = norm.project(builder, builder.op('Sub', [moved, originals]), epsilon)
  const inside = builder.op('Add', [originals, perturbation])
  return builder.op('Clip', [inside, builder.scalar(0), builder.scalar(1)])
}

/** Class indices in the type that {@link LABELS} wants. */
export function labelTensor(labels: Int32Array) {
  return int64([labels.length], BigInt64Array.from(labels, BigInt))
}
