// Exporters often write the batch that they traced with (mostly 1) into the input's shape, into every Reshape and
// into tokens that are joined to each image. Here it becomes the symbol `n` again, so that one session serves any
// number of images.

import { InputError } from '../errors/input-error.ts'
import { constantOf } from '../onnx/constant.ts'
import type { Graph, Node, ValueInfo } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import { int64 } from '../tensor/tensor.ts'

/**
 * `graph` with the batch axis of its one input named `n`. Where the batch was fixed, a Reshape to a constant shape
 * gets -1 in its place, and what is joined to the images by a Concat is repeated for each.
 * @throws InputError when a Reshape mixes the fixed batch with other axes.
 */
export function withAnyBatch(graph: Graph): Graph {
  const [input] = graph.inputs as readonly [ValueInfo]
  const [batch, ...rest] = input.shape ?? []
  const freed: Graph = {
    ...graph,
    inputs: [{ ...input, shape: ['n', ...rest] }],
    outputs: graph.outputs.map(output => ({ ...output, shape: undefined })),
  }
  return typeof batch === 'number' ? freeNodes(freed, inferShapes(graph), batch) : freed
}

/** Nodes are visited in order, since the types behind one are only known when it is right. */
function freeNodes(freed: Graph, fixed: ReadonlyMap<string, ValueType>, batch: number): Graph {
  const nodes: Node[] = []
  const initializers = new Map(freed.initializers)
  for (const node of freed.nodes) {
    const isReshape = node.opType === 'Reshape' && constantOf(freed, node.inputs[1] ?? '') !== undefined
    if (!isReshape && node.opType !== 'Concat') {
      nodes.push(node)
      continue
    }
    const types = inferShapes({ ...freed, nodes, initializers, outputs: [] })
    const source = node.inputs[0]!
    const replaced = isReshape
      ? freeReshape(node, types.get(source), fixed.get(source), fixed.get(node.outputs[0]!), batch)
      : freeConcat(node, types)
    nodes.push(...replaced.nodes)
    for (const [name, values] of replaced.constants) initializers.set(name, int64([values.length], values))
  }
  return { ...freed, nodes, initializers }
}

interface Replacement {
  readonly nodes: readonly Node[]
  /** One-axis integer constants that the nodes read. */
  readonly constants: readonly (readonly [string, readonly number[]])[]
}

const unchanged = (node: Node): Replacement => ({ nodes: [node], constants: [] })

/** -1 where the batch goes, the other axes as they were. */
function freeReshape(
  node: Node,
  from: ValueType | undefined,
  was: ValueType | undefined,
  to: ValueType | undefined,
  batch: number,
): Replacement {
  const axis = from?.shape.findIndex(dim => typeof dim === 'string') ?? -1
  if (from === undefined || was === undefined || to === undefined || axis < 0) return unchanged(node)
  const place = batchPlace(was.shape.map(Number), axis, to.shape.map(Number), batch)
  const open = from.shape.filter(dim => typeof dim === 'string').length
  if (place === undefined || open > 1) {
    throw new InputError(
      `the model has a fixed batch that node ${node.name} (Reshape) mixes with other axes: export it with a dynamic batch axis`,
    )
  }
  const name = `${node.outputs[0]}.shape`
  const target = to.shape.map((dim, i) => (i === place ? -1 : Number(dim)))
  return {
    nodes: [{ ...node, inputs: [node.inputs[0]!, name], attributes: {} }],
    constants: [[name, target]],
  }
}

/**
 * The axis of `to` that takes the batch, which is (part of) axis `axis` of `from`. Among the axes that hold the
 * same elements, one of the batch's own length is it. Where there is none it was merged with a neighbour: with the
 * one behind it, unless that is the last axis, whose length linear layers rely on.
 */
function batchPlace(from: readonly number[], axis: number, to: readonly number[], batch: number) {
  const start = product(from.slice(0, axis))
  const end = start * from[axis]!
  const inside = [...to.keys()].filter(
    i => product(to.slice(0, i)) >= start && product(to.slice(0, i + 1)) <= end,
  )
  const own = inside.filter(i => to[i] === batch)
  if (own.length > 0) return own.includes(axis) ? axis : own[0]
  const first = [...to.keys()].find(i => product(to.slice(0, i)) === start)
  return first === to.length - 1 && first > 0 ? first - 1 : first
}

/** What has one row while another input has the batch (a class token) is repeated for each image. */
function freeConcat(node: Node, types: ReadonlyMap<string, ValueType>): Replacement {
  const first = (input: string) => types.get(input)?.shape[0]
  const batch = node.inputs.find(input => typeof first(input) === 'string')
  const single = node.inputs.filter(input => first(input) === 1)
  const rank = types.get(node.inputs[0]!)?.shape.length ?? 0
  const axis = node.attributes.axis?.kind === 'int' ? node.attributes.axis.value : 0
  if (batch === undefined || single.length === 0 || (axis + rank) % rank === 0) return unchanged(node)
  const name = (part: string) => `${node.outputs[0]}.${part}`
  const make = (opType: string, inputs: string[], output: string, attributes: Node['attributes']): Node => ({
    name: output,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes,
  })
  const nodes = [
    make('Shape', [batch], name('batch'), {
      start: { kind: 'int', value: 0 },
      end: { kind: 'int', value: 1 },
    }),
    make('Concat', [name('batch'), name('ones')], name('repeats'), { axis: { kind: 'int', value: 0 } }),
    ...single.map((input, i) => make('Expand', [input, name('repeats')], name(`repeated${i}`), {})),
  ]
  const repeated = (input: string) =>
    single.includes(input) ? name(`repeated${single.indexOf(input)}`) : input
  return {
    nodes: [...nodes, { ...node, inputs: node.inputs.map(repeated) }],
    constants: [[name('ones'), new Array<number>(rank - 1).fill(1)]],
  }
}

const product = (dims: readonly (number | string)[]) =>
  dims.reduce<number>((all, dim) => all * Number(dim), 1)
