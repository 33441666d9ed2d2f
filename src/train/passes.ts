// Graphs in which a network runs more than once: on clean and on attacked images, with other weights, or before
// and after its weights were moved.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { renameValues } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import type { DropoutMask } from './training-form.ts'

/** Tag of the pass over unattacked images, where attacked ones are looked at too, and its input and output. */
export const CLEAN = 'clean'
export const CLEAN_IMAGES = `${CLEAN}/${IMAGES}`
export const CLEAN_LOGITS = `${CLEAN}/${LOGITS}`

/** The dropout masks of a clean and an attacked pass. */
export function masksOfBoth(masks: readonly DropoutMask[]): DropoutMask[] {
  return masks.flatMap(mask => [{ ...mask, input: `${CLEAN}/${mask.input}` }, mask])
}

/** `graph` with every value but the `kept` ones called `tag/...`, so that it can stand beside another. */
export function tagged(graph: Graph, tag: string, kept: (name: string) => boolean): Graph {
  const values = [
    ...graph.inputs.map(input => input.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(node => node.outputs),
  ]
  const others = values.filter(name => name !== '' && !kept(name))
  const renamed = renameValues(graph, new Map(others.map(name => [name, `${tag}/${name}`])))
  const nodes = renamed.nodes.map(node => ({ ...node, name: `${tag}/${node.name}` }))
  return { ...renamed, nodes }
}

/**
 * `first`, then `second`: what `second` takes in and `first` makes is that value, what both take in is one input.
 * No other name may stand in both.
 */
export function chained(first: Graph, second: Graph): Graph {
  const known = new Set([
    ...first.inputs.map(input => input.name),
    ...first.nodes.flatMap(node => node.outputs),
  ])
  return {
    ...second,
    inputs: [...first.inputs, ...second.inputs.filter(input => !known.has(input.name))],
    outputs: [...first.outputs, ...second.outputs],
    nodes: [...first.nodes, ...second.nodes],
    initializers: new Map([...first.initializers, ...second.initializers]),
    opsets: new Map([...first.opsets, ...second.opsets]),
  }
}
