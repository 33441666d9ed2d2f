// Whether a graph is sound: run after edits in tests and before a model from outside is used.

import { InputError } from '../errors/input-error.ts'
import { elementCount } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Graph, Node } from './graph.ts'
import { inferShapes } from './infer.ts'
import { checkOrder, nodeLabel } from './order.ts'
import { attributesOf, CURRENT_OPSET } from './schema.ts'

/**
 * Checks that values are defined once and before use, operators and their attributes are known, opsets are the
 * current ones, shapes fit together, and weights are complete and finite.
 * @throws InputError naming the first node, value or initializer at fault.
 */
export function checkGraph(graph: Graph): void {
  checkOpsets(graph)
  checkOrder(graph)
  for (const node of graph.nodes) checkNode(node, graph)
  for (const [name, value] of graph.initializers) checkWeight(name, value)
  const types = inferShapes(graph)
  for (const { name, dtype } of graph.outputs) {
    const found = types.get(name)
    if (found !== undefined && found.dtype !== dtype)
      throw new InputError(`graph output ${name} is declared as ${dtype} but is ${found.dtype}`)
  }
}

function checkOpsets(graph: Graph): void {
  const opset = graph.opsets.get('')
  if (opset !== CURRENT_OPSET)
    throw new InputError(`graph ${graph.name} is of opset ${opset ?? 'none'}, expected ${CURRENT_OPSET}`)
}

function checkNode(node: Node, graph: Graph): void {
  const attributes = attributesOf(node.opType, node.domain)
  const version = graph.opsets.get(node.domain)
  if (version === undefined)
    throw new InputError(`${nodeLabel(node)} is of domain ${node.domain}, which the graph does not import`)
  if (attributes === undefined) {
    const domain = node.domain === '' ? '' : ` of domain ${node.domain}`
    throw new InputError(`${nodeLabel(node)}: operator ${node.opType}${domain} is not supported`)
  }
  for (const [key, { kind }] of Object.entries(node.attributes)) {
    const expected = Object.hasOwn(attributes, key) ? attributes[key] : undefined
    if (expected === undefined) throw new InputError(`${nodeLabel(node)} has the unknown attribute ${key}`)
    if (kind !== expected)
      throw new InputError(`attribute ${key} of ${nodeLabel(node)} is of kind ${kind}, expected ${expected}`)
  }
}

function checkWeight(name: string, { dtype, shape, data }: Tensor): void {
  if (data.length !== elementCount(shape))
    throw new InputError(`initializer ${name} has ${data.length} elements, its shape ${elementCount(shape)}`)
  if (dtype !== 'float32' && dtype !== 'float64') return
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i])
    // Bounds of ranges (Clip, masks of attention) may be infinite: only whole weights that are not are suspect.
    if (Number.isNaN(value) || (data.length > 1 && !Number.isFinite(value)))
      throw new InputError(`initializer ${name} holds ${value} at element ${i}: the weights are damaged`)
  }
}
