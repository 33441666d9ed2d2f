// Changes to graphs. Each returns a new graph that shares all it did not change.

import { InputError } from '../errors/input-error.ts'
import { allocate } from '../tensor/dtype.ts'
import { elementCount } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Attribute, type Graph, type Node, producers, type ValueInfo } from './graph.ts'
import { inferShapes, inferValues } from './infer.ts'

/**
 * Without the nodes and initializers that no output needs. Inputs stay: they are the caller's contract.
 * @param outputs names of the graph outputs to keep, in this order; default: all.
 * @throws InputError for a name that is no output (see {@link replaceOutputs}).
 */
export function prune(graph: Graph, outputs?: readonly string[]): Graph {
  const kept = outputs?.map(name => {
    const output = graph.outputs.find(o => o.name === name)
    if (output !== undefined) return output
    const known = graph.outputs.map(o => o.name).join(', ')
    throw new InputError(`graph ${graph.name} has no output ${name} (its outputs: ${known})`)
  })
  return withOutputs(graph, kept ?? graph.outputs)
}

/**
 * The graph that computes `values` (of any of its values) and nothing else.
 * @throws InputError for a value that does not exist or whose type cannot be inferred.
 */
export function replaceOutputs(graph: Graph, values: readonly string[]): Graph {
  const types = inferShapes(graph)
  return withOutputs(
    graph,
    values.map(name => {
      const type = types.get(name)
      if (type === undefined)
        throw new InputError(`graph ${graph.name} has no value ${name} of known type to return`)
      return { name, ...type }
    }),
  )
}

/**
 * With these initializers as graph inputs of their shape, after the present inputs and in the order of `names`.
 * @throws InputError for a name that is no initializer.
 */
export function weightsAsInputs(graph: Graph, names: readonly string[]): Graph {
  const initializers = new Map(graph.initializers)
  const inputs = names.map((name): ValueInfo => {
    const value = initializers.get(name)
    if (value === undefined) throw new InputError(`graph ${graph.name} has no initializer ${name}`)
    initializers.delete(name)
    return { name, dtype: value.dtype, shape: value.shape }
  })
  return { ...graph, inputs: [...graph.inputs, ...inputs], initializers }
}

/**
 * With values renamed everywhere they are written or read.
 * @param names old name -> new name. A new name must not be in use.
 */
export function renameValues(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const rename = (name: string) => names.get(name) ?? name
  const border = (value: ValueInfo): ValueInfo => ({ ...value, name: rename(value.name) })
  return {
    ...graph,
    inputs: graph.inputs.map(border),
    outputs: graph.outputs.map(border),
    nodes: graph.nodes.map(node => renameIn(node, names)),
    initializers: new Map([...graph.initializers].map(([name, value]) => [rename(name), value])),
  }
}

/**
 * With shape arithmetic done beforehand: every integer scalar or vector that does not depend on what is fed
 * becomes an initializer, and the nodes that computed it go.
 */
export function foldConstants(graph: Graph): Graph {
  const { types, contents } = inferValues(graph)
  const outputs = new Set(graph.outputs.map(output => output.name))
  const initializers = new Map(graph.initializers)
  const nodes = graph.nodes.filter(node => {
    const [name = '', ...others] = node.outputs
    const elements = contents.get(name)
    const type = types.get(name)
    if (!elements?.every(e => typeof e === 'number') || type === undefined || others.length > 0) return true
    if (outputs.has(name)) return true
    initializers.set(
      name,
      integers(type.dtype, type.shape as readonly number[], elements as readonly number[]),
    )
    return false
  })
  return prune({ ...graph, nodes, initializers })
}

/** The values that do not depend on what is fed: initializers, and what is computed from nothing else. */
export function fixedValues({ nodes, initializers }: Graph): Set<string> {
  const fixed = new Set(['', ...initializers.keys()])
  for (const node of nodes)
    if (readsOf(node).every(read => fixed.has(read))) for (const output of node.outputs) fixed.add(output)
  return fixed
}

/** With the nodes in topological order, and as near as that allows to the order that they have. */
export function ordered(graph: Graph): Graph {
  const made = producers(graph)
  const nodes = new Set<Node>()
  for (const last of graph.nodes) {
    // What a node waits for stands above it on the stack; the second visit finds that done.
    const stack = [last]
    while (stack.length > 0) {
      const node = stack.at(-1)!
      const before = readsOf(node).flatMap(read => made.get(read) ?? [])
      const missing = before.filter(other => other !== node && !nodes.has(other))
      if (missing.length === 0) nodes.add(stack.pop()!)
      else stack.push(...missing)
    }
  }
  return { ...graph, nodes: [...nodes] }
}

/** The graph that computes these values, whose types are the caller's word, and nothing else. */
export function withOutputs(graph: Graph, outputs: readonly ValueInfo[]): Graph {
  const wanted = new Set(outputs.map(output => output.name))
  const nodes: Node[] = []
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(output => wanted.has(output))) continue
    for (const name of readsOf(node)) wanted.add(name)
    nodes.push(node)
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => wanted.has(name)))
  return { ...graph, outputs: [...outputs], nodes: nodes.reverse(), initializers }
}

/** The values a node reads, those that its subgraphs take from outside included. */
export function readsOf(node: Node): string[] {
  const inner = Object.values(node.attributes).flatMap(attribute =>
    attribute.kind === 'graph'
      ? [...attribute.value.nodes.flatMap(readsOf), ...attribute.value.outputs.map(output => output.name)]
      : [],
  )
  return [...node.inputs, ...inner]
}

function renameIn(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string) => names.get(name) ?? name
  const attributes = Object.entries(node.attributes).map(([key, attribute]): [string, Attribute] =>
    attribute.kind === 'graph'
      ? [key, { kind: 'graph', value: renameValues(attribute.value, names) }]
      : [key, attribute],
  )
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(attributes),
  }
}

function integers(dtype: Tensor['dtype'], shape: readonly number[], elements: readonly number[]): Tensor {
  const data = allocate(dtype, elementCount(shape))
  for (const [i, element] of elements.entries()) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(element)
    else data[i] = element
  }
  return { dtype, shape, data }
}
