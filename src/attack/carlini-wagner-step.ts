// One iteration of Carlini and Wagner's attack as a graph: from the variable to the image, the network's answer,
// the objective, its gradient and a step of Adam.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { LOSS } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune } from '../onnx/edit.ts'
import { foldBatchNorm } from '../onnx/fold-batch-norm.ts'
import type { Graph } from '../onnx/graph.ts'
import { imagesShape, withComputedImages } from './computed-images.ts'
import { withAttackLoss } from './loss.ts'
import { ORIGINALS } from './step.ts'

/** Input and output `[n, 3, h, w]`: the variable, whose tanh is the image; Adam's two moments of its gradient. */
export const VARIABLE = 'attack.variable'
export const MOMENTS = ['attack.first_moment', 'attack.second_moment'] as const
/** Input `[n, 1, 1, 1]`: weight of the margin against the squared distance. */
export const WEIGHTS = 'attack.weights'
/** Input, scalar: logits by which the image must be misclassified. */
export const CONFIDENCE = 'attack.confidence'
/** Inputs, scalars: step size over 1 - b1^t, and 1 - b2^t. */
export const ADAM_STEP = 'attack.adam_step'
export const ADAM_CORRECTION = 'attack.adam_correction'
/** Output `[n]`: squared distance + weight * max(0, confidence - margin), before the step. */
export const OBJECTIVE = 'attack.objective'

/** Names of the outputs that are the next inputs. */
export const nextOf = (name: string) => `${name}.next`

const [BETA1, BETA2, TINY] = [0.9, 0.999, 1e-8]

/**
 * Carlini & Wagner 2017, section V-D, with the margin f_6; Adam as Kingma & Ba 2015.
 * {@link ORIGINALS} are the images that the variable began as: distance is measured from those.
 */
export function carliniWagnerStepGraph(classifier: Graph): Graph {
  const shape = imagesShape(classifier)
  const images = withComputedImages(classifier, builder => {
    const variable = builder.input(VARIABLE, 'float32', shape)
    const half = builder.scalar(0.5)
    return builder.op('Add', [builder.op('Mul', [builder.op('Tanh', [variable]), half]), half])
  })
  const builder = new GraphBuilder(withAttackLoss(images, 'margin'))
  const weights = builder.input(WEIGHTS, 'float32', [shape[0]!, 1, 1, 1])
  const confidence = builder.input(CONFIDENCE, 'float32', [])
  const originals = builder.input(ORIGINALS, 'float32', shape)
  const change = builder.op('Sub', [IMAGES, originals])
  const square = builder.op('ReduceSumSquare', [change, builder.ints([1, 2, 3])], { keepdims: 0 })
  const short = builder.op('Relu', [builder.op('Sub', [confidence, LOSS])])
  const flat = builder.op('Reshape', [weights, builder.ints([-1])])
  const objective = builder.op('Add', [square, builder.op('Mul', [short, flat])])
  builder.output(objective, 'float32', [shape[0]!], OBJECTIVE)

  const step = new GraphBuilder(gradient(foldBatchNorm(builder.build()), OBJECTIVE, [VARIABLE]))
  const slope = gradientName(OBJECTIVE, VARIABLE)
  const mixed = (moment: string, value: string, beta: number) => {
    const old = step.op('Mul', [step.input(moment, 'float32', shape), step.scalar(beta)])
    const next = step.op('Add', [old, step.op('Mul', [value, step.scalar(1 - beta)])])
    step.output(next, 'float32', shape, nextOf(moment))
    return next
  }
  const first = mixed(MOMENTS[0], slope, BETA1)
  const second = mixed(MOMENTS[1], step.op('Mul', [slope, slope]), BETA2)
  const corrected = step.op('Div', [second, step.input(ADAM_CORRECTION, 'float32', [])])
  const length = step.op('Add', [step.op('Sqrt', [corrected]), step.scalar(TINY)])
  const scaled = step.op('Mul', [step.op('Div', [first, length]), step.input(ADAM_STEP, 'float32', [])])
  step.output(step.op('Sub', [VARIABLE, scaled]), 'float32', shape, nextOf(VARIABLE))
  return prune(step.build(), [IMAGES, LOGITS, OBJECTIVE, ...[VARIABLE, ...MOMENTS].map(nextOf)])
}

/** Scalars of Adam at step `t`, counted from 1. */
export function adamScalars(t: number, stepSize: number): { step: number; correction: number } {
  return { step: stepSize / (1 - BETA1 ** t), correction: 1 - BETA2 ** t }
}
