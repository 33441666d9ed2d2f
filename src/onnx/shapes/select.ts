// Shapes of operators that pick elements: by index, by range, by rank.

import type { Dim } from '../graph.ts'
import { addDims, floorDivideDims, subtractDims } from './dim.ts'
import type { NodeTypes, ShapeTable } from './rule.ts'

/**
 * Number of elements of the slice `start:end:step` of an axis of `size`; undefined where symbols leave it open.
 * A symbolic bound is taken to lie inside the axis.
 */
function sliceSize(size: Dim, start: Dim, end: Dim, step: number): Dim | undefined {
  const from = bound(size, start, step < 0 ? -1 : 0, step)
  const to = bound(size, end, step < 0 ? -1 : 0, step)
  if (from === undefined || to === undefined) return undefined
  const length = step > 0 ? subtractDims(to, from) : subtractDims(from, to)
  const stride = Math.abs(step)
  const count = stride === 1 ? length : floorDivideDims(addDims(length, stride - 1), stride)
  return typeof count === 'number' ? Math.max(count, 0) : count
}

/** `at` counted from the front and clamped to the axis, as far as that can be said. */
function bound(size: Dim, at: Dim, least: number, step: number): Dim | undefined {
  const most = step < 0 ? subtractDims(size, 1) : size
  if (typeof at === 'string') return at === size ? most : at
  if (typeof size === 'number') {
    const index = at < 0 ? at + size : at
    return Math.min(Math.max(index, least), most as number)
  }
  // Anything near the ends of int32 and beyond means the end of the axis.
  if (at > 2 ** 30) return most
  if (at < -(2 ** 30)) return least
  return at < 0 ? addDims(size, at) : at
}

function slice(node: NodeTypes) {
  const shape = [...node.shape(0)]
  const starts = node.values(1)
  const ends = node.values(2)
  const rank = starts?.length ?? ends?.length
  const axes = node.has(3) ? node.numbers(3) : Array.from({ length: rank ?? shape.length }, (_, i) => i)
  if (axes === undefined) return [{ dtype: node.dtype(0), shape: shape.map((_, i) => node.unknown(i)) }]
  const steps = node.has(4) ? node.numbers(4) : axes.map(() => 1)
  for (const [k, axis] of axes.entries()) {
    const at = node.axis(axis, shape.length)
    const step = steps?.[k]
    if (step === 0) node.fail(`slices axis ${at} with step 0`)
    const start = starts?.[k]
    const end = ends?.[k]
    const known = start !== undefined && end !== undefined && step !== undefined
    shape[at] = (known ? sliceSize(shape[at]!, start, end, step) : undefined) ?? node.unknown(at)
  }
  return [{ dtype: node.dtype(0), shape }]
}

function gather(node: NodeTypes) {
  const shape = node.shapeOfRank(0, 1)
  const axis = node.axis(node.int('axis', 0), shape.length)
  return [
    { dtype: node.dtype(0), shape: [...shape.slice(0, axis), ...node.shape(1), ...shape.slice(axis + 1)] },
  ]
}

function gatherND(node: NodeTypes) {
  const shape = node.shape(0)
  const indices = node.shapeOfRank(1, 1)
  const depth = indices.at(-1)!
  if (typeof depth !== 'number') return [undefined]
  const rest = shape.slice(node.int('batch_dims', 0) + depth)
  return [{ dtype: node.dtype(0), shape: [...indices.slice(0, -1), ...rest] }]
}

function oneHot(node: NodeTypes) {
  const shape = [...node.shape(0)]
  const axis = node.axis(node.int('axis', -1), shape.length + 1)
  shape.splice(axis, 0, node.values(1)?.[0] ?? node.unknown(axis))
  return [{ dtype: node.dtype(2), shape }]
}

function topK(node: NodeTypes) {
  const shape = [...node.shapeOfRank(0, 1)]
  const axis = node.axis(node.int('axis', -1), shape.length)
  shape[axis] = node.values(1)?.[0] ?? node.unknown(axis)
  return [
    { dtype: node.dtype(0), shape },
    { dtype: 'int64' as const, shape },
  ]
}

function argExtreme(node: NodeTypes) {
  const shape = [...node.shapeOfRank(0, 1)]
  const axis = node.axis(node.int('axis', 0), shape.length)
  shape.splice(axis, 1, ...(node.int('keepdims', 1) === 1 ? [1] : []))
  return [{ dtype: 'int64' as const, shape }]
}

function gridSample(node: NodeTypes) {
  const [n = 1, c = 1] = node.shapeOfRank(0, 3)
  return [{ dtype: node.dtype(0), shape: [n, c, ...node.shapeOfRank(1, 3).slice(1, -1)] }]
}

export const selectShapes: ShapeTable = {
  ArgMax: argExtreme,
  ArgMin: argExtreme,
  Gather: gather,
  GatherElements: node => [{ dtype: node.dtype(0), shape: node.shape(1) }],
  GatherND: gatherND,
  GridSample: gridSample,
  NonZero: node => [{ dtype: 'int64', shape: [node.shape(0).length, node.unknown(1)] }],
  OneHot: oneHot,
  Slice: slice,
  TopK: topK,
}
