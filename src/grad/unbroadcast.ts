// Broadcasting repeats a value along axes; its gradient is the sum over the repetitions. Every rule of an
// operator that broadcasts ends here.

import type { Dim } from '../onnx/graph.ts'
import type { RuleContext } from './rule.ts'

/**
 * Sums `gradient`, of shape `from`, down to the shape of `value`, which was broadcast to `from`.
 * Axes whose symbols differ are decided when the graph runs.
 */
export function unbroadcast(
  context: RuleContext,
  gradient: string,
  from: readonly Dim[],
  value: string,
): string {
  const { builder } = context
  const to = context.shape(value)
  const lead = from.length - to.length
  const summed: number[] = []
  let certain = true
  for (const [axis, dim] of to.entries()) {
    const wide = from[lead + axis]
    if (dim === wide) continue
    if (dim === 1) summed.push(lead + axis)
    else if (typeof dim === 'string') certain = false
  }
  if (!certain) return unbroadcastAtRunTime(context, gradient, lead, value)
  const leading = Array.from({ length: lead }, (_, axis) => axis)
  let result = gradient
  if (summed.length > 0) {
    result = builder.op('ReduceSum', [result, builder.ints([...leading, ...summed])], { keepdims: 1 })
    if (lead > 0) result = builder.op('Squeeze', [result, builder.ints(leading)])
  } else if (lead > 0) {
    result = builder.op('ReduceSum', [result, builder.ints(leading)], { keepdims: 0 })
  }
  return result
}

// Sums over every axis where `value` has length 1: right whether or not it was repeated there.
function unbroadcastAtRunTime(context: RuleContext, gradient: string, lead: number, value: string): string {
  const { builder } = context
  const shape = builder.op('Shape', [value])
  const ones = builder.ints(new Array<number>(lead).fill(1))
  const padded = lead > 0 ? builder.op('Concat', [ones, shape], { axis: 0 }) : shape
  const single = builder.op('NonZero', [builder.op('Equal', [padded, builder.ints([1])])])
  const axes = builder.op('Squeeze', [single, builder.ints([0])])
  const sum = builder.op('ReduceSum', [gradient, axes], { keepdims: 1, noop_with_empty_axes: 1 })
  return builder.op('Reshape', [sum, shape])
}
