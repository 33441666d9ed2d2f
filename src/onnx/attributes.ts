// Reads attributes of a node by the kind ONNX stores them in, with the operator's default where it is left out.

import { InputError } from '../errors/input-error.ts'
import type { Attribute, Node } from './graph.ts'

/** @throws InputError when the attribute is there with another kind; so do the readers below. */
export function intOf(node: Node, key: string, otherwise: number): number {
  const attribute = node.attributes[key]
  if (attribute === undefined) return otherwise
  return attribute.kind === 'int' ? attribute.value : wrongKind(node, key, 'int', attribute)
}

export function floatOf(node: Node, key: string, otherwise: number): number {
  const attribute = node.attributes[key]
  if (attribute === undefined) return otherwise
  return attribute.kind === 'float' ? attribute.value : wrongKind(node, key, 'float', attribute)
}

export function stringOf(node: Node, key: string, otherwise: string): string {
  const attribute = node.attributes[key]
  if (attribute === undefined) return otherwise
  return attribute.kind === 'string' ? attribute.value : wrongKind(node, key, 'string', attribute)
}

/** Undefined where the attribute is left out: its default depends on other things. */
export function intsOf(node: Node, key: string): readonly number[] | undefined {
  const attribute = node.attributes[key]
  if (attribute === undefined) return undefined
  return attribute.kind === 'ints' ? attribute.value : wrongKind(node, key, 'ints', attribute)
}

function wrongKind(node: Node, key: string, kind: Attribute['kind'], found: Attribute): never {
  throw new InputError(
    `attribute ${key} of ${node.opType} (node ${node.name}) must be ${kind}, found ${found.kind}`,
  )
}
