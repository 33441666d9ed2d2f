// Gradients of powers, absolute values, extrema and choices between values.

import { scalarLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { unbroadcast } from '../unbroadcast.ts'
import { broadcasting } from './elementwise.ts'

const abs: Rule = context => {
  const { builder, node } = context
  return [builder.op('Mul', [firstGradient(context), builder.op('Sign', [node.inputs[0]])])]
}

/** d(1/x) = -y^2 dx */
const reciprocal: Rule = context => {
  const { builder, node } = context
  const [y = ''] = node.outputs
  return [builder.op('Neg', [builder.op('Mul', [firstGradient(context), builder.op('Mul', [y, y])])])]
}

const sin: Rule = context => {
  const { builder, node } = context
  return [builder.op('Mul', [firstGradient(context), builder.op('Cos', [node.inputs[0]])])]
}

const cos: Rule = context => {
  const { builder, node } = context
  return [
    builder.op('Neg', [builder.op('Mul', [firstGradient(context), builder.op('Sin', [node.inputs[0]])])]),
  ]
}

/** x^p: p x^(p - 1) for the base, y log x (0 where the base is not positive) for the exponent. */
const pow = broadcasting((context, gradient, input) => {
  const { builder, node } = context
  const [x = '', p = ''] = node.inputs
  const [y = ''] = node.outputs
  const zero = scalarLike(context, 0, x)
  if (input === 1) {
    const positive = builder.op('Greater', [x, zero])
    const logarithm = builder.op('Log', [builder.op('Where', [positive, x, scalarLike(context, 1, x)])])
    return builder.op('Mul', [gradient, builder.op('Mul', [y, logarithm])])
  }
  const constant = context.constant(p)
  const exponent = constant?.data.length === 1 ? Number(constant.data[0]) : undefined
  if (exponent === 2) return builder.op('Mul', [gradient, builder.op('Mul', [x, scalarLike(context, 2, x)])])
  const power = context.type(p).dtype === context.type(x).dtype ? p : builder.op('CastLike', [p, x])
  const less = builder.op('Pow', [x, builder.op('Sub', [power, scalarLike(context, 1, x)])])
  const slope = builder.op('Mul', [power, less])
  // 0 x^-1 is 0 also at x = 0.
  const safe = exponent ? slope : builder.op('Where', [builder.op('Equal', [power, zero]), zero, slope])
  return builder.op('Mul', [gradient, safe])
})

/** Min and Max: to the inputs that have the extreme value, in equal parts where several do. */
const extreme: Rule = context => {
  const { builder, node, needs } = context
  const [y = ''] = node.outputs
  const gradient = firstGradient(context)
  if (node.inputs.length === 1) return [gradient]
  const masks = node.inputs.map(input => builder.op('CastLike', [builder.op('Equal', [input, y]), y]))
  const share = builder.op('Div', [gradient, builder.op('Sum', masks)])
  return node.inputs.map((input, i) =>
    needs[i]
      ? unbroadcast(context, builder.op('Mul', [share, masks[i]]), context.shape(y), input)
      : undefined,
  )
}

const mean = broadcasting((context, gradient) => {
  const { builder, node } = context
  return builder.op('Div', [gradient, scalarLike(context, node.inputs.length, node.inputs[0]!)])
})

const where: Rule = context => {
  const { builder, node, needs } = context
  const [condition = '', a = '', b = ''] = node.inputs
  const [y = ''] = node.outputs
  const gradient = firstGradient(context)
  const zero = scalarLike(context, 0, y)
  const back = (chosen: string, value: string) => unbroadcast(context, chosen, context.shape(y), value)
  return [
    undefined,
    needs[1] ? back(builder.op('Where', [condition, gradient, zero]), a) : undefined,
    needs[2] ? back(builder.op('Where', [condition, zero, gradient]), b) : undefined,
  ]
}

/** Between float types; CastLike too. */
const cast: Rule = context => {
  const { builder, node } = context
  return [builder.op('CastLike', [firstGradient(context), node.inputs[0]])]
}

/** Steps: constant wherever they have a derivative. */
const step = ({ node }: RuleContext) => node.inputs.map(() => undefined)

export const arithmetic: RuleTable = {
  Abs: abs,
  Cast: cast,
  CastLike: cast,
  Ceil: step,
  Cos: cos,
  Floor: step,
  Max: extreme,
  Mean: mean,
  Min: extreme,
  Pow: pow,
  RandomNormalLike: step,
  RandomUniformLike: step,
  Reciprocal: reciprocal,
  Round: step,
  Sign: step,
  Sin: sin,
  Where: where,
}
