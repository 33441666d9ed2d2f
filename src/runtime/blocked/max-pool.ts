// The gradient of MaxPool without indices. ONNX Runtime finds indices by a scalar loop that the processor cannot
// predict, and scatters by them on one thread; a tournament of depthwise convolutions takes half of the time or less.

import { intOf, intsOf, stringOf } from '../../onnx/attributes.ts'
import type { GraphBuilder } from '../../onnx/builder.ts'
import type { Node } from '../../onnx/graph.ts'
import type { Depthwise, Tap } from './depthwise.ts'
import { BLOCK, type Layout } from './layout.ts'

/** A window along one axis. */
interface Line {
  readonly kernel: number
  readonly stride: number
  /** Pads in front. */
  readonly begin: number
  /** Elements of the input. */
  readonly length: number
  /** Windows. */
  readonly count: number
}

/** A MaxPool gradient as `grad/rules/pool.ts` writes it, found in a graph. */
export interface PoolGradient {
  readonly input: string
  /** Gradient of the pool's output. */
  readonly gradient: string
  readonly channels: number
  /** The pool's output. */
  readonly pooled: string
  readonly lines: readonly [Line, Line]
}

/** The pool gradient that ends in `node`, where its channels fill blocks and its windows leave no element out. */
export function poolGradientAt(
  node: Node,
  producers: ReadonlyMap<string, Node>,
  layout: Layout,
): PoolGradient | undefined {
  const made = (value: string | undefined, opType: string) => {
    const producer = producers.get(value ?? '')
    return producer?.opType === opType ? producer : undefined
  }
  const flat = (value: string | undefined) => made(value, 'Reshape')?.inputs[0]
  const scatter = node.opType === 'Reshape' ? made(node.inputs[0], 'ScatterElements') : undefined
  const zeros = made(flat(scatter?.inputs[0]), 'ConstantOfShape')
  const indices = flat(scatter?.inputs[1])
  const pool = made(indices, 'MaxPool')
  const gradient = flat(scatter?.inputs[2])
  const [input = ''] = pool?.inputs ?? []
  if (scatter === undefined || pool === undefined || gradient === undefined) return undefined
  const adds = stringOf(scatter, 'reduction', 'none') === 'add' && intOf(scatter, 'axis', 0) === 0
  const fromZeros = zeros !== undefined && zeros.attributes.value === undefined
  const sameShape = (a: string, b: string) => layout.shape(a)?.join() === layout.shape(b)?.join()
  if (!adds || !fromZeros || pool.outputs[1] !== indices || !sameShape(node.outputs[0]!, input))
    return undefined
  if (!sameShape(gradient, pool.outputs[0]!)) return undefined
  const [, channels, ...size] = layout.shape(input) ?? []
  const counts = layout.shape(gradient)?.slice(2) ?? []
  const kernel = intsOf(pool, 'kernel_shape') ?? []
  const strides = intsOf(pool, 'strides') ?? [1, 1]
  const pads = intsOf(pool, 'pads') ?? [0, 0, 0, 0]
  if (kernel.length !== 2 || (intsOf(pool, 'dilations') ?? []).some(d => d !== 1)) return undefined
  if (typeof channels !== 'number' || channels % BLOCK !== 0) return undefined
  const line = (axis: Axis): Line | undefined => {
    const [length, count] = [size[axis], counts[axis]]
    if (typeof length !== 'number' || typeof count !== 'number' || kernel[axis]! < strides[axis]!)
      return undefined
    return { kernel: kernel[axis]!, stride: strides[axis]!, begin: pads[axis]!, length, count }
  }
  const [rows, columns] = [line(0), line(1)]
  const pooled = [...producers.values()].find(other => isForward(other, pool))?.outputs[0]
  if (rows === undefined || columns === undefined || pooled === undefined) return undefined
  if (!sameShape(pooled, gradient)) return undefined
  return { input, gradient, channels, pooled, lines: [rows, columns] }
}

/** Kernel, strides and pads of a pool of two axes, as one text. */
function geometry(pool: Node): string {
  const sizes = { kernel_shape: [], strides: [1, 1], pads: [0, 0, 0, 0] }
  return Object.entries(sizes)
    .map(([name, otherwise]) => (intsOf(pool, name) ?? otherwise).join())
    .join(' ')
}

