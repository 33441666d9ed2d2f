// Gradients of sums and means along axes, and of softmax, which divides by one.

import { intOf } from '../../onnx/attributes.ts'
import { integersOf } from '../../onnx/constant.ts'
import { countLike, shapeLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'

/** The axes a reduction runs over, counted from 0; undefined where only the running graph knows them. */
export function reducedAxes(context: RuleContext): readonly number[] | undefined {
  const { node } = context
  const rank = context.shape(node.inputs[0]!).length
  const [, axes = ''] = node.inputs
  if (axes === '') {
    return intOf(node, 'noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i)
  }
  const constant = context.constant(axes)
  return constant === undefined ? undefined : integersOf(constant).map(axis => (axis + rank) % rank)
}

/** `value`, which has the reduction's output shape, with the reduced axes back as length 1. */
export function withReducedAxes(context: RuleContext, value: string): string {
  const { builder, node } = context
  if (intOf(node, 'keepdims', 1) === 1) return value
  const axes = reducedAxes(context)
  if (axes?.length === 0) return value
  return builder.op('Unsqueeze', [value, axes === undefined ? node.inputs[1]! : builder.ints(axes)])
}

const reduceSum: Rule = context => {
  const { builder, node } = context
  const wide = withReducedAxes(context, firstGradient(context))
  return [builder.op('Expand', [wide, shapeLike(context, node.inputs[0]!)])]
}

const reduceMean: Rule = context => {
  const { builder, node } = context
  const [input = '', axesInput = ''] = node.inputs
  const axes = reducedAxes(context)
  const wide = withReducedAxes(context, firstGradient(context))
  let count: string
  if (axes === undefined) {
    const picked = builder.op('Gather', [builder.op('Shape', [input]), axesInput])
    count = builder.op('CastLike', [builder.op('ReduceProd', [picked], { keepdims: 0 }), input])
  } else count = countLike(context, input, axes)
  return [builder.op('Expand', [builder.op('Div', [wide, count]), shapeLike(context, input)])]
}

const softmax: Rule = context => {
  const { builder, node } = context
  const [output = ''] = node.outputs
  const axes = builder.ints([intOf(node, 'axis', -1)])
  const gradient = firstGradient(context)
  const sum = builder.op('ReduceSum', [builder.op('Mul', [gradient, output]), axes], { keepdims: 1 })
  return [builder.op('Mul', [output, builder.op('Sub', [gradient, sum])])]
}

const logSoftmax: Rule = context => {
  const { builder, node } = context
  const axes = builder.ints([intOf(node, 'axis', -1)])
  const gradient = firstGradient(context)
  const sum = builder.op('ReduceSum', [gradient, axes], { keepdims: 1 })
  const share = builder.op('Mul', [builder.op('Exp', [node.outputs[0]]), sum])
  return [builder.op('Sub', [gradient, share])]
}

export const reduce: RuleTable = {
  LogSoftmax: logSoftmax,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  Softmax: softmax,
}
