// The weight gradient of a convolution: dW[o, i, k] = sum over images n and steps p of
// large[n, i, p stride + k dilation - pad] * small[n, o, p].

import { intOf } from '../../onnx/attributes.ts'
import type { RuleContext } from '../rule.ts'
import { reach, type Window } from '../window.ts'

/**
 * @param large the tensor the window slides over: `[n, g in, ...]`
 * @param small one element per step: `[n, g out, ...]`
 * @param steps a value of the original graph with the shape of `small`
 * @returns `[g out, in, kernel...]`
 */
export function weightGradient(
  context: RuleContext,
  window: Window,
  large: string,
  small: string,
  steps: string,
): string {
  const { kernel, strides, begins, ends } = window
  const plain = [...kernel, ...strides].every(k => k === 1) && [...begins, ...ends].every(p => p === 0)
  if (plain && intOf(context.node, 'group', 1) === 1) return asProduct(context, window, large, small)
  return asConvolution(context, window, large, small, steps)
}

/** 1x1: one matrix product per image, summed over images. */
function asProduct(context: RuleContext, window: Window, large: string, small: string): string {
  const { builder } = context
  const flat = builder.ints([0, 0, -1])
  const columns = builder.op('Transpose', [builder.op('Reshape', [large, flat])], { perm: [0, 2, 1] })
  const products = builder.op('MatMul', [builder.op('Reshape', [small, flat]), columns])
  const sum = builder.op('ReduceSum', [products, builder.ints([0])], { keepdims: 0 })
  return builder.op('Unsqueeze', [sum, builder.ints(window.kernel.map((_, i) => 2 + i))])
}

/** Images become channels: the gradient convolves the one with the other, stride and dilation exchanged. */
function asConvolution(
  context: RuleContext,
  window: Window,
  large: string,
  small: string,
  steps: string,
): string {
  const { builder } = context
  const { kernel, strides, dilations, begins, ends } = window
  const group = intOf(context.node, 'group', 1)
  const spatial = kernel.map((_, i) => 2 + i)
  const exchanged = (value: string) => builder.op('Transpose', [value], { perm: [1, 0, ...spatial] })
  const attributes = { strides: dilations, dilations: strides, pads: [...begins, ...ends], group }
  const result = builder.op(
    'Conv',
    group === 1
      ? [exchanged(large), exchanged(small)]
      : [groupsOfImages(context, large, group, true), groupsOfImages(context, small, group, false)],
    attributes,
  )
  const cut = leftover(context, window, steps)
    ? builder.op('Slice', [
        result,
        builder.ints(kernel.map(() => 0)),
        builder.ints(kernel),
        builder.ints(spatial),
      ])
    : result
  return exchanged(cut)
}

/** Whether the last window leaves rows over, which the convolution would count as more kernel rows. */
function leftover(context: RuleContext, window: Window, steps: string): boolean {
  if (window.strides.every(s => s === 1)) return false
  const counts = context.shape(steps).slice(2)
  const sizes = context.shape(
    steps === context.node.outputs[0] ? context.node.inputs[0]! : context.node.outputs[0]!,
  )
  return counts.some((count, i) => {
    const size = sizes[2 + i]!
    if (typeof count !== 'number' || typeof size !== 'number') return true
    return (count - 1) * window.strides[i]! + reach(window, i) !== size + window.begins[i]! + window.ends[i]!
  })
}

/** `[n, g c, ...]` -> `[c, g n, ...]` (outer) or `[g c, n, ...]`. */
function groupsOfImages(context: RuleContext, value: string, group: number, outer: boolean): string {
  const { builder, node } = context
  const original = [...node.inputs, ...node.outputs].includes(value) ? value : node.outputs[0]!
  const [channels = 1, ...sizes] = context.fixedShape(original, 1)
  const inner = channels / group
  const spatial = sizes.map((_, i) => 3 + i)
  const split = builder.op('Reshape', [value, builder.ints([-1, group, inner, ...sizes])])
  const perm = outer ? [2, 1, 0, ...spatial] : [1, 2, 0, ...spatial]
  const turned = builder.op('Transpose', [split], { perm })
  const shape = outer ? [inner, -1, ...sizes] : [channels, -1, ...sizes]
  return builder.op('Reshape', [turned, builder.ints(shape)])
}
