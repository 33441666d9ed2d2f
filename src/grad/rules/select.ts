// Gradients of operators that pick, repeat or pad elements.

import { intOf, stringOf } from '../../onnx/attributes.ts'
import { integersOf } from '../../onnx/constant.ts'
import { reshapeLike, zerosLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { unbroadcast } from '../unbroadcast.ts'

/**
 * The rule of any operator whose output elements are elements of its first input: the same operator, applied to
 * the positions 0, 1, 2, ... in place of the input, says where each came from; the gradient is added there.
 */
const moved: Rule = context => {
  const { builder, node } = context
  const [x = '', ...others] = node.inputs
  const [zero, one] = [builder.scalar(0, 'int64'), builder.scalar(1, 'int64')]
  const positions = builder.op('Range', [zero, builder.op('Size', [x]), one])
  const shaped = builder.op('Reshape', [positions, builder.op('Shape', [x])])
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).flatMap(([key, a]) => (a.kind === 'graph' ? [] : [[key, a.value]])),
  )
  const origins = builder.op(node.opType, [shaped, ...others], attributes)
  const flat = builder.ints([-1])
  const sums = builder.op(
    'ScatterElements',
    [
      builder.op('Reshape', [zerosLike(context, x), flat]),
      builder.op('Reshape', [origins, flat]),
      builder.op('Reshape', [firstGradient(context), flat]),
    ],
    { axis: 0, reduction: 'add' },
  )
  return [reshapeLike(context, sums, x)]
}

/** One axis of a slice whose bounds are known: `count` elements from `start` on, `step` apart. */
interface Cut {
  readonly axis: number
  readonly size: number
  readonly start: number
  readonly step: number
  readonly count: number
}

/** The axes a Slice cuts, where its bounds and these axes' sizes are fixed. */
function cutsOf(context: RuleContext): Cut[] | undefined {
  const { node } = context
  const shape = context.shape(node.inputs[0]!)
  const numbers = (i: number) => {
    const value = context.constant(node.inputs[i] ?? '')
    return value && integersOf(value)
  }
  const [starts, ends] = [numbers(1), numbers(2)]
  const axes = node.inputs[3] ? numbers(3) : starts?.map((_, i) => i)
  const steps = node.inputs[4] ? numbers(4) : starts?.map(() => 1)
  if (!starts || !ends || !axes || !steps) return undefined
  const cuts: Cut[] = []
  for (const [k, at] of axes.entries()) {
    const axis = at < 0 ? at + shape.length : at
    const size = shape[axis]!
    const step = steps[k]!
    if (typeof size !== 'number') return undefined
    const low = step < 0 ? -1 : 0
    const clamp = (v: number) => Math.min(Math.max(v < 0 ? v + size : v, low), size + low)
    const [start, end] = [clamp(starts[k]!), clamp(ends[k]!)]
    cuts.push({ axis, size, start, step, count: Math.max(0, Math.ceil((end - start) / step)) })
  }
  return cuts
}

/** Known bounds: zeros around the gradient and, for steps above 1, between its elements. */
const slice: Rule = context => {
  const { builder, node } = context
  const cuts = cutsOf(context)
  const shape = context.shape(node.inputs[0]!)
  // Zeros go between elements by a reshape, which can leave one axis open.
  const spread = cuts?.some(({ step }) => Math.abs(step) !== 1)
  const open = shape.filter(d => typeof d === 'string').length
  if (cuts === undefined || cuts.some(({ count }) => count === 0) || (spread && open > 1))
    return moved(context)
  let gradient = firstGradient(context)
  const now = [...context.shape(node.outputs[0]!)]
  const pads = new Array<number>(2 * shape.length).fill(0)
  for (const { axis, size, start, step, count } of cuts) {
    const stride = Math.abs(step)
    const first = step < 0 ? start + (count - 1) * step : start
    if (step < 0) {
      const [from, to] = [builder.ints([-1]), builder.ints([-(2 ** 31)])]
      gradient = builder.op('Slice', [gradient, from, to, builder.ints([axis]), builder.ints([-1])])
    }
    if (stride > 1) {
      const single = builder.op('Unsqueeze', [gradient, builder.ints([axis + 1])])
      const behind = new Array<number>(2 * (shape.length + 1)).fill(0)
      behind[shape.length + 1 + axis + 1] = stride - 1
      now[axis] = count * stride
      const merged = now.map(d => (typeof d === 'number' ? d : -1))
      gradient = builder.op('Reshape', [
        builder.op('Pad', [single, builder.ints(behind)]),
        builder.ints(merged),
      ])
    }
    pads[axis] = first
    pads[shape.length + axis] = size - first - count * stride
  }
  return [pads.some(p => p !== 0) ? builder.op('Pad', [gradient, builder.ints(pads)]) : gradient]
}

