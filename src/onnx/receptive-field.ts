// Which part of the input image a cell of a feature map sees (Araujo, Norris & Sim 2019): the size of the field,
// the distance of neighbouring fields, and where the first one is centred.

import { intsOf, stringOf } from './attributes.ts'
import type { Graph, Node } from './graph.ts'
import { inferShapes, type ValueType } from './infer.ts'

/** Along one axis; all in pixels of the input, whose pixel centres lie at 0, 1, 2, ... */
export interface FieldAxis {
  /** Infinite behind operators that mix all positions (global pooling, attention, linear layers). */
  readonly size: number
  /** Distance between the centres of neighbouring cells. */
  readonly stride: number
  /** Centre of the first cell's field. */
  readonly start: number
}

/** Rows, columns. */
export type ReceptiveField = readonly [FieldAxis, FieldAxis]

const pixel: FieldAxis = { size: 1, stride: 1, start: 0 }
const whole: FieldAxis = { size: Number.POSITIVE_INFINITY, stride: 1, start: 0 }

const windows = new Set(['Conv', 'MaxPool', 'AveragePool'])
const spreads = new Set(['Resize', 'Upsample', 'DepthToSpace'])
const mixers = new Set(['MatMul', 'Gemm', 'Einsum'])

type Types = ReadonlyMap<string, ValueType>

/**
 * The receptive field of every value that depends on `input` `[n, c, h, w]`. Where paths of different reach meet,
 * the widest field counts.
 */
export function receptiveFields(graph: Graph, input: string): ReadonlyMap<string, ReceptiveField> {
  const types = inferShapes(graph)
  const fields = new Map<string, ReceptiveField>([[input, [pixel, pixel]]])
  for (const node of graph.nodes) {
    const seen = node.inputs.map(name => fields.get(name)).filter(field => field !== undefined)
    if (seen.length === 0) continue
    const along = (axis: 0 | 1) => behind(node, widest(seen.map(field => field[axis])), axis, types)
    const field: ReceptiveField = [along(0), along(1)]
    for (const output of node.outputs) if (output !== '') fields.set(output, field)
  }
  return fields
}

const widest = (fields: readonly FieldAxis[]) => fields.reduce((a, b) => (b.size > a.size ? b : a))

function behind(node: Node, before: FieldAxis, axis: 0 | 1, types: Types): FieldAxis {
  if (before.size === Number.POSITIVE_INFINITY) return whole
  if (windows.has(node.opType)) return behindWindow(node, before, axis, types)
  const from = positions(node.inputs[0], axis, types)
  const to = positions(node.outputs[0], axis, types)
  if (from === undefined || to === undefined) return whole
  if (node.opType === 'Pad' || node.opType === 'Slice') return before
  if (spreads.has(node.opType)) {
    const stride = (before.stride * from) / to
    return { ...before, stride, start: before.start + (stride - before.stride) / 2 }
  }
  return from === to && !mixers.has(node.opType) ? before : whole
}

function behindWindow(node: Node, before: FieldAxis, axis: 0 | 1, types: Types): FieldAxis {
  const kernel = intsOf(node, 'kernel_shape')?.[axis] ?? positions(node.inputs[1], axis, types) ?? 1
  const step = intsOf(node, 'strides')?.[axis] ?? 1
  const reach = (kernel - 1) * (intsOf(node, 'dilations')?.[axis] ?? 1) + 1
  const padding = paddingBefore(node, axis, reach, step, positions(node.inputs[0], axis, types))
  return {
    size: before.size + (reach - 1) * before.stride,
    stride: before.stride * step,
    start: before.start + ((reach - 1) / 2 - padding) * before.stride,
  }
}

function paddingBefore(
  node: Node,
  axis: number,
  reach: number,
  step: number,
  length: number | undefined,
): number {
  const mode = stringOf(node, 'auto_pad', 'NOTSET')
  if (mode === 'VALID') return 0
  if (mode === 'NOTSET' || length === undefined) return intsOf(node, 'pads')?.[axis] ?? 0
  const total = Math.max((Math.ceil(length / step) - 1) * step + reach - length, 0)
  return mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)
}

/** Length of a spatial axis of a value of four axes, when it is known. */
function positions(value: string | undefined, axis: number, types: Types): number | undefined {
  const shape = types.get(value ?? '')?.shape
  const length = shape?.length === 4 ? shape[2 + axis] : undefined
  return typeof length === 'number' ? length : undefined
}
