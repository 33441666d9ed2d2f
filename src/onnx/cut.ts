// Cuts a graph in two at a value: what computes it, and what follows from it. The second half can then be run
// many times on changed values without computing the first again.

import { InputError } from '../errors/input-error.ts'
import { prune, replaceOutputs } from './edit.ts'
import type { Graph } from './graph.ts'
import { inferShapes } from './infer.ts'

export interface CutGraph {
  /** The graph's inputs -> the cut value and whatever else the tail needs from before it. */
  readonly head: Graph
  /** The head's outputs -> the graph's outputs. */
  readonly tail: Graph
  /** Names of the values that pass from head to tail; the cut value first. */
  readonly passed: readonly string[]
}

/**
 * Cuts `graph` at `value`. Where paths lead around the value (a skip connection that starts before it), the
 * values on those paths are passed along, so that the two halves always compute what the whole does.
 * @throws InputError when the graph's outputs do not depend on the value.
 */
export function cutAt(graph: Graph, value: string): CutGraph {
  const types = inferShapes(graph)
  const after = new Set([value])
  const tailNodes = graph.nodes.filter(node => {
    if (node.outputs.includes(value) || !node.inputs.some(input => after.has(input))) return false
    for (const output of node.outputs) if (output !== '') after.add(output)
    return true
  })
  const outputs = graph.outputs.filter(output => after.has(output.name))
  if (tailNodes.length === 0 || outputs.length === 0) {
    throw new InputError(`graph ${graph.name} gives nothing that depends on ${value}: cut it elsewhere`)
  }
  const passed = new Set([value])
  for (const node of tailNodes) {
    for (const input of node.inputs) {
      if (input !== '' && !after.has(input) && !graph.initializers.has(input)) passed.add(input)
    }
  }
  const inputs = [...passed].map(name => {
    const type = types.get(name)
    if (type === undefined) throw new InputError(`graph ${graph.name}: the type of ${name} is not known`)
    return { name, ...type }
  })
  return {
    head: replaceOutputs(graph, [...passed]),
    tail: prune({ ...graph, inputs, outputs, nodes: tailNodes }),
    passed: [...passed],
  }
}
