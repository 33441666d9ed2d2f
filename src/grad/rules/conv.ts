// Gradients of convolution and transposed convolution. Each is the other's input gradient; both share one
// weight gradient, in which the tensor that is larger in space is the input and the other one the kernel.

import { intOf, intsOf, stringOf } from '../../onnx/attributes.ts'
import { int64 } from '../../tensor/tensor.ts'
import { scalarLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { reach, type Window, windowOf } from '../window.ts'
import { weightGradient } from './conv-weight.ts'

const conv: Rule = context => {
  const { node, needs } = context
  const [input = '', weight = ''] = node.inputs
  const window = windowOf(context, context.fixedShape(weight, 2))
  const gradient = firstGradient(context)
  return [
    needs[0] ? inputGradient(context, gradient, window) : undefined,
    needs[1] ? weightGradient(context, window, input, gradient, node.outputs[0]!) : undefined,
    needs[2] ? biasGradient(context, gradient) : undefined,
  ]
}

/**
 * A stride of 1 gives a convolution with the flipped kernel, which runtimes do faster than a transposed one. So it does
 * for depthwise convolutions of larger strides, once zeros stand between the elements of the gradient.
 */
function inputGradient(context: RuleContext, gradient: string, window: Window): string {
  const { builder, node } = context
  const [input = '', weight = ''] = node.inputs
  const { kernel, strides, dilations, begins, ends } = window
  const group = intOf(node, 'group', 1)
  const pads = [...begins, ...ends].map((pad, i) => reach(window, i % kernel.length) - 1 - pad)
  if (strides.every(s => s === 1) && pads.every(pad => pad >= 0)) {
    const flipped = flippedKernel(context, weight, kernel, group)
    return builder.op('Conv', [gradient, flipped], { kernel_shape: kernel, dilations, pads, group })
  }
  const attributes = { kernel_shape: kernel, strides, dilations, pads: [...begins, ...ends], group }
  const size = context.shape(input).slice(2)
  const steps = context.shape(node.outputs[0]!).slice(2)
  const missing = size.map((length, i) => {
    const count = steps[i]!
    if (typeof length !== 'number' || typeof count !== 'number') return undefined
    return length - ((count - 1) * strides[i]! + reach(window, i) - begins[i]! - ends[i]!)
  })
  const isDepthwise = group > 1 && context.shape(weight)[0] === group && context.shape(weight)[1] === 1
  const after = missing.map((m, i) => (m ?? 0) + reach(window, i) - 1 - ends[i]!)
  const before = begins.map((begin, i) => reach(window, i) - 1 - begin)
  if (missing.every(m => m !== undefined) && isDepthwise && [...before, ...after].every(pad => pad >= 0)) {
    const ones = scalarLike(context, 1, weight)
    const shape = builder.ints([group, 1, ...kernel.map(() => 1)])
    const spread = builder.op('ConvTranspose', [gradient, builder.op('Expand', [ones, shape])], {
      kernel_shape: kernel.map(() => 1),
      strides,
      group,
    })
    const flipped = flippedKernel(context, weight, kernel, group)
    const around = { kernel_shape: kernel, dilations, pads: [...before, ...after], group }
    return builder.op('Conv', [spread, flipped], around)
  }
  const stem = stemOf(context, window)
  if (stem !== undefined) return stemGradient(context, gradient, window, stem)
  if (missing.every(m => m !== undefined)) {
    return builder.op('ConvTranspose', [gradient, weight], { ...attributes, output_padding: missing })
  }
  // Sizes are known only when the graph runs: compute as much as any input could need and cut.
  const most = strides.map(s => s - 1)
  const large = builder.op('ConvTranspose', [gradient, weight], { ...attributes, output_padding: most })
  const axes = kernel.map((_, i) => 2 + i)
  const ends_ = builder.op('Shape', [input], { start: 2 })
  return builder.op('Slice', [large, builder.ints(axes.map(() => 0)), ends_, builder.ints(axes)])
}

/** The gradient of an image `[n, c, h, w]` in tiles of `side` x `side` elements, one of which a window gives at once. */
interface Stem {
  readonly side: number
  /** Steps per axis that meet a tile, and how many of them lie before its first one. */
  readonly steps: number
  readonly before: number
  /** Steps that are missing behind the last ones, for the last tiles. */
  readonly after: readonly number[]
}

/** Most of the channels that a kernel of stride 2 may have for tiles to be faster (docs/benchmarks.md). */
const STEM_CHANNELS = 32
/** Channels of a tile that fill whole blocks of the runtime's layout. */
const TILE_BLOCK = 16

/**
 * Undefined where ConvTranspose is as fast: it adds what a window meets to the image element by element, on one thread.
 * Tiles multiply by zeros as well, up to half of the time; so they pay for large kernels of few channels.
 */
function stemOf(context: RuleContext, { kernel, strides, dilations, begins }: Window): Stem | undefined {
  const { node } = context
  const [out, channels] = context.shape(node.inputs[1]!) as [number, number]
  const [height, width] = context.shape(node.inputs[0]!).slice(2)
  const [rows, columns] = context.shape(node.outputs[0]!).slice(2)
  const [size = 0] = kernel
  const [stride = 1] = strides
  const [begin = 0] = begins
  const isSquare = [kernel, strides, begins].every(list => list.length === 2 && list[0] === list[1])
  if (!isSquare || dilations.some(d => d > 1) || intOf(node, 'group', 1) > 1 || out > STEM_CHANNELS)
    return undefined
  if (typeof height !== 'number' || typeof width !== 'number') return undefined
  if (typeof rows !== 'number' || typeof columns !== 'number') return undefined
  const side = 2 * stride
  const before = Math.floor((size - 1 - begin) / stride)
  const steps = before + Math.floor((side - 1 + begin) / stride) + 1
  const zeros = (steps * stride) ** 2 / size ** 2
  const whole = height % side === 0 && width % side === 0 && (channels * side * side) % TILE_BLOCK === 0
  const after = [height / side, width / side].map((tiles, i) => {
    return 2 * (tiles - 1) + steps - [rows, columns][i]! - before
  })
  const pays = stride > 1 && whole && zeros < 2.1 && [before, ...after].every(pad => pad >= 0)
  return pays ? { side, steps, before, after } : undefined
}

/** A convolution with stride 2 from the gradient to tiles, whose elements are then put in their places. */
function stemGradient(
  context: RuleContext,
  gradient: string,
  { kernel, strides, begins }: Window,
  { side, steps, before, after }: Stem,
): string {
  const { builder, node } = context
  const [size = 0] = kernel
  const [stride = 1] = strides
  const [out, channels] = context.shape(node.inputs[1]!) as [number, number]
  const nothing = size
  const met = Array.from({ length: side * steps }, (_, at) => {
    const element = Math.floor(at / steps) + begins[0]! - stride * ((at % steps) - before)
    return element >= 0 && element < size ? element : nothing
  })
  const indices = builder.constant(int64([side, steps], met))
  const padded = builder.op('Pad', [node.inputs[1]!, builder.ints([0, 0, 0, 0, 0, 0, 1, 1])])
  const rows = builder.op('Gather', [padded, indices], { axis: 2 })
  const tiles = builder.op('Gather', [rows, indices], { axis: 4 })
  const perElement = builder.op('Transpose', [tiles], { perm: [2, 4, 1, 0, 3, 5] })
  const filter = builder.op('Reshape', [
    perElement,
    builder.ints([side * side * channels, out, steps, steps]),
  ])
  const pads = [before, before, ...after]
  const parts = builder.op('Conv', [gradient, filter], {
    kernel_shape: [steps, steps],
    strides: [2, 2],
    pads,
  })
  return builder.op('DepthToSpace', [parts], { blocksize: side })
}

/** `[g out, in, k...]` -> `[g in, out, k...]`, the kernel reversed along every spatial axis. */
function flippedKernel(
  context: RuleContext,
  weight: string,
  kernel: readonly number[],
  group: number,
): string {
  const { builder } = context
  const spatial = kernel.map((_, i) => 2 + i)
  let swapped: string
  if (group === 1) swapped = builder.op('Transpose', [weight], { perm: [1, 0, ...spatial] })
  else {
    const [out, inner] = context.fixedShape(weight) as [number, number]
    const split = builder.op('Reshape', [weight, builder.ints([group, out / group, inner, ...kernel])])
    const perm = [0, 2, 1, ...spatial.map(axis => axis + 1)]
    const turned = builder.op('Transpose', [split], { perm })
    swapped = builder.op('Reshape', [turned, builder.ints([group * inner, out / group, ...kernel])])
  }
  const axes = spatial.filter((_, i) => kernel[i]! > 1)
  if (axes.length === 0) return swapped
  const list = (value: number) => builder.ints(axes.map(() => value))
  return builder.op('Slice', [swapped, list(-1), list(-(2 ** 31)), builder.ints(axes), list(-1)])
}

const convTranspose: Rule = context => {
  const { builder, node, needs } = context
  const [input = '', weight = ''] = node.inputs
  const gradient = firstGradient(context)
  const window = transposedWindow(context)
  const { kernel, strides, dilations, begins, ends } = window
  const group = intOf(node, 'group', 1)
  const attributes = { kernel_shape: kernel, strides, dilations, pads: [...begins, ...ends], group }
  return [
    needs[0] ? builder.op('Conv', [gradient, weight], attributes) : undefined,
    needs[1] ? weightGradient(context, window, gradient, input, input) : undefined,
    needs[2] ? biasGradient(context, gradient) : undefined,
  ]
}

/** The window with pads as they come out of auto_pad and output_shape. */
function transposedWindow(context: RuleContext): Window {
  const { node } = context
  const [input = '', weight = ''] = node.inputs
  const kernel = context.fixedShape(weight, 2)
  const explicit = intsOf(node, 'output_shape')?.slice(-kernel.length)
  const mode = stringOf(node, 'auto_pad', 'NOTSET')
  const ones = kernel.map(() => 1)
  const strides = intsOf(node, 'strides') ?? ones
  const dilations = intsOf(node, 'dilations') ?? ones
  const none = ones.map(() => 0)
  const pads = intsOf(node, 'pads') ?? [...none, ...none]
  const window = { kernel, strides, dilations, begins: none, ends: none }
  if (mode === 'VALID' && explicit === undefined) return window
  if (mode === 'NOTSET' && explicit === undefined) {
    return { ...window, begins: pads.slice(0, kernel.length), ends: pads.slice(kernel.length) }
  }
  const extra = intsOf(node, 'output_padding') ?? none
  const sizes = context.fixedShape(input, 2)
  const totals = kernel.map((_, i) => {
    const stride = strides[i]!
    const wanted = explicit?.[i] ?? sizes[i]! * stride
    return Math.max((sizes[i]! - 1) * stride + extra[i]! + reach(window, i) - wanted, 0)
  })
  const small = totals.map(t => Math.floor(t / 2))
  const large = totals.map(t => Math.ceil(t / 2))
  return mode === 'SAME_UPPER'
    ? { ...window, begins: small, ends: large }
    : { ...window, begins: large, ends: small }
}

function biasGradient(context: RuleContext, gradient: string): string {
  const rank = context.shape(context.node.outputs[0]!).length
  const axes = Array.from({ length: rank }, (_, i) => i).filter(axis => axis !== 1)
  return context.builder.op('ReduceSum', [gradient, context.builder.ints(axes)], { keepdims: 0 })
}

export const convolution: RuleTable = { Conv: conv, ConvTranspose: convTranspose }
