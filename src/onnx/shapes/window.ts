// Shapes of operators that slide a window: convolution and pooling.

import type { Dim } from '../graph.ts'
import { addDims, floorDivideDims, multiplyDims, subtractDims } from './dim.ts'
import type { NodeTypes, ShapeRule, ShapeTable } from './rule.ts'

/** The window's geometry per spatial axis, with ONNX's defaults filled in. */
interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Begins of all axes, then ends. */
  readonly pads: readonly number[]
}

function windowOf(node: NodeTypes, axes: number, kernel: readonly Dim[]): Window {
  const kernelShape = node.ints('kernel_shape') ?? kernel
  const numbers = kernelShape.map(k =>
    typeof k === 'number' ? k : node.fail(`needs a kernel of fixed size, found ${kernelShape.join(' x ')}`),
  )
  if (numbers.length !== axes) node.fail(`has a kernel of ${numbers.length} axes for ${axes} spatial axes`)
  const strides = listOf(node, 'strides', axes, 1)
  if (strides.some(s => s < 1)) node.fail(`has strides ${strides.join(', ')}, expected at least 1`)
  return {
    kernel: numbers,
    strides,
    dilations: listOf(node, 'dilations', axes, 1),
    pads: listOf(node, 'pads', 2 * axes, 0),
  }
}

/** The attribute `name`, which has one entry per axis. */
function listOf(node: NodeTypes, name: string, length: number, fallback: number): readonly number[] {
  const values = node.ints(name) ?? new Array<number>(length).fill(fallback)
  if (values.length !== length) node.fail(`has ${values.length} ${name}, expected ${length}`)
  return values
}

/** Output axes of a sliding window. `ceil`: a last window that starts inside the padded input counts. */
function slide(node: NodeTypes, spatial: readonly Dim[], window: Window, ceil: boolean): Dim[] {
  const mode = node.string('auto_pad', 'NOTSET')
  return spatial.map((size, i) => {
    const stride = window.strides[i]!
    const reach = (window.kernel[i]! - 1) * window.dilations[i]! + 1
    if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') return ceilDivide(size, stride)
    const begin = mode === 'VALID' ? 0 : window.pads[i]!
    const end = mode === 'VALID' ? 0 : window.pads[spatial.length + i]!
    const room = subtractDims(addDims(size, begin + end), reach)
    if (typeof room === 'number' && room < 0) node.fail(`slides a window of ${reach} over ${size} elements`)
    const floor = addDims(floorDivideDims(room, stride), 1)
    if (!ceil) return floor
    const count = addDims(ceilDivide(room, stride), 1)
    // A window that would start in the padding at the end is dropped.
    if (typeof count === 'number' && typeof size === 'number' && (count - 1) * stride >= size + begin)
      return count - 1
    return count
  })
}

const ceilDivide = (a: Dim, b: number) => floorDivideDims(addDims(a, b - 1), b)

function conv(node: NodeTypes) {
  const [n, channels, ...spatial] = node.shapeOfRank(0, 3) as [Dim, Dim, ...Dim[]]
  const [units, perGroup, ...kernel] = node.shapeOfRank(1, 3) as [Dim, Dim, ...Dim[]]
  const groups = node.int('group', 1)
  if (typeof channels === 'number' && typeof perGroup === 'number' && channels !== perGroup * groups)
    node.fail(`has ${channels} input channels, its weight expects ${perGroup} x ${groups} groups`)
  const window = windowOf(node, spatial.length, kernel)
  return [{ dtype: node.dtype(0), shape: [n, units, ...slide(node, spatial, window, false)] }]
}

function convTranspose(node: NodeTypes) {
  const [n, , ...spatial] = node.shapeOfRank(0, 3) as [Dim, Dim, ...Dim[]]
  const [, perGroup, ...kernel] = node.shapeOfRank(1, 3) as [Dim, Dim, ...Dim[]]
  const window = windowOf(node, spatial.length, kernel)
  const wanted = node.ints('output_shape')?.slice(-spatial.length)
  const extra = listOf(node, 'output_padding', spatial.length, 0)
  const mode = node.string('auto_pad', 'NOTSET')
  const out = spatial.map((size, i) => {
    if (wanted !== undefined) return wanted[i] ?? node.fail(`has ${wanted.length} output_shape`)
    const stride = window.strides[i]!
    if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') return multiplyDims(size, stride)
    const reach = (window.kernel[i]! - 1) * window.dilations[i]! + 1
    const pads = mode === 'VALID' ? 0 : window.pads[i]! + window.pads[spatial.length + i]!
    return addDims(multiplyDims(subtractDims(size, 1), stride), reach + extra[i]! - pads)
  })
  const units = multiplyDims(perGroup, node.int('group', 1))
  return [{ dtype: node.dtype(0), shape: [n, units, ...out] }]
}

/** Pooling; a second output, if there is one, holds the indices of the maxima. */
const pool: ShapeRule = node => {
  const [n, channels, ...spatial] = node.shapeOfRank(0, 3) as [Dim, Dim, ...Dim[]]
  const window = windowOf(node, spatial.length, [])
  const shape = [n, channels, ...slide(node, spatial, window, node.int('ceil_mode', 0) === 1)]
  return [
    { dtype: node.dtype(0), shape },
    { dtype: 'int64', shape },
  ]
}

const globalPool: ShapeRule = node => [
  { dtype: node.dtype(0), shape: node.shape(0).map((d, i) => (i < 2 ? d : 1)) },
]

export const windowShapes: ShapeTable = {
  Conv: conv,
  ConvTranspose: convTranspose,
  'com.microsoft:FusedConv': conv,
  AveragePool: pool,
  LpPool: pool,
  MaxPool: pool,
  GlobalAveragePool: globalPool,
  GlobalLpPool: globalPool,
  GlobalMaxPool: globalPool,
}
