// What a gradient rule is: from the gradients of a node's outputs to the gradients of its inputs, as more
// nodes. Rules see types and constants of the original graph and append to it; they compute nothing.

import type { GraphBuilder } from '../onnx/builder.ts'
import type { Dim, Node } from '../onnx/graph.ts'
import type { ValueType } from '../onnx/infer.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Everything a rule may look at. Values are referred to by name. */
export interface RuleContext {
  readonly node: Node
  /** Where the rule appends its nodes. */
  readonly builder: GraphBuilder
  /** Version of the node's operator set. */
  readonly opset: number
  /**
   * Gradient of `of` with respect to each output of the node, of that output's shape; undefined where nothing
   * flows back. At least one is defined.
   */
  readonly gradients: readonly (string | undefined)[]
  /** Whether the gradient of each input is asked for; a rule need not compute the others. */
  readonly needs: readonly boolean[]
  /** Element type and shape of a value of the original graph. @throws InputError when not even the rank is known. */
  type(value: string): ValueType
  /** `type(value).shape`; axes are numbers or symbols such as `n`. */
  shape(value: string): readonly Dim[]
  /**
   * `shape(value)` as numbers.
   * @throws InputError naming the value when an axis from `firstAxis` (default 0) on is symbolic.
   */
  fixedShape(value: string, firstAxis?: number): readonly number[]
  /** The value itself when it is an initializer or constant. */
  constant(value: string): Tensor | undefined
}

/**
 * One operator's gradient: for each input of `context.node` the name of its gradient, or undefined where none
 * flows (integer inputs, inputs not asked for). A gradient has its input's shape: rules of operators that
 * broadcast pass theirs through {@link unbroadcast}.
 */
export type Rule = (context: RuleContext) => readonly (string | undefined)[]

/** Rules by operator name, for one family of operators; domains other than ONNX's are written `domain:Op`. */
export type RuleTable = Readonly<Record<string, Rule>>

/** The one gradient that reaches a node whose only output of interest is its first. */
export function firstGradient(context: RuleContext): string {
  const [gradient] = context.gradients
  if (gradient === undefined) throw new Error(`rule of ${context.node.opType} called without a gradient`)
  return gradient
}
