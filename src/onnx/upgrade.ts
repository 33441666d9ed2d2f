// Brings models of opsets 7 to 23 to CURRENT_OPSET. What the two tables of changes do not list means the same in
// all these opsets for the types used here.

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from './builder.ts'
import { constantOf } from './constant.ts'
import type { Attribute, Graph, Node } from './graph.ts'
import { inferShapes, type ValueType } from './infer.ts'
import { CURRENT_OPSET } from './schema.ts'
import { compositions } from './upgrade/compositions.ts'
import { renames } from './upgrade/renames.ts'
import { type Changes, type Context, NEWEST, OLDEST } from './upgrade/rewrite.ts'

/**
 * `graph` at CURRENT_OPSET.
 * @throws InputError for an opset outside 7..23 and for an operator that cannot be restated, naming both.
 */
export function upgrade(graph: Graph): Graph {
  const opset = graph.opsets.get('') ?? CURRENT_OPSET
  if (opset < OLDEST || opset > NEWEST) {
    throw new InputError(
      `graph ${graph.name} is of opset ${opset}, supported are ${OLDEST} to ${NEWEST}: export or convert it again`,
    )
  }
  // The second pass looks at types, which are inferred of what the first one made.
  const first = rewriteNodes(graph, opset, renames, () => undefined)
  const types =
    opset === CURRENT_OPSET && !usesAny(first, compositions)
      ? new Map<string, ValueType>()
      : inferShapes(first)
  const second = rewriteNodes(first, opset, compositions, value => types.get(value))
  return { ...second, opsets: new Map([...graph.opsets, ['', CURRENT_OPSET]]) }
}

function usesAny(graph: Graph, table: Changes): boolean {
  return graph.nodes.some(
    node =>
      (node.domain === '' && Object.hasOwn(table, node.opType)) ||
      Object.values(node.attributes).some(a => a.kind === 'graph' && usesAny(a.value, table)),
  )
}

function rewriteNodes(graph: Graph, opset: number, table: Changes, type: Context['type']): Graph {
  const builder = new GraphBuilder(graph)
  const context: Context = {
    opset,
    ints: values => builder.ints(values),
    scalar: value => builder.scalar(value),
    constant: value => builder.constant(value),
    fresh: node => builder.fresh(node.outputs[0] ?? node.name),
    known: value => constantOf(graph, value),
    type,
  }
  const rewrite = (node: Node): readonly Node[] => {
    const change = node.domain === '' && Object.hasOwn(table, node.opType) ? table[node.opType] : undefined
    const applies = change !== undefined && opset >= (change.from ?? OLDEST) && opset <= change.to
    if (applies) return change.rewrite(node, context)
    const attributes = mapGraphs(node.attributes, inner => ({
      ...inner,
      nodes: inner.nodes.flatMap(rewrite),
    }))
    return [attributes === node.attributes ? node : { ...node, attributes }]
  }
  const nodes = graph.nodes.flatMap(rewrite)
  return { ...graph, nodes, initializers: builder.build().initializers }
}

/** Subgraphs see the initializers of the whole, so what a rewrite adds may lie there. */
function mapGraphs(attributes: Node['attributes'], change: (graph: Graph) => Graph): Node['attributes'] {
  if (!Object.values(attributes).some(a => a.kind === 'graph')) return attributes
  const entries = Object.entries(attributes).map(([key, a]): [string, Attribute] => [
    key,
    a.kind === 'graph' ? { kind: 'graph', value: change(a.value) } : a,
  ])
  return Object.fromEntries(entries)
}
