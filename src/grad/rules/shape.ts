// Gradients of operators that move elements without changing them.

import { intOf, intsOf } from '../../onnx/attributes.ts'
import { reshapeLike } from '../like.ts'
import { firstGradient, type Rule, type RuleTable } from '../rule.ts'

/** Reshape, Flatten, Squeeze, Unsqueeze: the same elements in the same order. */
const sameOrder: Rule = context => [reshapeLike(context, firstGradient(context), context.node.inputs[0]!)]

const transpose: Rule = context => {
  const { builder, node } = context
  const rank = context.shape(node.inputs[0]!).length
  const perm = intsOf(node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)
  const inverse = perm.map((_, axis) => perm.indexOf(axis))
  return [builder.op('Transpose', [firstGradient(context)], { perm: inverse })]
}

const concat: Rule = context => {
  const { builder, node } = context
  const rank = context.shape(node.inputs[0]!).length
  const axis = (intOf(node, 'axis', 0) + rank) % rank
  const lengths = node.inputs.map(input => context.shape(input)[axis]!)
  const fixed = lengths.every(length => typeof length === 'number')
  const sizes = fixed
    ? builder.ints(lengths as number[])
    : builder.op(
        'Concat',
        node.inputs.map(input => builder.op('Shape', [input], { start: axis, end: axis + 1 })),
        { axis: 0 },
      )
  return builder.ops('Split', [firstGradient(context), sizes], { axis }, node.inputs.length)
}

export const shape: RuleTable = {
  Concat: concat,
  Flatten: sameOrder,
  Reshape: sameOrder,
  Squeeze: sameOrder,
  Transpose: transpose,
  Unsqueeze: sameOrder,
}
