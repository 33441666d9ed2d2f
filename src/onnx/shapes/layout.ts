// Shapes of operators that rearrange elements without picking or computing them.

import type { Dim } from '../graph.ts'
import {
  addDims,
  countDims,
  divideDims,
  floorDivideDims,
  mayEqual,
  multiplyDims,
  subtractDims,
} from './dim.ts'
import type { NodeTypes, ShapeRule, ShapeTable } from './rule.ts'

function reshape(node: NodeTypes) {
  const input = node.type(0)
  const target = node.values(1)
  if (target === undefined) {
    const shape = node.unknownShape(node.shape(1)[0])
    return [shape && { dtype: input.dtype, shape }]
  }
  const keepZeros = node.int('allowzero', 0) === 1
  const shape = target.map((d, i) => {
    if (d !== 0 || keepZeros) return d
    return input.shape[i] ?? node.fail(`copies axis ${i} of an input with ${input.shape.length} axes`)
  })
  const free = shape.indexOf(-1)
  const total = countDims(input.shape)
  if (free >= 0) {
    const rest = countDims(shape.filter((_, i) => i !== free))
    const size = divideDims(total, rest)
    if (size === undefined && typeof total === 'number' && typeof rest === 'number')
      node.fail(`cannot reshape [${input.shape.join(', ')}] to [${target.join(', ')}]`)
    shape[free] = size ?? floorDivideDims(total, rest)
  } else if (!mayEqual(countDims(shape), total)) {
    node.fail(`cannot reshape [${input.shape.join(', ')}] to [${target.join(', ')}]`)
  }
  return [{ dtype: input.dtype, shape }]
}

function flatten(node: NodeTypes) {
  const shape = node.shape(0)
  const axis = node.int('axis', 1)
  const at = axis < 0 ? axis + shape.length : axis
  return [{ dtype: node.dtype(0), shape: [countDims(shape.slice(0, at)), countDims(shape.slice(at))] }]
}

function transpose(node: NodeTypes) {
  const shape = node.shape(0)
  const perm = node.ints('perm') ?? shape.map((_, i) => shape.length - 1 - i)
  if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== shape.length)
    node.fail(`permutes axes ${perm.join(', ')} of a tensor with ${shape.length} axes`)
  return [{ dtype: node.dtype(0), shape: perm.map(axis => shape[axis]!) }]
}

function squeeze(node: NodeTypes) {
  const shape = node.shape(0)
  const axes = node.numbers(1)
  if (axes === undefined && node.has(1)) return [undefined]
  const gone = new Set(axes?.map(axis => node.axis(axis, shape.length)))
  for (const axis of gone)
    if (!mayEqual(shape[axis]!, 1)) node.fail(`squeezes axis ${axis}, which has ${shape[axis]} elements`)
  return [{ dtype: node.dtype(0), shape: shape.filter((d, i) => (axes ? !gone.has(i) : d !== 1)) }]
}

function unsqueeze(node: NodeTypes) {
  const shape = node.shape(0)
  const axes = node.numbers(1)
  if (axes === undefined) return [undefined]
  const rank = shape.length + axes.length
  const fresh = new Set(axes.map(axis => node.axis(axis, rank)))
  if (fresh.size !== axes.length) node.fail(`inserts an axis twice: ${axes.join(', ')}`)
  const rest = [...shape]
  const out = Array.from({ length: rank }, (_, i): Dim => (fresh.has(i) ? 1 : rest.shift()!))
  return [{ dtype: node.dtype(0), shape: out }]
}

function expand(node: NodeTypes) {
  const target = node.values(1)
  if (target !== undefined) return [{ dtype: node.dtype(0), shape: node.broadcast(node.shape(0), target) }]
  const [rank] = node.shape(1)
  const shape = node.unknownShape(typeof rank === 'number' ? Math.max(rank, node.shape(0).length) : rank)
  return [shape && { dtype: node.dtype(0), shape }]
}

function tile(node: NodeTypes) {
  const repeats = node.values(1)
  const shape = node
    .shape(0)
    .map((d, i) => (repeats?.[i] === undefined ? node.unknown(i) : multiplyDims(d, repeats[i])))
  return [{ dtype: node.dtype(0), shape }]
}

