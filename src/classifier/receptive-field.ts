// How much of the image a unit sees: arithmetic on kernel sizes and strides (Araujo, Norris, Sim 2019,
// "Computing receptive fields of convolutional neural networks").

import type { Attribute, Graph, Node } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'

/** One spatial axis: pixels of the image that one position sees, and pixels between neighbouring positions. */
interface Field {
  readonly size: number
  readonly step: number
}

/** Pixels of the image that one position of a value sees, [height, width]; at most the image itself. */
export type ReceptiveField = readonly [number, number]

const windows = new Set(['Conv', 'MaxPool', 'AveragePool'])
const shifts = new Set(['Pad', 'Slice'])
const spreads = new Set(['Resize', 'Upsample', 'DepthToSpace'])
const mixers = new Set(['MatMul', 'Gemm', 'Einsum'])

/**
 * The receptive field of each value `[n, c, h, w]` that depends on the one input of `graph`, a classifier's
 * graph. What mixes all positions (global pooling, attention, linear layers) sees the whole image.
 */
export function receptiveFields(graph: Graph): ReadonlyMap<string, ReceptiveField> {
  const types = inferShapes(graph)
  const [input] = graph.inputs
  const [, , height = 0, width = 0] = (input?.shape ?? []).map(Number)
  const fields = new Map<string, readonly [Field, Field]>()
  if (input) fields.set(input.name, [start, start])
  for (const node of graph.nodes) {
    const inputs = node.inputs.flatMap(name => {
      const found = fields.get(name)
      return found === undefined ? [] : [found]
    })
    if (inputs.length === 0) continue
    const along = (axis: 0 | 1) => after(node, widest(inputs.map(field => field[axis])), axis, types)
    const axes = [along(0), along(1)] as const
    for (const output of node.outputs) if (output !== '') fields.set(output, axes)
  }
  const clipped = ({ size }: Field, whole: number) => Math.min(size, whole)
  return new Map([...fields].map(([name, [h, w]]) => [name, [clipped(h, height), clipped(w, width)]]))
}

const start: Field = { size: 1, step: 1 }
const whole: Field = { size: Number.POSITIVE_INFINITY, step: 1 }

function widest(fields: readonly Field[]): Field {
  return {
    size: Math.max(...fields.map(field => field.size)),
    step: Math.max(...fields.map(field => field.step)),
  }
}

function after(node: Node, before: Field, axis: number, types: ReadonlyMap<string, ValueType>): Field {
  if (windows.has(node.opType)) {
    const kernel = kernelOf(node, axis, types)
    const stride = integers(node.attributes.strides)?.[axis] ?? 1
    const dilation = integers(node.attributes.dilations)?.[axis] ?? 1
    return { size: before.size + (kernel - 1) * dilation * before.step, step: before.step * stride }
  }
  const from = positions(node.inputs[0], axis, types)
  const to = positions(node.outputs[0], axis, types)
  if (from === undefined || to === undefined) return whole
  if (shifts.has(node.opType)) return before
  if (spreads.has(node.opType)) return { ...before, step: (before.step * from) / to }
  return from === to && !mixers.has(node.opType) ? before : whole
}

function kernelOf(node: Node, axis: number, types: ReadonlyMap<string, ValueType>): number {
  const stated = integers(node.attributes.kernel_shape)?.[axis]
  return stated ?? Number(types.get(node.inputs[1] ?? '')?.shape[2 + axis] ?? 1)
}

/** Length of a spatial axis of a value `[n, c, h, w]`; undefined for other ranks. */
function positions(value: string | undefined, axis: number, types: ReadonlyMap<string, ValueType>) {
  const shape = types.get(value ?? '')?.shape
  return shape?.length === 4 ? Number(shape[2 + axis]) : undefined
}

function integers(attribute: Attribute | undefined): readonly number[] | undefined {
  return attribute?.kind === 'ints' ? attribute.value : undefined
}
