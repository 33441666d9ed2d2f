// Which part of the input image a cell of a feature map sees (Araujo, Norris & Sim 2019): the size of the field,
// the distance of neighbouring fields, and where the first one is centred.

import { intsOf, stringOf } from './attributes.ts'
import type { Dim, Graph, Node } from './graph.ts'
import { inferShapes } from './infer.ts'

/** Rows first, then columns; all in pixels of the input, whose pixel centres lie at 0, 1, 2, ... */
export interface ReceptiveField {
  readonly size: readonly [number, number]
  /** Distance between the centres of neighbouring cells. */
  readonly stride: readonly [number, number]
  /** Centre of the first cell's field. Padding can put it left of what the field would be without. */
  readonly start: readonly [number, number]
}

const windows = new Set(['Conv', 'MaxPool', 'AveragePool', 'LpPool'])
const global = new Set(['GlobalAveragePool', 'GlobalMaxPool'])

/** Operators that change which cell lies where; behind them nothing is said. */
const rearranging = new Set([
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Resize',
  'ConvTranspose',
])

/**
 * The receptive field of every map `[n, c, h, w]` that is computed from `input` by sliding windows and
 * element-wise operators. Where paths of different reach meet, the widest field counts.
 */
export function receptiveFields(graph: Graph, input: string): ReadonlyMap<string, ReceptiveField> {
  const types = inferShapes(graph)
  const fields = new Map<string, ReceptiveField>([[input, { size: [1, 1], stride: [1, 1], start: [0, 0] }]])
  for (const node of graph.nodes) {
    if (rearranging.has(node.opType)) continue
    const seen = node.inputs.map(name => fields.get(name)).filter(field => field !== undefined)
    const [first] = seen
    if (first === undefined) continue
    const widest = seen.reduce((a, b) => (b.size[0] * b.size[1] > a.size[0] * a.size[1] ? b : a), first)
    const shape = types.get(node.inputs[0] ?? '')?.shape
    const field = fieldBehind(node, widest, shape, types.get(node.inputs[1] ?? '')?.shape)
    for (const output of node.outputs) {
      const rank = types.get(output)?.shape.length
      if (field !== undefined && output !== '' && rank === 4) fields.set(output, field)
    }
  }
  return fields
}

function fieldBehind(
  node: Node,
  before: ReceptiveField,
  shape: readonly Dim[] | undefined,
  weight: readonly Dim[] | undefined,
): ReceptiveField | undefined {
  if (global.has(node.opType)) return slid(before, shape, axis => numberAt(shape, axis), 'VALID', node)
  if (!windows.has(node.opType)) return before
  const kernel = intsOf(node, 'kernel_shape')
  const sizeOf = (axis: number) => kernel?.[axis] ?? numberAt(weight, axis)
  return slid(before, shape, sizeOf, stringOf(node, 'auto_pad', 'NOTSET'), node)
}

function slid(
  before: ReceptiveField,
  shape: readonly Dim[] | undefined,
  kernelOf: (axis: number) => number | undefined,
  autoPad: string,
  node: Node,
): ReceptiveField | undefined {
  const axes = [0, 1].map(axis => {
    const kernel = kernelOf(axis)
    if (kernel === undefined) return undefined
    const step = intsOf(node, 'strides')?.[axis] ?? 1
    const reach = (kernel - 1) * (intsOf(node, 'dilations')?.[axis] ?? 1) + 1
    const padding = paddingBefore(node, axis, autoPad, reach, step, numberAt(shape, axis))
    if (padding === undefined) return undefined
    return {
      size: before.size[axis]! + (reach - 1) * before.stride[axis]!,
      stride: before.stride[axis]! * step,
      start: before.start[axis]! + ((reach - 1) / 2 - padding) * before.stride[axis]!,
    }
  })
  const [rows, columns] = axes
  if (rows === undefined || columns === undefined) return undefined
  return {
    size: [rows.size, columns.size],
    stride: [rows.stride, columns.stride],
    start: [rows.start, columns.start],
  }
}

function paddingBefore(
  node: Node,
  axis: number,
  autoPad: string,
  reach: number,
  step: number,
  length: number | undefined,
): number | undefined {
  if (autoPad === 'VALID') return 0
  if (autoPad === 'NOTSET') return intsOf(node, 'pads')?.[axis] ?? 0
  if (length === undefined) return undefined
  const total = Math.max((Math.ceil(length / step) - 1) * step + reach - length, 0)
  return autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)
}

/** Length of spatial axis `axis` of `[n, c, h, w]` (or of a weight `[o, i, kh, kw]`), when it is known. */
function numberAt(shape: readonly Dim[] | undefined, axis: number): number | undefined {
  const dim = shape?.[2 + axis]
  return typeof dim === 'number' ? dim : undefined
}
