// The intermediate representation: an ONNX graph as plain data. Printable, comparable, immutable by habit:
// an edit makes a new Graph that shares the nodes and weights it did not change.

import type { DType } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** One axis: a number, or the name of a symbol such as `n` (the batch). Unknown axes get a fresh symbol. */
export type Dim = number | string

/** Name and type of a value at the border of a graph. `shape` undefined: not even the rank is known. */
export interface ValueInfo {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly Dim[] | undefined
}

/** An attribute with the kind ONNX stores, so that writing it back loses nothing. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }

/** One operator call. An empty string among `inputs` or `outputs` is an optional one left out. */
export interface Node {
  readonly name: string
  readonly opType: string
  /** '' is the ONNX standard domain. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A computation. Nodes stand in topological order; every name is written once. */
export interface Graph {
  readonly name: string
  /** What a caller feeds. Initializers are never listed here. */
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly nodes: readonly Node[]
  readonly initializers: ReadonlyMap<string, Tensor>
  /** Domain -> version. */
  readonly opsets: ReadonlyMap<string, number>
  /** Free text carried in the file (metadata_props): recipe, preprocessing, layers. */
  readonly metadata: ReadonlyMap<string, string>
}

/** Where a value comes from: the node that writes it, by value name. */
export function producers(graph: Graph): Map<string, Node> {
  const map = new Map<string, Node>()
  for (const node of graph.nodes) for (const output of node.outputs) if (output) map.set(output, node)
  return map
}
