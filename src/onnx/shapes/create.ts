// Shapes of operators whose output depends on a shape or on numbers, not on a tensor's elements.

import { dtypeOfCode } from '../proto.ts'
import { addDims, floorDivideDims, subtractDims } from './dim.ts'
import type { NodeTypes, ShapeTable } from './rule.ts'

function constant(node: NodeTypes) {
  const value = node.node.attributes.value
  if (value?.kind !== 'tensor') return [undefined]
  return [{ dtype: value.value.dtype, shape: value.value.shape }]
}

function constantOfShape(node: NodeTypes) {
  const value = node.node.attributes.value
  const dtype = value?.kind === 'tensor' ? value.value.dtype : 'float32'
  const shape = node.values(0) ?? node.unknownShape(node.shape(0)[0])
  return [shape && { dtype, shape }]
}

function range(node: NodeTypes) {
  const floats = [0, 1, 2].map(i => node.constant(i)?.data[0])
  const dtype = node.dtype(0)
  if (floats.every(v => v !== undefined)) {
    const [start, limit, delta] = floats.map(Number) as [number, number, number]
    return [{ dtype, shape: [Math.max(0, Math.ceil((limit - start) / delta))] }]
  }
  const [start, limit, delta] = [0, 1, 2].map(i => node.values(i)?.[0])
  if (start === undefined || limit === undefined || typeof delta !== 'number' || delta < 1)
    return [{ dtype, shape: [node.unknown(0)] }]
  return [{ dtype, shape: [floorDivideDims(addDims(subtractDims(limit, start), delta - 1), delta)] }]
}

/** In the shape of the first input, of its type unless the node names another. */
function like(node: NodeTypes) {
  const code = node.int('dtype', 0)
  return [{ dtype: dtypeOfCode(code) ?? node.dtype(0), shape: node.shape(0) }]
}

function shapeOf(node: NodeTypes) {
  const [from, to] = shapeRange(node)
  return [{ dtype: 'int64' as const, shape: [Math.max(0, to - from)] }]
}

/** The axes that a Shape node reads: from its attribute `start` to `end`, exclusive. */
export function shapeRange(node: NodeTypes): [from: number, to: number] {
  const rank = node.shape(0).length
  const clamp = (axis: number) => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank)
  return [clamp(node.int('start', 0)), clamp(node.int('end', rank))]
}

export const createShapes: ShapeTable = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  EyeLike: like,
  RandomNormalLike: like,
  RandomUniformLike: like,
  Range: range,
  Shape: shapeOf,
  Size: () => [{ dtype: 'int64', shape: [] }],
}
