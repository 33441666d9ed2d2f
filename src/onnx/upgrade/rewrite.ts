// What a change between opsets is: from one node to the nodes that mean the same at CURRENT_OPSET.

import type { Tensor } from '../../tensor/tensor.ts'
import type { Attribute, Node } from '../graph.ts'
import { type AttributeValue, attributeOf } from '../schema.ts'
import type { ValueType } from '../shapes/rule.ts'

/** Oldest and newest opset that is understood. */
export const OLDEST = 7
export const NEWEST = 23

/** What a rewrite works with. */
export interface Context {
  /** The opset of the model. */
  readonly opset: number
  /** A constant vector of integers, as an initializer. */
  ints(values: readonly number[]): string
  scalar(value: number): string
  constant(value: Tensor): string
  /** A value name nobody uses, starting with that of `node`'s output. */
  fresh(node: Node): string
  /** The constant behind a value. */
  known(value: string): Tensor | undefined
  /** Type of a value, where inference can tell it; not known to the first pass (renames.ts). */
  type(value: string): ValueType | undefined
}

export type Rewrite = (node: Node, context: Context) => readonly Node[]

/** A rewrite and the opsets of the models it is for. */
export interface Change {
  readonly from?: number
  /** The last opset it is for. */
  readonly to: number
  readonly rewrite: Rewrite
}

export type Changes = Readonly<Record<string, Change>>

/** `node` with other inputs and without some attributes. */
export function restated(
  node: Node,
  inputs: readonly string[],
  without: readonly string[],
  opType = node.opType,
): Node {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).filter(([key]) => !without.includes(key)),
  )
  return { ...node, opType, inputs, attributes }
}

/** A node of one output, named after it. */
export function make(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Node {
  const typed = Object.entries(attributes).map(([key, value]): [string, Attribute] => [
    key,
    attributeOf(opType, '', key, value),
  ])
  return {
    name: output,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes: Object.fromEntries(typed),
  }
}
