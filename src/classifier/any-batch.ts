// Exporters often write the batch that they traced with (mostly 1) into the input's shape and into every Reshape.
// Here it becomes the symbol `n` again, so that one session serves any number of images.

import { InputError } from '../errors/input-error.ts'
import { constantOf } from '../onnx/constant.ts'
import type { Graph, Node, ValueInfo } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import { int64 } from '../tensor/tensor.ts'

/**
 * `graph` with the batch axis of its one input named `n`. A Reshape to a constant shape that fixed the batch gets
 * -1 in its place.
 * @throws InputError when the batch cannot be freed: some operator needs it fixed.
 */
export function withAnyBatch(graph: Graph): Graph {
  const [input] = graph.inputs as readonly [ValueInfo]
  const [batch, ...rest] = input.shape ?? []
  const freed: Graph = {
    ...graph,
    inputs: [{ ...input, shape: ['n', ...rest] }],
    outputs: graph.outputs.map(output => ({ ...output, shape: undefined })),
  }
  if (typeof batch !== 'number') return freed
  return freeReshapes(freed, inferShapes(graph))
}

/** Reshapes are visited in order, since the types behind one are only known when it is right. */
function freeReshapes(freed: Graph, fixed: ReadonlyMap<string, ValueType>): Graph {
  let graph = freed
  for (const [index, node] of freed.nodes.entries()) {
    if (node.opType !== 'Reshape' || node.domain !== '') continue
    if (constantOf(graph, node.inputs[1] ?? '') === undefined) continue
    const from = inferShapes({ ...graph, nodes: graph.nodes.slice(0, index), outputs: [] }).get(
      node.inputs[0]!,
    )
    const to = fixed.get(node.outputs[0]!)
    if (from === undefined || to === undefined) continue
    const axis = from.shape.findIndex(dim => typeof dim === 'string')
    if (axis < 0) continue
    graph = withTarget(graph, index, freeTarget(node, from, to, axis))
  }
  return graph
}

/**
 * The target of a reshape whose input has its batch on `axis`: -1 at the axis that starts at the same element
 * offset, the others as they were.
 */
function freeTarget(node: Node, from: ValueType, to: ValueType, axis: number): number[] {
  const before = product(from.shape.slice(0, axis))
  const starts = (i: number) => i < to.shape.length && product(to.shape.slice(0, i)) === before
  const place = starts(axis) ? axis : to.shape.findIndex((_, i) => starts(i))
  const others = from.shape.filter((dim, i) => i !== axis && typeof dim === 'string')
  if (place < 0 || others.length > 0 || to.shape.some(dim => typeof dim === 'string')) {
    throw new InputError(
      `the model has a fixed batch that node ${node.name} (Reshape) mixes with other axes: export it with a dynamic batch axis`,
    )
  }
  return to.shape.map((dim, i) => (i === place ? -1 : Number(dim)))
}

const product = (dims: readonly (number | string)[]) =>
  dims.reduce<number>((all, dim) => all * Number(dim), 1)

function withTarget(graph: Graph, index: number, target: readonly number[]): Graph {
  const node = graph.nodes[index]!
  const name = `${node.outputs[0]}.shape`
  const nodes = [...graph.nodes]
  nodes[index] = { ...node, inputs: [node.inputs[0]!, name], attributes: {} }
  return {
    ...graph,
    nodes,
    initializers: new Map([...graph.initializers, [name, int64([target.length], target)]]),
  }
}
