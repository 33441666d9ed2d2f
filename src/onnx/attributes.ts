// Reads attributes of a node by the kind ONNX stores them in, with the operator's default where it is left out.

import { InputError } from '../errors/input-error.ts'
import type { Attribute, Node } from './graph.ts'
import { nodeLabel } from './order.ts'

/** @throws InputError when the attribute is there with another kind. */
export function intOf(node: Node, key: string, otherwise: number): number {
  const attribute = node.attributes[key]
  if (attribute === undefined) return otherwise
  return attribute.kind === 'int' ? attribute.value : wrongKind(node, key, 'int', attribute)
}

/** @throws InputError when the attribute is there with another kind. */
export function floatOf(node: Node, key: string, otherwise: number): number {
  const attribute = node.attributes[key]
  if (attribute === undefined) return otherwise
  return attribute.kind === 'float' ? attribute.value : wrongKind(node, key, 'float', attribute)
}

/** @throws InputError when the attribute is there with another kind. */
export function stringOf(node: Node, key: string, otherwise: string): string {
  const attribute = node.attributes[key]
  if (attribute === undefined) return otherwise
  return attribute.kind === 'string' ? attribute.value : wrongKind(node, key, 'string', attribute)
}

/** @throws InputError when the attribute is there with another kind. */
export function intsOf(node: Node, key: string): readonly number[] | undefined {
  const attribute = node.attributes[key]
  if (attribute === undefined) return undefined
  return attribute.kind === 'ints' ? attribute.value : wrongKind(node, key, 'ints', attribute)
}

function wrongKind(node: Node, key: string, expected: Attribute['kind'], { kind }: Attribute): never {
  throw new InputError(`attribute ${key} of ${nodeLabel(node)} must be of kind ${expected}, found ${kind}`)
}
