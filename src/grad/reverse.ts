// Reverse-mode differentiation of an ONNX graph: the result is the same graph, longer. Walks backwards over
// the nodes that lie between `wrt` and `of` and asks the rule of each for the gradients of its inputs.

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { constantOf } from '../onnx/constant.ts'
import type { Graph, Node } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import type { DType } from '../tensor/dtype.ts'
import { float32 } from '../tensor/tensor.ts'
import type { RuleContext } from './rule.ts'
import { rules } from './rules/table.ts'

/** Name of the output that holds the gradient of the sum of `of` with respect to `wrt`. */
export function gradientName(of: string, wrt: string): string {
  return `d(${of})/d(${wrt})`
}

/**
 * `graph` with one more output per name in `wrt`: the gradient of the sum of `of` with respect to it, named
 * by {@link gradientName} and of its shape.
 *
 * @param of a float value of any shape; the walk starts with ones of its shape.
 * @param wrt inputs, initializers or intermediate values, all float. The gradient is total: it includes every
 *   path from the value to `of`.
 * @throws InputError for an unknown value, a value `of` does not depend on, and an operator without a rule.
 */
export function gradient(graph: Graph, of: string, wrt: readonly string[]): Graph {
  const types = inferShapes(graph)
  for (const value of [of, ...wrt]) requireFloat(types, value)
  const builder = new GraphBuilder(graph)
  const active = between(graph, of, wrt, types)

  const contributions = new Map<string, string[]>()
  const total = (value: string): string | undefined => {
    const parts = contributions.get(value)
    if (parts === undefined) return undefined
    if (parts.length > 1) {
      // Several uses: one n-ary node instead of a chain, and once only.
      const sum = builder.op(parts.length === 2 ? 'Add' : 'Sum', parts, {}, { name: `d(${value})` })
      contributions.set(value, [sum])
    }
    return contributions.get(value)?.[0]
  }

  contributions.set(of, [onesLike(builder, of, types)])
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(output => active.has(output))) continue
    const gradients = node.outputs.map(output => (active.has(output) ? total(output) : undefined))
    if (gradients.every(g => g === undefined)) continue
    const needs = node.inputs.map(input => active.has(input))
    if (!needs.includes(true)) continue
    const inputGradients = ruleOf(node, graph)(contextOf(node, graph, builder, types, gradients, needs))
    for (const [i, input] of node.inputs.entries()) {
      const part = inputGradients[i]
      if (part === undefined || !needs[i]) continue
      contributions.set(input, [...(contributions.get(input) ?? []), part])
    }
  }

  for (const value of wrt) {
    const result = total(value)
    if (result === undefined) throw noPath(of, value)
    const { dtype, shape } = types.get(value)!
    builder.output(result, dtype, shape, gradientName(of, value))
  }
  return builder.build()
}

/** The float values that depend on some `wrt` and on which `of` depends, both ends included. */
function between(
  graph: Graph,
  of: string,
  wrt: readonly string[],
  types: ReadonlyMap<string, ValueType>,
): Set<string> {
  const isFloat = (value: string) => floats.has(types.get(value)?.dtype ?? 'bool')
  const below = new Set(wrt)
  for (const node of graph.nodes) {
    if (!node.inputs.some(input => below.has(input))) continue
    for (const output of node.outputs) if (output !== '' && isFloat(output)) below.add(output)
  }
  const above = new Set([of])
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(output => above.has(output))) continue
    for (const input of node.inputs) if (below.has(input)) above.add(input)
  }
  for (const value of wrt) if (!above.has(value) || !below.has(of)) throw noPath(of, value)
  return new Set([...above].filter(value => below.has(value)))
}

const floats: ReadonlySet<DType> = new Set(['float32', 'float64', 'float16', 'bfloat16'])

function requireFloat(types: ReadonlyMap<string, ValueType>, value: string): void {
  const type = types.get(value)
  if (type === undefined) throw new InputError(`the graph has no value ${value} to differentiate`)
  if (!floats.has(type.dtype)) {
    throw new InputError(`only float values have gradients: ${value} is ${type.dtype}`)
  }
}

function noPath(of: string, wrt: string): InputError {
  return new InputError(`${of} does not depend on ${wrt} in a differentiable way: there is no gradient`)
}

function ruleOf(node: Node, graph: Graph) {
  const rule = rules.get(node.domain === '' ? node.opType : `${node.domain}:${node.opType}`)
  if (rule === undefined) {
    const domain = node.domain === '' ? '' : ` of domain ${node.domain}`
    throw new InputError(
      `operator ${node.opType}${domain} (node ${node.name}, opset ${graph.opsets.get(node.domain)}) has no gradient rule`,
    )
  }
  return rule
}

function contextOf(
  node: Node,
  graph: Graph,
  builder: GraphBuilder,
  types: ReadonlyMap<string, ValueType>,
  gradients: readonly (string | undefined)[],
  needs: readonly boolean[],
): RuleContext {
  const where = `gradient of ${node.opType} (node ${node.name})`
  const type = (value: string) => {
    const found = types.get(value)
    if (found === undefined) throw new InputError(`${where} needs the shape of ${value}, which is unknown`)
    return found
  }
  const opset = graph.opsets.get(node.domain) ?? 1
  return {
    node,
    builder,
    opset,
    gradients,
    needs,
    type,
    shape: value => type(value).shape,
    fixedShape: (value, firstAxis = 0) =>
      type(value)
        .shape.slice(firstAxis)
        .map((dim, i) => {
          if (typeof dim === 'number') return dim
          throw new InputError(
            `${where} needs a fixed size of axis ${firstAxis + i} of ${value}, found symbol ${dim}`,
          )
        }),
    constant: value => constantOf(graph, value),
  }
}

function onesLike(builder: GraphBuilder, value: string, types: ReadonlyMap<string, ValueType>): string {
  const { dtype, shape } = types.get(value)!
  const one = float32([1], [1])
  const fixed = shape.every(dim => typeof dim === 'number')
  const size = fixed ? builder.ints(shape as number[]) : builder.op('Shape', [value])
  const ones = builder.op('ConstantOfShape', [size], { value: one }, { name: `d(${value})` })
  return dtype === 'float32' ? ones : builder.op('CastLike', [ones, value])
}
