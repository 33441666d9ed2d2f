// Shapes and constants that follow a value of the original graph: fixed where its axes are numbers, computed
// when the graph runs where they are symbols.

import { tensor } from '../tensor/tensor.ts'
import type { RuleContext } from './rule.ts'

/** `gradient` reshaped to the shape of `value`. */
export function reshapeLike(context: RuleContext, gradient: string, value: string): string {
  const { builder } = context
  const shape = context.shape(value)
  const symbols = shape.filter(dim => typeof dim === 'string').length
  if (symbols > 1 || shape.includes(0)) return builder.op('Reshape', [gradient, builder.op('Shape', [value])])
  const numbers = shape.map(dim => (typeof dim === 'number' ? dim : -1))
  return builder.op('Reshape', [gradient, builder.ints(numbers)])
}

/** The shape of `value` as a one-axis int64 value. */
export function shapeLike(context: RuleContext, value: string): string {
  const shape = context.shape(value)
  const fixed = shape.every(dim => typeof dim === 'number')
  return fixed ? context.builder.ints(shape as number[]) : context.builder.op('Shape', [value])
}

/** Zeros of the shape and type of `value`. */
export function zerosLike(context: RuleContext, value: string): string {
  const { dtype } = context.type(value)
  const { builder } = context
  const zeros = builder.op('ConstantOfShape', [shapeLike(context, value)])
  return dtype === 'float32' ? zeros : builder.op('CastLike', [zeros, value])
}

/** The scalar `number` in the element type of `value`. */
export function scalarLike(context: RuleContext, number: number, value: string): string {
  const { builder } = context
  const { dtype } = context.type(value)
  if (dtype === 'float64') return builder.constant(tensor('float64', [], Float64Array.of(number)), 'scalar')
  const scalar = builder.scalar(number)
  return dtype === 'float32' ? scalar : builder.op('CastLike', [scalar, value])
}

/** `gradient * number`, or `gradient` itself for 1. `value` gives the element type. */
export function scaled(context: RuleContext, gradient: string, number: number, value: string): string {
  if (number === 1) return gradient
  return context.builder.op('Mul', [gradient, scalarLike(context, number, value)])
}

/** The number of elements of `value` along `axes`, as a scalar of its element type. */
export function countLike(context: RuleContext, value: string, axes: readonly number[]): string {
  const { builder } = context
  const shape = context.shape(value)
  const sizes = axes.map(axis => shape[axis] ?? 1)
  if (sizes.every(size => typeof size === 'number'))
    return scalarLike(
      context,
      sizes.reduce((a, b) => a * b, 1),
      value,
    )
  const picked = builder.op('Gather', [builder.op('Shape', [value]), builder.ints(axes)])
  const count = builder.op('ReduceProd', [picked], { keepdims: 0 })
  return builder.op('CastLike', [count, value])
}