/** Whether `other` is the pool whose gradient asked for the indices of `pool`. */
function isForward(other: Node, pool: Node): boolean {
  const pools = other.opType === 'MaxPool' && other.outputs.length === 1 && other.inputs[0] === pool.inputs[0]
  return pools && stringOf(other, 'auto_pad', 'NOTSET') === 'NOTSET' && geometry(other) === geometry(pool)
}

/** Whether the gradient is in the blocked layout; phases are put together in the plain one. */
export function staysBlocked({ lines }: PoolGradient): boolean {
  return lines.every(line => line.stride === 1)
}

const LARGEST = 3.4028234663852886e38

/**
 * Appends the gradient of the pool's input, under the name `output`.
 *
 * The maximum of a window is a chain of comparisons: along each row from left to right, then between the rows' maxima
 * from top to bottom; a later element wins only if it is larger, so that ties go to the first in row-major order. Each
 * comparison is a 0/1 gate, and the gradient runs back through the gates. With a stride s, elements s apart form one of
 * s phases per axis, whose gradients are computed apart and put together in the end.
 */
export function appendPoolGradient(
  { input, gradient, channels, pooled, lines }: PoolGradient,
  builder: GraphBuilder,
  depthwise: Depthwise,
  output: string,
): void {
  /** Maxima of the first `size` elements of every window. */
  const maxima = (value: string, axis: Axis, line: Line, size: number) => {
    const { stride, begin, length, count } = line
    const end = endFor(line, size)
    const best = builder.op('MaxPool', [value], {
      kernel_shape: pair(axis, size, 1),
      strides: pair(axis, stride, 1),
      pads: pads(axis, begin, end),
    })
    // There may be more windows of these elements than of all; the last are cut.
    const over = Math.floor((begin + length + end - size) / stride) + 1 - count
    return over === 0 ? best : depthwise.conv(best, channels, FIRST, { kernel: pair(axis, over + 1, 1) })
  }
  /** 0, with `outside` in `begin` lines in front; of the size of `like` or, where it `grows`, so much larger. */
  const framed = (like: string, axis: Axis, begin: number, outside: number, grows: boolean) => {
    const ones = depthwise.conv(like, channels, [[0, 0, 0]], { bias: 1 })
    return depthwise.conv(ones, channels, [[0, 0, -outside]], {
      kernel: pair(axis, grows ? 1 : begin + 1, 1),
      pads: pads(axis, begin, 0),
      bias: outside,
    })
  }
  /** Gate k - 1 is 1 where element k of a window is larger than elements 0 to k - 1. */
  const gates = (of: string, axis: Axis, maximum: string): string[] => {
    const own = lines[axis]
    const { kernel, stride, count } = own
    if (kernel === 1) return []
    /** Whether a window's second element may lie behind the end. */
    const late = endFor(own, 2) > 0
    // ONNX Runtime pads no pool by as much as its kernel, and the first gate is that of pools over two elements.
    const deep = own.begin > (late ? 0 : 1)
    const line = deep ? { ...own, begin: 0, length: own.begin + own.length } : own
    const { begin, length } = line
    const value = deep
      ? depthwise.conv(of, channels, FIRST, {
          pads: pads(axis, own.begin, 0),
          plus: framed(of, axis, own.begin, -LARGEST, true),
        })
      : of
    const best = [maximum]
    for (let size = kernel - 1; size > 1; size--) best.unshift(maxima(value, axis, line, size))
    const span = Math.max(2, begin + length - count * stride + 1)
    const options = {
      kernel: pair(axis, span, 1),
      strides: pair(axis, stride, 1),
      pads: pads(axis, begin, endFor(line, span)),
    }
    const second: Tap = [...pair(axis, 1, 0), 1]
    const lead = (taps: readonly Tap[], plus: string) => {
      const difference = depthwise.conv(value, channels, taps, { ...options, plus })
      return depthwise.step(difference, channels, FIRST)
    }
    const first = () => {
      // Padding is 0 to a convolution. Behind the end it is kept out, in front it loses against what comes second.
      if (late) return lead([MINUS_FIRST], best[0]!)
      if (begin > 0) return lead([MINUS_FIRST, second], framed(best[0]!, axis, 1, LARGEST, false))
      return depthwise.step(value, channels, [MINUS_FIRST, second], options)
    }
    const later = best.slice(1).map((next, i) => {
      const difference = depthwise.conv(best[i]!, channels, [MINUS_FIRST], { plus: next })
      return depthwise.step(difference, channels, FIRST)
    })
    return [first(), ...later]
  }
  /** The gradient of each element of the windows. */
  const shares = (whole: string, open: readonly string[]) => {
    const parts: string[] = []
    let rest = whole
    for (let k = open.length; k > 0; k--) {
      const won = builder.op('Mul', [rest, open[k - 1]!])
      parts[k] = won
      rest = depthwise.conv(won, channels, [MINUS_FIRST], { plus: rest })
    }
    parts[0] = rest
    return parts
  }
  /** Adds up what each element of a phase gets; element k of window w is number `stride w + k - begin`. */
  const together = (parts: readonly string[], axis: Axis, phase: number) => {
    const { stride, begin, count } = lines[axis]
    let sum: string | undefined
    for (const [k, part] of parts.entries()) {
      if (modulo(k - begin, stride) !== phase) continue
      const before = Math.floor((k - begin) / stride)
      const after = elements(lines[axis]) - count - before
      const [cutBefore, cutAfter] = [Math.max(0, -before), Math.max(0, -after)]
      sum = depthwise.conv(part, channels, [[...pair(axis, cutBefore, 0), 1]], {
        kernel: pair(axis, cutBefore + cutAfter + 1, 1),
        pads: pads(axis, Math.max(0, before), Math.max(0, after)),
        ...(sum !== undefined && { plus: sum }),
      })
    }
    return sum!
  }
  /** Every `stride`th row, from number `phase` on. */
  const rowsOf = (value: string, phase: number) => {
    const { stride, length } = lines[0]
    if (stride === 1) return value
    const end = Math.max(0, (elements(lines[0]) - 1) * stride + phase + 1 - length)
    return depthwise.conv(value, channels, [[phase, 0, 1]], {
      kernel: [phase + 1, 1],
      strides: [stride, 1],
      pads: [0, 0, end, 0],
    })
  }
  /** Phases put together: lines of `width` elements in turn. In the plain layout. */
  const interleaved = (phases: readonly string[], width: number, shape: readonly number[]) => {
    if (phases.length === 1) return phases[0]!
    const stacks = phases.map(phase => builder.op('Reshape', [phase, builder.ints([-1, width])]))
    const stack = builder.op('Concat', stacks, { axis: 1 })
    return builder.op('Reshape', [stack, builder.ints([-1, channels, ...shape])])
  }

  const [rows, columns] = lines
  const ofRows = maxima(input, 1, columns, columns.kernel)
  const rowGates = gates(ofRows, 0, pooled)
  const columnGates = gates(input, 1, ofRows)
  // Through an identity, which brings the gradient into the layout whatever wrote it.
  const rowShares = shares(depthwise.conv(gradient, channels, FIRST), rowGates)
  const phases = (axis: Axis) => Array.from({ length: lines[axis].stride }, (_, phase) => phase)
  const [height, width] = [elements(rows), elements(columns) * columns.stride]
  const joined = phases(0).map(phase => {
    const open = columnGates.map(gate => rowsOf(gate, phase))
    const parts = shares(together(rowShares, 0, phase), open)
    const ofColumns = phases(1).map(column => together(parts, 1, column))
    return interleaved(ofColumns, 1, [height, width])
  })
  const all = interleaved(joined, width, [height * rows.stride, width])
  if (height * rows.stride === rows.length && width === columns.length) {
    builder.op('Identity', [all], {}, { output })
    return
  }
  const [starts, ends] = [builder.ints([0, 0]), builder.ints([rows.length, columns.length])]
  builder.op('Slice', [all, starts, ends, builder.ints([2, 3])], {}, { output })
}

type Axis = 0 | 1

/** Elements of a phase; the last phases have one less where the stride does not divide the length. */
const elements = ({ length, stride }: Line) => Math.ceil(length / stride)

/** Pads at the end for as many windows of `size` elements as the line has. */
const endFor = ({ stride, begin, length, count }: Line, size: number) =>
  Math.max(0, (count - 1) * stride + size - begin - length)

/** A pair per spatial axis. */
const pair = (axis: Axis, along: number, across: number): [number, number] =>
  axis === 0 ? [along, across] : [across, along]

const pads = (axis: Axis, begin: number, end: number): [number, number, number, number] => [
  ...pair(axis, begin, 0),
  ...pair(axis, end, 0),
]

const modulo = (a: number, b: number) => ((a % b) + b) % b

/** The tap of the identity, and of cuts at the end. */
const FIRST: readonly Tap[] = [[0, 0, 1]]

const MINUS_FIRST: Tap = [0, 0, -1]
