// Splits a graph by when its inputs come: what can be computed from the early ones, and what waits for the others.

import { fixedValues, readsOf, withOutputs } from './edit.ts'
import type { Graph } from './graph.ts'
import { inferShapes } from './infer.ts'

export interface SplitGraph {
  /** The early inputs -> what the rest needs of them; undefined when the rest takes them as they are. */
  readonly early: Graph | undefined
  /** The other inputs, and those that it needs of the early ones and of the early graph's outputs -> all outputs. */
  readonly late: Graph
  /** The inputs of `late` that are no inputs of `graph` or early ones. */
  readonly passed: readonly string[]
}

/** Splits `graph` behind the inputs called `names`. A value of unknown type is computed late. */
export function splitBehind(graph: Graph, names: readonly string[]): SplitGraph {
  const types = inferShapes(graph)
  const early = new Set(names)
  const fixed = fixedValues(graph)
  const waiting = graph.nodes.filter(node => {
    const outputs = node.outputs.filter(output => output !== '')
    const isFixed = outputs.every(output => fixed.has(output))
    const isEarly = readsOf(node).every(read => fixed.has(read) || early.has(read))
    if (isFixed || !isEarly || outputs.some(output => !types.has(output))) return true
    for (const output of outputs) early.add(output)
    return false
  })
  const needed = new Set([...waiting.flatMap(readsOf), ...graph.outputs.map(output => output.name)])
  const passed = [...early].filter(name => needed.has(name))
  const given = new Map(graph.inputs.map(input => [input.name, input]))
  const made = passed.filter(name => !given.has(name)).map(name => ({ name, ...types.get(name)! }))
  const others = graph.inputs.filter(input => !early.has(input.name))
  const direct = passed.flatMap(name => given.get(name) ?? [])
  const first = { ...graph, inputs: graph.inputs.filter(input => names.includes(input.name)) }
  return {
    early: made.length === 0 ? undefined : withOutputs(first, made),
    late: withOutputs({ ...graph, inputs: [...others, ...direct, ...made], nodes: waiting }, graph.outputs),
    passed,
  }
}
