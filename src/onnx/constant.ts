// What is known of a value before anything runs.

import { InputError } from '../errors/input-error.ts'
import { float32, int64, type Tensor } from '../tensor/tensor.ts'
import type { Graph, Node } from './graph.ts'
import { nodeLabel } from './order.ts'

/** The value of `name` when it is an initializer or the output of a Constant node; undefined otherwise. */
export function constantOf(graph: Graph, name: string): Tensor | undefined {
  const stored = graph.initializers.get(name)
  if (stored !== undefined) return stored
  const node = graph.nodes.find(({ opType, outputs }) => opType === 'Constant' && outputs[0] === name)
  const value = node?.attributes.value
  return value?.kind === 'tensor' ? value.value : undefined
}

/** Elements of an integer tensor as numbers. */
export function integersOf(value: Tensor): number[] {
  return Array.from(value.data, Number)
}

/** Constant nodes, and Identity of an initializer (how exporters write shared weights), become initializers. */
export function constantsAsInitializers(graph: Graph): Graph {
  const initializers = new Map(graph.initializers)
  const outputs = new Set(graph.outputs.map(output => output.name))
  const nodes = graph.nodes.filter(node => {
    const [output = ''] = node.outputs
    if (node.domain !== '' || outputs.has(output)) return true
    const value = node.opType === 'Constant' ? constantValue(node) : undefined
    const shared = node.opType === 'Identity' ? initializers.get(node.inputs[0] ?? '') : undefined
    const stored = value ?? shared
    if (stored === undefined) return true
    initializers.set(output, stored)
    return false
  })
  return { ...graph, nodes, initializers }
}

function constantValue(node: Node): Tensor {
  const [[name, attribute] = []] = Object.entries(node.attributes)
  if (attribute?.kind === 'tensor' && name === 'value') return attribute.value
  if (attribute?.kind === 'float') return float32([], [attribute.value])
  if (attribute?.kind === 'floats') return float32([attribute.value.length], attribute.value)
  if (attribute?.kind === 'int') return int64([], [attribute.value])
  if (attribute?.kind === 'ints') return int64([attribute.value.length], attribute.value)
  throw new InputError(`${nodeLabel(node)} holds ${name ?? 'nothing'}, which is not supported`)
}
