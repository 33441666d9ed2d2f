// The geometry of operators that slide a window, with ONNX's defaults and auto_pad resolved to numbers.

import { InputError } from '../errors/input-error.ts'
import { intsOf, stringOf } from '../onnx/attributes.ts'
import type { RuleContext } from './rule.ts'

/** One number per spatial axis in each list. */
export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly begins: readonly number[]
  readonly ends: readonly number[]
}

/**
 * The window of a convolution or pooling node that slides over its first input.
 * @param kernel used where the attribute kernel_shape is left out (convolutions: from the weight).
 * @throws InputError when padding depends on an axis of unknown size.
 */
export function windowOf(context: RuleContext, kernel?: readonly number[]): Window {
  const { node } = context
  const size = intsOf(node, 'kernel_shape') ?? kernel
  if (size === undefined) throw new InputError(`${node.opType} (node ${node.name}) lacks kernel_shape`)
  const ones = size.map(() => 1)
  const strides = intsOf(node, 'strides') ?? ones
  const dilations = intsOf(node, 'dilations') ?? ones
  const pads = intsOf(node, 'pads') ?? [...ones, ...ones].fill(0)
  const mode = stringOf(node, 'auto_pad', 'NOTSET')
  const base = { kernel: size, strides, dilations }
  if (mode === 'VALID') return { ...base, begins: ones.map(() => 0), ends: ones.map(() => 0) }
  if (mode === 'NOTSET') return { ...base, begins: pads.slice(0, size.length), ends: pads.slice(size.length) }
  const totals = size.map((k, i) => {
    const reach = (k - 1) * dilations[i]! + 1
    const stride = strides[i]!
    if (stride === 1) return reach - 1
    const length = context.fixedShape(node.inputs[0]!, 2)[i]!
    return Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0)
  })
  const [small, large] = [totals.map(t => Math.floor(t / 2)), totals.map(t => Math.ceil(t / 2))]
  return mode === 'SAME_UPPER'
    ? { ...base, begins: small, ends: large }
    : { ...base, begins: large, ends: small }
}

/** Number of input elements a window spans along axis `i`. */
export function reach(window: Window, i: number): number {
  return (window.kernel[i]! - 1) * window.dilations[i]! + 1
}
