// What is known of a value before anything runs.

import type { Tensor } from '../tensor/tensor.ts'
import type { Graph } from './graph.ts'

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
