// The first things that must hold of a graph: every value is defined once, and before it is used.

import { InputError } from '../errors/input-error.ts'
import type { Graph, Node } from './graph.ts'

/**
 * @param outer names that an enclosing graph defines (for the bodies of If and Loop).
 * @throws InputError naming the value and node at fault.
 */
export function checkOrder(graph: Graph, outer: ReadonlySet<string> = new Set()): void {
  const defined = new Set(outer)
  const define = (name: string, by: string) => {
    if (defined.has(name)) throw new InputError(`graph value ${name} is defined twice (again by ${by})`)
    defined.add(name)
  }
  for (const { name } of graph.inputs) define(name, 'a graph input')
  for (const name of graph.initializers.keys()) define(name, 'an initializer')
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (input !== '' && !defined.has(input)) throw undefinedInput(graph, node, input)
    }
    for (const attribute of Object.values(node.attributes))
      if (attribute.kind === 'graph') checkOrder(attribute.value, defined)
    for (const output of node.outputs) if (output !== '') define(output, nodeLabel(node))
  }
  for (const { name } of graph.outputs)
    if (!defined.has(name)) throw new InputError(`graph output ${name} is not defined by any node`)
}

/** `node conv1 (Conv)`, as errors name a node. */
export function nodeLabel(node: Node): string {
  return `node ${node.name || node.outputs[0] || '(unnamed)'} (${node.opType})`
}

function undefinedInput(graph: Graph, node: Node, input: string): InputError {
  const later = graph.nodes.find(other => other.outputs.includes(input))
  if (later === undefined)
    return new InputError(`${nodeLabel(node)} reads ${input}, which nothing in the graph defines`)
  return new InputError(
    `${nodeLabel(node)} reads ${input} before ${nodeLabel(later)} defines it: nodes must stand in topological order`,
  )
}
