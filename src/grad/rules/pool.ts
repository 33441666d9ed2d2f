// Gradients of pooling.

import { intOf } from '../../onnx/attributes.ts'
import { float32 } from '../../tensor/tensor.ts'
import { countLike, reshapeLike, shapeLike, zerosLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { reach, type Window, windowOf } from '../window.ts'

/**
 * Each window's gradient goes to its first maximum in row-major order, as in PyTorch; windows that overlap add
 * up. The indices come from a second MaxPool: asking the original for them would take it off the fast path.
 */
const maxPool: Rule = context => {
  const { builder, node } = context
  const [input = ''] = node.inputs
  const { kernel, strides, dilations, begins, ends } = windowOf(context)
  const attributes = {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...begins, ...ends],
    ceil_mode: intOf(node, 'ceil_mode', 0),
  }
  const [, indices = ''] = builder.ops('MaxPool', [input], attributes, 2)
  return [scatter(context, input, indices, firstGradient(context))]
}

/** Adds `values` into zeros of the shape of `input` at `indices`, which count through all its axes. */
function scatter(context: RuleContext, input: string, indices: string, values: string): string {
  const { builder } = context
  const flat = (value: string) => builder.op('Reshape', [value, builder.ints([-1])])
  const zeros = flat(zerosLike(context, input))
  const sums = builder.op('ScatterElements', [zeros, flat(indices), flat(values)], {
    axis: 0,
    reduction: 'add',
  })
  return reshapeLike(context, sums, input)
}

const globalMaxPool: Rule = context => {
  const { builder, node } = context
  const [input = ''] = node.inputs
  const flat = (value: string) => builder.op('Reshape', [value, builder.ints([0, 0, -1])])
  const indices = builder.op('ArgMax', [flat(input)], { axis: 2, keepdims: 1 })
  const sums = builder.op(
    'ScatterElements',
    [flat(zerosLike(context, input)), indices, flat(firstGradient(context))],
    {
      axis: 2,
    },
  )
  return [reshapeLike(context, sums, input)]
}

const globalAveragePool: Rule = context => {
  const { builder, node } = context
  const [input = ''] = node.inputs
  const axes = context
    .shape(input)
    .map((_, i) => i)
    .slice(2)
  const share = builder.op('Div', [firstGradient(context), countLike(context, input, axes)])
  return [builder.op('Expand', [share, shapeLike(context, input)])]
}

/** Every element of a window gets its gradient divided by the number of elements that were averaged. */
const averagePool: Rule = context => {
  const { builder, node } = context
  const [input = ''] = node.inputs
  const window = windowOf(context)
  const { kernel, strides, dilations } = window
  const shares = dividedByCounts(context, window, firstGradient(context))
  const channels = context.fixedShape(input, 1)[0]!
  // Depthwise transposed convolution with ones, over images and channels alike.
  const pads = [...window.begins, ...window.ends]
  const size = context.fixedShape(input, 2)
  const steps = context.fixedShape(node.outputs[0]!, 2)
  const ones = builder.constant(
    float32([1, 1, ...kernel], new Float32Array(kernel.reduce((a, b) => a * b, 1)).fill(1)),
  )
  const planes = builder.op('Reshape', [shares, builder.ints([-1, 1, ...steps])])
  const missing = size.map(
    (length, i) =>
      length - ((steps[i]! - 1) * strides[i]! + reach(window, i) - pads[i]! - pads[kernel.length + i]!),
  )
  // ceil_mode: windows may reach over the padded end; what falls outside is cut as padding.
  const cut = missing.map(m => Math.max(-m, 0))
  const sums = builder.op('ConvTranspose', [planes, ones], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...window.begins, ...window.ends.map((pad, i) => pad + cut[i]!)],
    output_padding: missing.map(m => Math.max(m, 0)),
  })
  return [builder.op('Reshape', [sums, builder.ints([-1, channels, ...size])])]
}

function dividedByCounts(context: RuleContext, window: Window, gradient: string): string {
  const { builder, node } = context
  const sizes = context.fixedShape(node.inputs[0]!, 2)
  const steps = context.fixedShape(node.outputs[0]!, 2)
  const includePad = intOf(node, 'count_include_pad', 0) === 1
  const perAxis = sizes.map((size, i) => {
    const [first, last] = includePad ? [-window.begins[i]!, size + window.ends[i]!] : [0, size]
    return Array.from({ length: steps[i]! }, (_, step) => {
      const start = step * window.strides[i]! - window.begins[i]!
      const positions = Array.from({ length: window.kernel[i]! }, (_, k) => start + k * window.dilations[i]!)
      return positions.filter(p => p >= first && p < last).length
    })
  })
  // The number of elements is a product of numbers per axis: divide axis by axis.
  let result = gradient
  for (const [i, counts] of perAxis.entries()) {
    const shape = steps.map((step, axis) => (axis === i ? step : 1))
    const uniform = counts.every(count => count === counts[0])
    const divisor = uniform ? builder.scalar(counts[0]!) : builder.constant(float32([1, 1, ...shape], counts))
    if (!uniform || counts[0] !== 1) result = builder.op('Div', [result, divisor])
  }
  return result
}

export const pool: RuleTable = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  MaxPool: maxPool,
}
