// One iteration of Auto-PGD as a graph: a step with momentum from where each image stands, then the network's
// answer there. Every image has its own step size; only images and gradients cross into JavaScript.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { LOSS } from '../grad/loss.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { withComputedImages } from './computed-images.ts'
import { type AttackLoss, withAttackLoss } from './loss.ts'
import { LOSS_GRADIENT, withLossGradient } from './loss-gradient.ts'
import { type Norm, projected } from './norm.ts'
import { EPSILON, ORIGINALS } from './step.ts'

/** Inputs `[n, 3, h, w]`: where each image stands, where it stood before, the gradient there. */
export const POINT = 'attack.point'
export const PREVIOUS = 'attack.previous'
export const GRADIENT = 'attack.gradient'
/** Input `[n, 1, 1, 1]`: length of the step of each image in the ball's norm. */
export const STEP_SIZES = 'attack.step_sizes'
/** Input, scalar: share of the plain step in the step with momentum; the rest goes on as before. */
export const SHARE = 'attack.share'

/**
 * Croce & Hein 2020, algorithm 1, lines 7 and 8:
 * `z = P(point + step * direction(gradient))`, `next = P(point + share (z - point) + (1 - share)(point - previous))`,
 * where P projects onto the ball around the original and then onto [0, 1].
 * @returns a graph with the outputs {@link IMAGES} (next), LOSS, LOSS_GRADIENT and LOGITS there.
 */
export function apgdStepGraph(classifier: Graph, norm: Norm, loss: AttackLoss): Graph {
  const stepping = withComputedImages(classifier, (builder, shape) => {
    const input = (name: string) => builder.input(name, 'float32', shape)
    const [point, previous] = [input(POINT), input(PREVIOUS)]
    const [slope, originals] = [input(GRADIENT), input(ORIGINALS)]
    const steps = builder.input(STEP_SIZES, 'float32', [shape[0]!, 1, 1, 1])
    const share = builder.input(SHARE, 'float32', [])
    const epsilon = builder.input(EPSILON, 'float32', [])
    const inside = (value: string) => projected(builder, norm, { images: value, originals, epsilon })
    const add = (a: string, b: string) => builder.op('Add', [a, b])
    const sub = (a: string, b: string) => builder.op('Sub', [a, b])
    const mul = (a: string, b: string) => builder.op('Mul', [a, b])

    const plain = inside(add(point, mul(norm.direction(builder, slope), steps)))
    const rest = sub(builder.scalar(1), share)
    const moved = add(mul(sub(plain, point), share), mul(sub(point, previous), rest))
    return inside(add(point, moved))
  })
  return prune(withLossGradient(withAttackLoss(stepping, loss)), [IMAGES, LOSS, LOSS_GRADIENT, LOGITS])
}