/** A single known index: zeros around the gradient. */
const gather: Rule = context => {
  const { builder, node } = context
  const [x = '', indices = ''] = node.inputs
  const shape = context.shape(x)
  const at = intOf(node, 'axis', 0)
  const axis = at < 0 ? at + shape.length : at
  const constant = context.constant(indices)
  const size = shape[axis]
  if (constant?.data.length !== 1 || typeof size !== 'number') return moved(context)
  const index = Number(constant.data[0])
  const pads = new Array<number>(2 * shape.length).fill(0)
  pads[axis] = index < 0 ? index + size : index
  pads[shape.length + axis] = size - 1 - pads[axis]
  let gradient = firstGradient(context)
  if (constant.shape.length === 0) gradient = builder.op('Unsqueeze', [gradient, builder.ints([axis])])
  for (let extra = constant.shape.length; extra > 1; extra--)
    gradient = builder.op('Squeeze', [gradient, builder.ints([axis])])
  return [builder.op('Pad', [gradient, builder.ints(pads)])]
}

/** Padding with a constant is undone by pads of opposite sign; the constant's gradient is the rest. */
const pad: Rule = context => {
  const { builder, node, needs } = context
  if (stringOf(node, 'mode', 'constant') !== 'constant') return moved(context)
  const [, pads = '', , axes] = node.inputs
  const gradient = firstGradient(context)
  const known = context.constant(pads)
  const opposite = known ? builder.ints(integersOf(known).map(p => -p)) : builder.op('Neg', [pads])
  const inside = builder.op('Pad', [gradient, opposite, undefined, axes])
  if (!needs[2]) return [inside]
  const sum = (value: string) => builder.op('ReduceSum', [value], { keepdims: 0 })
  return [inside, undefined, builder.op('Sub', [sum(gradient), sum(inside)])]
}

const split: Rule = context => {
  const { builder, node, gradients } = context
  const rank = context.shape(node.inputs[0]!).length
  const at = intOf(node, 'axis', 0)
  const parts = node.outputs.map((output, i) => gradients[i] ?? zerosLike(context, output))
  return [builder.op('Concat', parts, { axis: at < 0 ? at + rank : at })]
}

const expand: Rule = context => {
  const { node } = context
  return [unbroadcast(context, firstGradient(context), context.shape(node.outputs[0]!), node.inputs[0]!)]
}

/** The sum over the repetitions: [r, d] per axis, where at most one size may be left open. */
const tile: Rule = context => {
  const { builder, node } = context
  const [x = '', repeats = ''] = node.inputs
  const shape = context.shape(x)
  const counts = context.constant(repeats)
  if (counts === undefined || shape.filter(d => typeof d === 'string').length > 1) return moved(context)
  const sizes = integersOf(counts).flatMap((r, axis) => {
    const d = shape[axis]!
    return [r, typeof d === 'number' ? d : -1]
  })
  const apart = builder.op('Reshape', [firstGradient(context), builder.ints(sizes)])
  const repeated = shape.map((_, axis) => 2 * axis)
  return [builder.op('ReduceSum', [apart, builder.ints(repeated)], { keepdims: 0 })]
}

/** Each element is in all sums after it: the gradient is summed the other way round. */
const cumSum: Rule = context => {
  const { builder, node } = context
  const reverse = 1 - intOf(node, 'reverse', 0)
  const exclusive = intOf(node, 'exclusive', 0)
  return [builder.op('CumSum', [firstGradient(context), node.inputs[1]], { reverse, exclusive })]
}

const trilu: Rule = context => {
  const { builder, node } = context
  return [builder.op('Trilu', [firstGradient(context), node.inputs[1]], { upper: intOf(node, 'upper', 1) })]
}

const depthToSpace: Rule = context => {
  const { builder, node } = context
  const gradient = firstGradient(context)
  const blocksize = intOf(node, 'blocksize', 1)
  if (stringOf(node, 'mode', 'DCR') === 'DCR') return [builder.op('SpaceToDepth', [gradient], { blocksize })]
  // CRD: [n, c, b, b, h, w] was transposed to [n, c, h, b, w, b].
  const [, c, h, w] = [0, ...context.fixedShape(node.inputs[0]!, 1)] as [number, number, number, number]
  const blocks = [0, c / blocksize ** 2, h, blocksize, w, blocksize]
  const apart = builder.op('Reshape', [gradient, builder.ints(blocks)])
  return [
    reshapeLike(context, builder.op('Transpose', [apart], { perm: [0, 1, 3, 5, 2, 4] }), node.inputs[0]!),
  ]
}

const spaceToDepth: Rule = context => {
  const { builder, node } = context
  return [
    builder.op('DepthToSpace', [firstGradient(context)], {
      blocksize: intOf(node, 'blocksize', 1),
      mode: 'DCR',
    }),
  ]
}

export const select: RuleTable = {
  CumSum: cumSum,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Gather: gather,
  GatherND: moved,
  Pad: pad,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Tile: tile,
  Trilu: trilu,
}
