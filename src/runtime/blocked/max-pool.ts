// The gradient of MaxPool of stride 1 without indices. ONNX Runtime finds indices by a scalar loop that the processor
// cannot predict, and scatters by them on one thread; a tournament of depthwise convolutions takes 2/5 of the time.

import { intOf, intsOf, stringOf } from '../../onnx/attributes.ts'
import type { GraphBuilder } from '../../onnx/builder.ts'
import type { Node } from '../../onnx/graph.ts'
import type { Depthwise, Tap } from './depthwise.ts'
import { BLOCK, type Layout } from './layout.ts'

/** A MaxPool gradient as `grad/rules/pool.ts` writes it, found in a graph. */
export interface PoolGradient {
  readonly input: string
  /** Gradient of the pool's output. */
  readonly gradient: string
  readonly channels: number
  readonly kernel: readonly [number, number]
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number]
}

/** The pool gradient that ends in `node`, where its stride is 1 and its channels fill blocks. */
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
  const [, channels] = layout.shape(input) ?? []
  const kernel = intsOf(pool, 'kernel_shape') ?? []
  const [top = 0, left = 0, bottom = 0, right = 0] = intsOf(pool, 'pads') ?? []
  const slides = [...(intsOf(pool, 'strides') ?? []), ...(intsOf(pool, 'dilations') ?? [])].every(
    s => s === 1,
  )
  if (!slides || kernel.length !== 2) return undefined
  if (typeof channels !== 'number' || channels % BLOCK !== 0) return undefined
  return {
    input,
    gradient,
    channels,
    kernel: [kernel[0]!, kernel[1]!],
    pads: [top, left, bottom, right],
  }
}

const LOWEST = -3.4028234663852886e38

/**
 * Appends the gradient of the pool's input, under the name `output`.
 *
 * The maximum of a window is a chain of comparisons: along each row from left to right, then between the rows' maxima
 * from top to bottom; a later element wins only if it is larger, so that ties go to the first in row-major order. Each
 * comparison is a 0/1 gate, and the gradient runs back through the gates.
 */
export function appendPoolGradient(
  pool: PoolGradient,
  builder: GraphBuilder,
  depthwise: Depthwise,
  output: string,
): void {
  const { channels, kernel, pads } = pool
  const [top, left, bottom, right] = pads
  const maximum = (value: string, window: Pair) => builder.op('MaxPool', [value], { kernel_shape: window })

  /**
   * Gate k - 1 is 1 where the maximum of elements 0 to k - 1 of a window stands against element k.
   * @param skip how many lines of the other axis to leave out in front and behind
   */
  const gates = (value: string, axis: Axis, skip: Pair) => {
    const length = kernel[axis]
    const tap = (place: number, factor: number): Tap =>
      axis === 0 ? [place, skip[0], factor] : [skip[0], place, factor]
    const window = (along: number) => pair(axis, along, skip[0] + skip[1] + 1)
    return Array.from({ length: length - 1 }, (_, i) => {
      const k = i + 1
      const options = { kernel: window(length), orZero: true }
      if (k === 1) return depthwise.step(value, channels, [tap(0, 1), tap(1, -1)], options)
      // There are more windows of k elements than of `length`; the last are cut.
      const best = maximum(value, pair(axis, k, 1))
      const plus = depthwise.conv(best, channels, [tap(0, 1)], { kernel: window(length - k + 1) })
      const lead = depthwise.conv(value, channels, [tap(k, -1)], { kernel: window(length), plus })
      return depthwise.step(lead, channels, SAME, { orZero: true })
    })
  }
  /** The gradient of each element of the windows. */
  const shares = (gradient: string, open: readonly string[]) => {
    const parts: string[] = []
    let rest = gradient
    for (let k = open.length; k > 0; k--) {
      const kept = builder.op('Mul', [rest, open[k - 1]!])
      parts[k] = depthwise.conv(kept, channels, [[0, 0, -1]], { plus: rest })
      rest = kept
    }
    parts[0] = rest
    return parts
  }
  /** Adds up what each position gets. Element k of window j is position j + k - pads[0]; pads are cut. */
  const together = (parts: readonly string[], axis: Axis, [begin, end]: Pair, name?: string) => {
    let sum: string | undefined
    for (const [k, part] of parts.entries()) {
      const [before, after] = [k - begin, parts.length - 1 - k - end]
      const [cutBefore, cutAfter] = [Math.max(0, -before), Math.max(0, -after)]
      const [first, last] = [pair(axis, Math.max(0, before), 0), pair(axis, Math.max(0, after), 0)]
      sum = depthwise.conv(part, channels, [[...pair(axis, cutBefore, 0), 1]], {
        kernel: pair(axis, cutBefore + cutAfter + 1, 1),
        pads: [...first, ...last],
        ...(sum !== undefined && { plus: sum }),
        ...(name !== undefined && k === parts.length - 1 && { output: name }),
      })
    }
    return sum!
  }

  const padded = lowered(pool, depthwise)
  const ofRows = shares(
    // Through an identity, which brings the gradient into the layout whatever wrote it.
    depthwise.conv(pool.gradient, channels, SAME),
    gates(maximum(padded, [1, kernel[1]]), 0, [0, 0]),
  )
  const ofLines = together(ofRows, 0, [top, bottom])
  together(shares(ofLines, gates(padded, 1, [top, bottom])), 1, [left, right], output)
}

type Axis = 0 | 1
type Pair = readonly [number, number]

/** A pair per spatial axis. */
const pair = (axis: Axis, along: number, across: number): [number, number] =>
  axis === 0 ? [along, across] : [across, along]

/** The tap of the identity. */
const SAME: readonly Tap[] = [[0, 0, 1]]

/** The pool's input with the lowest number around it: a convolution pads with zeros, so those are lowered. */
function lowered({ input, channels, pads }: PoolGradient, depthwise: Depthwise): string {
  if (pads.every(pad => pad === 0)) return input
  const ones = depthwise.conv(input, channels, [[0, 0, 0]], { bias: 1 })
  const border = depthwise.conv(ones, channels, [[0, 0, -LOWEST]], { bias: LOWEST, pads })
  return depthwise.conv(input, channels, SAME, { pads, plus: border })
}