function concat(node: NodeTypes) {
  const [first = [], ...others] = node.node.inputs.map((_, i) => node.shape(i))
  const axis = node.axis(node.int('axis', 0), first.length)
  const shape = [...first]
  for (const other of others) {
    if (other.length !== shape.length || other.some((d, i) => i !== axis && !mayEqual(d, shape[i]!)))
      node.fail(`cannot join [${first.join(', ')}] with [${other.join(', ')}] along axis ${axis}`)
    // A number says more than a symbol.
    for (const [i, d] of other.entries()) if (i !== axis && typeof d === 'number') shape[i] = d
    shape[axis] = addDims(shape[axis]!, other[axis]!)
  }
  return [{ dtype: node.dtype(0), shape }]
}

function split(node: NodeTypes) {
  const shape = node.shape(0)
  const count = node.node.outputs.length
  const axis = node.axis(node.int('axis', 0), shape.length)
  const whole = shape[axis]!
  const part = floorDivideDims(addDims(whole, count - 1), count)
  const sizes =
    node.values(1) ??
    node.node.outputs.map((_, i): Dim => {
      if (node.has(1)) return node.unknown(axis, i)
      // The last part is what is left when the axis does not divide evenly.
      return i < count - 1 ? part : subtractDims(whole, multiplyDims(part, count - 1))
    })
  if (sizes.length !== count) node.fail(`splits into ${sizes.length} parts but has ${count} outputs`)
  if (!mayEqual(sizes.reduce(addDims, 0), whole))
    node.fail(`splits axis ${axis} of ${whole} elements into ${sizes.join(' + ')}`)
  return sizes.map(size => ({ dtype: node.dtype(0), shape: shape.map((d, i) => (i === axis ? size : d)) }))
}

function pad(node: NodeTypes) {
  const shape = node.shape(0)
  const axes = node.has(3) ? node.numbers(3) : shape.map((_, i) => i)
  const pads = node.values(1)
  const where = axes?.map(axis => node.axis(axis, shape.length))
  const out = shape.map((d, i): Dim => {
    if (pads === undefined || where === undefined) return node.unknown(i)
    const at = where.indexOf(i)
    if (at < 0) return d
    const begin = pads[at]
    const end = pads[where.length + at]
    if (begin === undefined || end === undefined)
      node.fail(`has ${pads.length} pads for ${where.length} axes`)
    return addDims(d, addDims(begin, end))
  })
  return [{ dtype: node.dtype(0), shape: out }]
}

const depthToSpace: ShapeRule = node => {
  const [n, c, h, w] = node.shapeOfRank(0, 4) as [Dim, Dim, Dim, Dim]
  const block = node.int('blocksize', 1)
  const shape = [n, floorDivideDims(c, block * block), multiplyDims(h, block), multiplyDims(w, block)]
  return [{ dtype: node.dtype(0), shape }]
}

const spaceToDepth: ShapeRule = node => {
  const [n, c, h, w] = node.shapeOfRank(0, 4) as [Dim, Dim, Dim, Dim]
  const block = node.int('blocksize', 1)
  const shape = [n, multiplyDims(c, block * block), floorDivideDims(h, block), floorDivideDims(w, block)]
  return [{ dtype: node.dtype(0), shape }]
}

/** Axes named by `axes` (default all) take `sizes`, or are scaled and rounded down. */
function resize(node: NodeTypes) {
  const shape = node.shape(0)
  const axes = (node.ints('axes') ?? shape.map((_, i) => i)).map(axis => node.axis(axis, shape.length))
  const scales = node.constant(2)?.data
  const sizes = node.values(3)
  const policy = node.string('keep_aspect_ratio_policy', 'stretch')
  const wanted = axes.map((axis, k): Dim => {
    const d = shape[axis]!
    if (node.has(3)) return sizes?.[k] ?? node.unknown(axis)
    const scale = scales?.[k]
    if (scale === undefined) return node.unknown(axis)
    if (Number(scale) === 1) return d
    if (typeof d === 'number') return Math.floor(d * Number(scale))
    return Number.isInteger(Number(scale)) ? multiplyDims(d, Number(scale)) : node.unknown(axis)
  })
  const out = [...shape]
  for (const [k, axis] of axes.entries()) out[axis] = wanted[k]!
  if (policy === 'stretch' || !node.has(3)) return [{ dtype: node.dtype(0), shape: out }]
  // One scale for all axes: the least (not_larger) or greatest (not_smaller) that a size asks for.
  const ratios = axes.map((axis, k) => Number(wanted[k]) / Number(shape[axis]))
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
  for (const axis of axes) {
    const d = shape[axis]!
    out[axis] = typeof d === 'number' && Number.isFinite(scale) ? Math.round(d * scale) : node.unknown(axis)
  }
  return [{ dtype: node.dtype(0), shape: out }]
}

export const layoutShapes: ShapeTable = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  Resize: resize,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
}
