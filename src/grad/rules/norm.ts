// Gradients of normalisations.

import { floatOf, intOf } from '../../onnx/attributes.ts'
import { countLike, reshapeLike, scalarLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'

/** y = (x - mean) scale / sqrt(var + epsilon) + bias, per channel. */
const batchNormalization: Rule = context => {
  const training = intOf(context.node, 'training_mode', 0) === 1
  return training ? trainingGradient(context) : inferenceGradient(context)
}

/** Helpers on `[c]` and `[n, c, ...]` values of one batch normalisation. */
function perChannel(context: RuleContext) {
  const { builder, node } = context
  const [input = ''] = node.inputs
  const rank = context.shape(input).length
  const others = Array.from({ length: rank }, (_, i) => i).filter(axis => axis !== 1)
  const spatial = builder.ints(Array.from({ length: rank - 2 }, (_, i) => 1 + i))
  return {
    others,
    /** `[c]` -> `[c, 1, ...]`, which broadcasts over images and positions. */
    wide: (vector: string) => (rank === 2 ? vector : builder.op('Unsqueeze', [vector, spatial])),
    /** `[n, c, ...]` -> `[c]` */
    sum: (value: string) => builder.op('ReduceSum', [value, builder.ints(others)], { keepdims: 0 }),
    mean: (value: string) => builder.op('ReduceMean', [value, builder.ints(others)], { keepdims: 0 }),
    /** 1 / sqrt(variance + epsilon) */
    inverseDeviation: (variance: string) => {
      const epsilon = scalarLike(context, floatOf(node, 'epsilon', 1e-5), input)
      return builder.op('Reciprocal', [builder.op('Sqrt', [builder.op('Add', [variance, epsilon])])])
    },
  }
}

function inferenceGradient(context: RuleContext): (string | undefined)[] {
  const { builder, node, needs } = context
  const [input = '', scale = '', , mean = '', variance = ''] = node.inputs
  const { wide, sum, inverseDeviation } = perChannel(context)
  const gradient = firstGradient(context)
  const inverse = inverseDeviation(variance)
  const slope = builder.op('Mul', [scale, inverse])
  const total = needs[2] || needs[3] ? sum(gradient) : undefined
  const centred = () => builder.op('Sub', [input, wide(mean)])
  const product = needs[1] || needs[4] ? sum(builder.op('Mul', [gradient, centred()])) : undefined
  return [
    needs[0] ? builder.op('Mul', [gradient, wide(slope)]) : undefined,
    needs[1] ? builder.op('Mul', [product, inverse]) : undefined,
    needs[2] ? total : undefined,
    needs[3] ? builder.op('Neg', [builder.op('Mul', [total, slope])]) : undefined,
    needs[4] ? varianceGradient(context, product!, slope, inverse) : undefined,
  ]
}

/** -1/2 slope / (var + epsilon) * sum of gradient (x - mean) */
function varianceGradient(context: RuleContext, product: string, slope: string, inverse: string): string {
  const { builder, node } = context
  const squared = builder.op('Mul', [inverse, inverse])
  const factor = builder.op('Mul', [
    slope,
    builder.op('Mul', [squared, scalarLike(context, -0.5, node.inputs[0]!)]),
  ])
  return builder.op('Mul', [product, factor])
}

/**
 * Mean and variance are the batch's own. With m elements per channel, c = x - mean and s = scale / deviation:
 * dx = s (dy - sum(dy)/m - c sum(dy c) / (m deviation^2)) (Ioffe & Szegedy 2015, section 3).
 * Gradients through the running statistics are none: nobody differentiates them.
 */
function trainingGradient(context: RuleContext): (string | undefined)[] {
  const { builder, node, needs } = context
  const [input = '', scale = ''] = node.inputs
  const { others, wide, sum, mean, inverseDeviation } = perChannel(context)
  const gradient = firstGradient(context)
  const total = sum(gradient)
  if (!needs[0] && !needs[1]) return [undefined, undefined, total]
  const centred = builder.op('Sub', [input, wide(mean(input))])
  const inverse = inverseDeviation(mean(builder.op('Mul', [centred, centred])))
  const product = sum(builder.op('Mul', [gradient, centred]))
  const scaleGradient = builder.op('Mul', [product, inverse])
  const result = [undefined, needs[1] ? scaleGradient : undefined, needs[2] ? total : undefined]
  if (!needs[0]) return result
  const count = countLike(context, input, others)
  const slope = builder.op('Mul', [scale, inverse])
  const share = (value: string) => builder.op('Div', [value, count])
  const tilt = share(builder.op('Mul', [scaleGradient, inverse]))
  const shifted = builder.op('Sub', [gradient, wide(share(total))])
  const straight = builder.op('Sub', [shifted, builder.op('Mul', [centred, wide(tilt)])])
  return [builder.op('Mul', [straight, wide(slope)]), ...result.slice(1)]
}

/**
 * y = x D^-beta with D = bias + alpha/size * sum of x^2 over `size` neighbouring channels
 * (Krizhevsky et al. 2012, section 3.3): dx = dy D^-beta - 2 alpha beta x A(dy x D^(-beta - 1)), where A averages
 * over the channels whose window holds this one.
 */
const lrn: Rule = context => {
  const { builder, node } = context
  const [input = ''] = node.inputs
  const size = intOf(node, 'size', 1)
  const alpha = floatOf(node, 'alpha', 0.0001)
  const beta = floatOf(node, 'beta', 0.75)
  const before = Math.floor((size - 1) / 2)
  const after = Math.ceil((size - 1) / 2)
  const gradient = firstGradient(context)
  const average = (value: string, begin: number, end: number) => {
    const planes = builder.op('Reshape', [value, builder.ints([0, 0, -1])])
    const pooled = builder.op('AveragePool', [builder.op('Unsqueeze', [planes, builder.ints([1])])], {
      kernel_shape: [size, 1],
      pads: [begin, 0, end, 0],
      count_include_pad: 1,
    })
    return reshapeLike(context, pooled, input)
  }
  const scalar = (value: number) => scalarLike(context, value, input)
  const energy = average(builder.op('Mul', [input, input]), before, after)
  const bias = scalar(floatOf(node, 'bias', 1))
  const denominator = builder.op('Add', [builder.op('Mul', [energy, scalar(alpha)]), bias])
  const direct = builder.op('Mul', [gradient, builder.op('Pow', [denominator, scalar(-beta)])])
  const weighted = builder.op('Div', [builder.op('Mul', [direct, input]), denominator])
  const spread = builder.op('Mul', [average(weighted, after, before), scalar(2 * alpha * beta)])
  return [builder.op('Sub', [direct, builder.op('Mul', [input, spread])])]
}

export const norm: RuleTable = { BatchNormalization: batchNormalization, LRN: lrn }
