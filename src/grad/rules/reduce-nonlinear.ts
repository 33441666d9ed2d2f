// Gradients of reductions that are not linear: extrema, norms, products, logarithms of sums.

import { scalarLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { reducedAxes, withReducedAxes } from './reduce.ts'

/** A reduction over the same axes as the node's, with these axes kept as length 1. */
function reducedLike(context: RuleContext, opType: string, value: string): string {
  const { builder, node } = context
  const axes = reducedAxes(context)
  // Over no axes ORT still takes magnitudes, squares and logarithms, element by element.
  if (axes?.length === 0) return value
  const input = axes === undefined ? node.inputs[1]! : builder.ints(axes)
  return builder.op(opType, [value, input], { keepdims: 1 })
}

/** The rule of a reduction: `slope` writes dy/dx from x and y, y with the reduced axes as length 1. */
const slopeRule =
  (slope: (context: RuleContext, x: string, y: string) => string): Rule =>
  context => {
    const { builder, node } = context
    const y = withReducedAxes(context, node.outputs[0]!)
    const gradient = withReducedAxes(context, firstGradient(context))
    return [builder.op('Mul', [gradient, slope(context, node.inputs[0]!, y)])]
  }

/** In equal parts to all elements that have the extreme value. */
const extreme = slopeRule((context, x, y) => {
  const { builder } = context
  const mask = builder.op('CastLike', [builder.op('Equal', [x, y]), x])
  return builder.op('Div', [mask, reducedLike(context, 'ReduceSum', mask)])
})

const sumOfMagnitudes = slopeRule(({ builder }, x) => builder.op('Sign', [x]))

/** x / y, and 0 for the zero vector. */
const euclidean = slopeRule((context, x, y) => {
  const { builder } = context
  const zero = scalarLike(context, 0, x)
  return builder.op('Where', [builder.op('Greater', [y, zero]), builder.op('Div', [x, y]), zero])
})

const sumOfSquares = slopeRule((context, x) => context.builder.op('Mul', [x, scalarLike(context, 2, x)]))

/** log of the sum: 1 / sum */
const logSum = slopeRule((context, x) => {
  const { builder } = context
  return builder.op('Expand', [
    builder.op('Reciprocal', [reducedLike(context, 'ReduceSum', x)]),
    builder.op('Shape', [x]),
  ])
})

/** Softmax along the axes. */
const logSumExp = slopeRule(({ builder }, x, y) => builder.op('Exp', [builder.op('Sub', [x, y])]))

/** The product of the others, right also where elements are 0: one zero gets the product of the rest, two give 0. */
const product = slopeRule((context, x) => {
  const { builder } = context
  const [zero, one] = [scalarLike(context, 0, x), scalarLike(context, 1, x)]
  const isZero = builder.op('Equal', [x, zero])
  const nonzero = builder.op('Where', [isZero, one, x])
  const rest = reducedLike(context, 'ReduceProd', nonzero)
  const zeros = reducedLike(context, 'ReduceSum', builder.op('CastLike', [isZero, x]))
  const ifZero = builder.op('Where', [builder.op('Equal', [zeros, one]), rest, zero])
  const ifNot = builder.op('Where', [builder.op('Equal', [zeros, zero]), rest, zero])
  return builder.op('Where', [isZero, ifZero, builder.op('Div', [ifNot, nonzero])])
})

export const nonlinearReductions: RuleTable = {
  ReduceL1: sumOfMagnitudes,
  ReduceL2: euclidean,
  ReduceLogSum: logSum,
  ReduceLogSumExp: logSumExp,
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceSumSquare: sumOfSquares,
}
