// Reads attributes of a node by the kind ONNX stores them in, with the operator's default where it is left out.

import { InputError } from '../errors/input-error.ts'
import type { Attribute, Node } from './graph.ts'

/** @throws InputError when the attribute is there with another kind. */
export function intOf(node: Node, key: string, otherwise: number): number {
  return valueOf(node, key, 'int') ?? otherwise
}

/** @throws InputError when the attribute is there with another kind. */
export function floatOf(node: Node, key: string, otherwise: number): number {
  return valueOf(node, key, 'float') ?? otherwise
}

/** @throws InputError when the attribute is there with another kind. */
export function stringOf(node: Node, key: string, otherwise: string): string {
  return valueOf(node, key, 'string') ?? otherwise
}

/** @throws InputError when the attribute is there with another kind. */
export function intsOf(node: Node, key: string): readonly number[] | undefined {
  return valueOf(node, key, 'ints')
}

type ValueOf<K extends Attribute['kind']> = Extract<Attribute, { kind: K }>['value']

function valueOf<K extends Attribute['kind']>(node: Node, key: string, kind: K): ValueOf<K> | undefined {
  const attribute = node.attributes[key]
  if (attribute === undefined) return undefined
  if (!isKind(attribute, kind)) {
    throw new InputError(
      `attribute ${key} of ${node.opType} (node ${node.name}) must be ${kind}, found ${attribute.kind}`,
    )
  }
  return attribute.value as ValueOf<K>
}

function isKind<K extends Attribute['kind']>(
  attribute: Attribute,
  kind: K,
): attribute is Extract<Attribute, { kind: K }> {
  return attribute.kind === kind
}
