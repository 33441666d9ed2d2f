// What a network is made of, in numbers: parameters, multiply-accumulates, layers with their shapes.

import type { Graph, Node } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import { type ReceptiveField, receptiveFields } from '../onnx/receptive-field.ts'
import { elementCount } from '../tensor/shape.ts'
import type { Layer } from './classifier.ts'

/** A layer with what leads to it from the layers before. */
export interface LayerSummary {
  readonly name: string
  readonly units: number
  /** Shape for one image, `[units, h, w]`. */
  readonly shape: readonly number[]
  /** Trainable numbers on the way from the layers before. */
  readonly parameters: number
  /** Multiply-accumulates per image on that way. */
  readonly macs: number
  /** Pixels of the image that one position sees, [height, width]. */
  readonly receptiveField: readonly [number, number]
}

export interface NetworkSummary {
  /** Shape of one image, `[3, h, w]`. */
  readonly input: readonly number[]
  /** Trainable numbers: running statistics and constants of the preprocessing are not counted. */
  readonly parameters: number
  /** Multiply-accumulates of convolutions and matrix products per image. */
  readonly macs: number
  readonly nodes: number
  /** Number of nodes per operator, most first. */
  readonly operators: Readonly<Record<string, number>>
  readonly layers: readonly LayerSummary[]
}

/** Summarises a classifier's graph; costs are for one image. */
export function summarise(graph: Graph, layers: readonly Layer[]): NetworkSummary {
  const single = forOneImage(graph)
  const types = inferShapes(single)
  const fields = receptiveFields(single, single.inputs[0]!.name)
  const image = numbers(types.get(single.inputs[0]!.name)).slice(2)
  const counted = new Set<string>()
  const costs = single.nodes.map(node => ({
    parameters: parametersOf(node, single, counted),
    macs: macsOf(node, types),
  }))
  const owners = ownersOf(single, layers)
  const total = (key: 'parameters' | 'macs', layer?: string) =>
    costs.reduce((sum, cost, i) => sum + (layer === undefined || owners[i] === layer ? cost[key] : 0), 0)
  const byOperator = new Map<string, number>()
  for (const { opType } of single.nodes) byOperator.set(opType, (byOperator.get(opType) ?? 0) + 1)
  return {
    input: numbers(types.get(single.inputs[0]!.name)).slice(1),
    parameters: total('parameters'),
    macs: total('macs'),
    nodes: single.nodes.length,
    operators: Object.fromEntries([...byOperator].sort(([, a], [, b]) => b - a)),
    layers: layers.map(({ name, value, units }) => ({
      name,
      units,
      shape: numbers(types.get(value)).slice(1),
      parameters: total('parameters', name),
      macs: total('macs', name),
      receptiveField: seen(fields.get(value), image),
    })),
  }
}

/** Pixels of the image that one position sees, at most the image itself. */
function seen(field: ReceptiveField | undefined, image: readonly number[]): readonly [number, number] {
  const along = (axis: 0 | 1) => Math.min(field?.[axis].size ?? 0, image[axis] ?? 0)
  return [along(0), along(1)]
}

function forOneImage(graph: Graph): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map(input => ({
      ...input,
      shape: input.shape?.map((dim, axis) => (axis === 0 ? 1 : dim)),
    })),
    outputs: graph.outputs.map(output => ({ ...output, shape: undefined })),
  }
}

const numbers = (type: ValueType | undefined) => (type?.shape ?? []).map(Number)

/** Numbers of float weights that `node` reads and none before did; batch norm's statistics are not trained. */
function parametersOf(node: Node, graph: Graph, counted: Set<string>): number {
  let count = 0
  for (const [i, name] of node.inputs.entries()) {
    const weight = graph.initializers.get(name)
    const isStatistic = node.opType === 'BatchNormalization' && i >= 3
    const isConstant = name.startsWith('preprocessing.') || weight?.shape.length === 0
    if (weight === undefined || isStatistic || isConstant || !weight.dtype.startsWith('float')) continue
    if (counted.has(name)) continue
    counted.add(name)
    count += weight.data.length
  }
  return count
}

/** Multiply-accumulates of one node: one per product that is summed up. */
function macsOf(node: Node, types: ReadonlyMap<string, ValueType>): number {
  const shape = (name: string | undefined) => numbers(types.get(name ?? ''))
  const out = elementCount(shape(node.outputs[0]))
  const [a, b] = [shape(node.inputs[0]), shape(node.inputs[1])]
  switch (node.opType) {
    case 'Conv':
      return out * elementCount(b.slice(1))
    case 'ConvTranspose':
      return elementCount(a) * elementCount(b.slice(1))
    case 'Gemm': {
      const transA = node.attributes.transA?.kind === 'int' && node.attributes.transA.value === 1
      return out * (a[transA ? 0 : 1] ?? 0)
    }
    case 'MatMul':
      return out * (a.at(-1) ?? 0)
    default:
      return 0
  }
}

/** For each node the first layer that it leads to; undefined behind the last. */
function ownersOf(graph: Graph, layers: readonly Layer[]): (string | undefined)[] {
  const owner = new Map<string, string>()
  const owners = new Array<string | undefined>(graph.nodes.length)
  const place = new Map(graph.nodes.flatMap((node, i) => node.outputs.map(output => [output, i] as const)))
  const ordered = [...layers].sort((a, b) => (place.get(a.value) ?? 0) - (place.get(b.value) ?? 0))
  for (const { name, value } of ordered) {
    const pending = [value]
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
      const at = place.get(current)
      if (at === undefined || owner.has(current)) continue
      owner.set(current, name)
      owners[at] = name
      pending.push(...graph.nodes[at]!.inputs)
    }
  }
  return owners
}
