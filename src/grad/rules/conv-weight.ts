// The weight gradient of a convolution: dW[o, i, k] = sum over images n and steps p of
// large[n, i, p stride + k dilation - pad] * small[n, o, p]. Three ways to compute it, each best on some shapes.

import { intOf } from '../../onnx/attributes.ts'
import { placesOf } from '../../tensor/shape.ts'
import { float32 } from '../../tensor/tensor.ts'
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
  if (intOf(context.node, 'group', 1) > 1) return asConvolution(context, window, large, small, steps)
  if (plain) return asProduct(context, window, large, small)
  const counts = context.shape(steps).slice(2)
  const channels = context.shape(largeInGraph(context, large))[1]!
  if (!counts.every(count => typeof count === 'number') || typeof channels !== 'number')
    return asConvolution(context, window, large, small, steps)
  const perImage = [channels, ...kernel, ...counts].reduce((a, b) => a * b, 1)
  return channels < FEW_CHANNELS || perImage > MANY_COLUMNS
    ? asConvolution(context, window, large, small, steps)
    : asColumns(context, window, large, small, channels, counts)
}

// Measured, batch 16 (docs/benchmarks.md): from 32 channels on the column matrix takes 0.6 of the convolution's
// time, for the 3 channels of images 1.9 times as much.
const FEW_CHANNELS = 16
/** Elements of the column matrix per image above which its memory (4 MB per image) is not worth the speed. */
const MANY_COLUMNS = 2 ** 20

/** A value of the original graph that has the shape of `large`, which is the node's input or its gradient. */
function largeInGraph({ node }: RuleContext, large: string): string {
  return large === node.inputs[0] ? large : node.outputs[0]!
}

/** One product over images and steps alike: `[out, n steps] x [in kernel, n steps]'`. */
function asColumns(
  context: RuleContext,
  window: Window,
  large: string,
  small: string,
  channels: number,
  counts: readonly number[],
): string {
  const { builder } = context
  const { kernel, strides } = window
  const positions = placesOf(kernel)
  const sizes = context.shape(largeInGraph(context, large)).slice(2)
  const keepsSize = strides.every(s => s === 1) && sizes.join() === counts.join()
  const matrix = keepsSize
    ? shiftedColumns(context, window, large, channels, counts)
    : slicedColumns(context, window, large, channels, counts)
  const rows = builder.op('Flatten', [imagesSecond(context, small, kernel.length)], { axis: 1 })
  // The matrix comes first: the runtime copies the second factor into panels, and the rows are the smaller one.
  const product = builder.op('Gemm', [matrix, rows], { transB: 1 })
  // [kernel in, out] -> [out, in, kernel...]: matrices turned and joined along the last axis take a quarter of the time
  // of one transposition, which the runtime also makes of any two.
  const split = builder.ints(positions.map(() => channels))
  const parts =
    positions.length === 1 ? [product] : builder.ops('Split', [product, split], { axis: 0 }, positions.length)
  const last = builder.ints([2])
  const turnedParts = parts.map(part =>
    builder.op('Unsqueeze', [builder.op('Transpose', [part], { perm: [1, 0] }), last]),
  )
  const joined = builder.op('Concat', turnedParts, { axis: 2 })
  return builder.op('Reshape', [joined, builder.ints([-1, channels, ...kernel])])
}

/** `[n, c, ...]` -> `[c, n, ...]` */
function imagesSecond({ builder }: RuleContext, value: string, axes: number): string {
  return builder.op('Transpose', [value], { perm: [1, 0, ...Array.from({ length: axes }, (_, i) => 2 + i)] })
}

/** `[kernel in, n steps]`: for each position of the kernel a slice of what it meets at every step. */
function slicedColumns(
  context: RuleContext,
  { kernel, strides, dilations, begins, ends }: Window,
  large: string,
  channels: number,
  counts: readonly number[],
): string {
  const { builder } = context
  const padded = [...begins, ...ends].some(pad => pad > 0)
    ? builder.op('Pad', [large, builder.ints([0, 0, ...begins, 0, 0, ...ends])])
    : large
  const turned = imagesSecond(context, padded, kernel.length)
  const columns = placesOf(kernel).map(position => {
    const starts = position.map((k, i) => k * dilations[i]!)
    const stops = starts.map((start, i) => start + (counts[i]! - 1) * strides[i]! + 1)
    const axes = builder.ints(kernel.map((_, i) => 2 + i))
    const bounds = [builder.ints(starts), builder.ints(stops), axes, builder.ints(strides)]
    return builder.op('Reshape', [builder.op('Slice', [turned, ...bounds]), builder.ints([channels, -1])])
  })
  return builder.op('Concat', columns, { axis: 0 })
}

/**
 * The same where there is a step for every element of an image. Then what a position meets is the whole channel, all
 * images one after another, some elements further on: one long run to copy instead of one per row. What comes from
 * beyond the image, out of another row or image, is multiplied by 0.
 */
function shiftedColumns(
  context: RuleContext,
  { kernel, dilations, begins }: Window,
  large: string,
  channels: number,
  sizes: readonly number[],
): string {
  const { builder } = context
  const area = sizes.reduce((a, b) => a * b, 1)
  const elements = placesOf(sizes)
  const positions = placesOf(kernel).map(position => position.map((k, i) => k * dilations[i]! - begins[i]!))
  const shifts = positions.map(position => position.reduce((sum, k, i) => sum * sizes[i]! + k, 0))
  const most = Math.max(...shifts.map(Math.abs))
  const flat = builder.op('Reshape', [
    imagesSecond(context, large, kernel.length),
    builder.ints([channels, -1]),
  ])
  const padded = most === 0 ? flat : builder.op('Pad', [flat, builder.ints([0, most, 0, most])])
  const axis = builder.ints([1])
  const columns = shifts.map(shift => {
    if (most === 0) return flat
    const stop = shift === most ? Number.MAX_SAFE_INTEGER : shift - most
    return builder.op('Slice', [padded, builder.ints([most + shift]), builder.ints([stop]), axis])
  })
  const inside = positions.flatMap(position =>
    elements.map(element =>
      Number(element.every((at, i) => at + position[i]! >= 0 && at + position[i]! < sizes[i]!)),
    ),
  )
  const plain = builder.constant(float32([positions.length, 1, area], inside))
  const original = largeInGraph(context, large)
  const mask = context.type(original).dtype === 'float32' ? plain : builder.op('CastLike', [plain, original])
  const whole = builder.op('Concat', columns, { axis: 0 })
  const perPosition = builder.op('Reshape', [whole, builder.ints([positions.length, -1, area])])
  const masked = builder.op('Mul', [perPosition, mask])
  return builder.op('Reshape', [masked, builder.ints([positions.length * channels, -1])])
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
