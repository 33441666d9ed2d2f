// Element types and shapes of every value of a graph. Axes may be symbols (`n`, `8*n`); chains of operators that
// compute shapes are followed.

import type { Tensor } from '../tensor/tensor.ts'
import { checkInputs } from './arity.ts'
import type { Graph, Node } from './graph.ts'
import { type Contents, contentsOf, contentsOfConstant } from './shapes/contents.ts'
import { contractShapes } from './shapes/contract.ts'
import { createShapes } from './shapes/create.ts'
import { elementwiseShapes } from './shapes/elementwise.ts'
import { layoutShapes } from './shapes/layout.ts'
import { NodeTypes, type ShapeRule, type ValueType } from './shapes/rule.ts'
import { selectShapes } from './shapes/select.ts'
import { windowShapes } from './shapes/window.ts'

export type { ValueType } from './shapes/rule.ts'

const rules: ReadonlyMap<string, ShapeRule> = new Map(
  [contractShapes, createShapes, elementwiseShapes, layoutShapes, selectShapes, windowShapes].flatMap(table =>
    Object.entries(table),
  ),
)

/** What {@link inferValues} knows: types, and the elements of small whole-number tensors. */
export interface Inferred {
  readonly types: ReadonlyMap<string, ValueType>
  /** Elements (numbers or symbols) of small tensors of whole numbers that do not depend on what is fed. */
  readonly contents: ReadonlyMap<string, Contents>
}

/**
 * The type of each value (inputs, initializers, node outputs) by name. A value is missing when not even its rank can
 * be told: after an operator that is not known, or a Reshape to a shape that is fed.
 * @throws InputError naming the node whose inputs do not fit together.
 */
export function inferShapes(graph: Graph): ReadonlyMap<string, ValueType> {
  return inferValues(graph).types
}

/** {@link inferShapes}, with the elements of shape tensors. */
export function inferValues(graph: Graph): Inferred {
  const types = new Map<string, ValueType>()
  const contents = new Map<string, Contents>()
  for (const { name, dtype, shape } of graph.inputs) if (shape) types.set(name, { dtype, shape })
  for (const [name, value] of graph.initializers) addConstant(name, value, types, contents)
  for (const node of graph.nodes) {
    const rule = rules.get(ruleName(node))
    if (rule === undefined) continue
    checkInputs(node)
    if (node.inputs.some(input => input !== '' && !types.has(input))) continue
    const nodeTypes = new NodeTypes(node, types, contents, graph.initializers)
    for (const [i, type] of rule(nodeTypes).entries()) {
      const output = node.outputs[i] ?? ''
      if (type !== undefined && output !== '') types.set(output, type)
    }
    const [output = ''] = node.outputs
    const type = types.get(output)
    const known = type && contentsOf(nodeTypes, type)
    if (known) contents.set(output, known)
  }
  for (const { name, dtype, shape } of graph.outputs)
    if (shape && !types.has(name)) types.set(name, { dtype, shape })
  return { types, contents }
}

function ruleName({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}:${opType}`
}

function addConstant(
  name: string,
  value: Tensor,
  types: Map<string, ValueType>,
  contents: Map<string, Contents>,
): void {
  types.set(name, { dtype: value.dtype, shape: value.shape })
  const known = contentsOfConstant(value)
  if (known) contents.set(name, known)
}
