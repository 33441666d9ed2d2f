// Gradients of activation functions. Where the output decides, it is read and not the input, so that ORT can
// still fuse the activation into the convolution before it.

import { floatOf, stringOf } from '../../onnx/attributes.ts'
import { scalarLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { unbroadcast } from '../unbroadcast.ts'

/** The few operators that formulas are written in; numbers stand for scalars of the input's element type. */
function formula(context: RuleContext) {
  const { builder, node } = context
  const value = (v: string | number) => (typeof v === 'number' ? scalarLike(context, v, node.inputs[0]!) : v)
  const op =
    (opType: string) =>
    (...operands: (string | number)[]) =>
      builder.op(opType, operands.map(value))
  return {
    add: op('Add'),
    sub: op('Sub'),
    mul: op('Mul'),
    div: op('Div'),
    greater: op('Greater'),
    less: op('Less'),
    where: op('Where'),
    and: op('And'),
    exp: op('Exp'),
    tanh: op('Tanh'),
    sigmoid: op('Sigmoid'),
    erf: op('Erf'),
    abs: op('Abs'),
    softplus: op('Softplus'),
    hardSigmoid: (x: string, alpha: number, beta: number) => builder.op('HardSigmoid', [x], { alpha, beta }),
    /** A truth value as 1 or 0; a product with it takes less time than Where. */
    mask: (truth: string) => builder.op('CastLike', [truth, node.inputs[0]!]),
  }
}

type Formula = ReturnType<typeof formula>

/** The rule of y = f(x): `slope` writes f'(x) from x and y. */
const slopeRule =
  (slope: (f: Formula, x: string, y: string, context: RuleContext) => string): Rule =>
  context => {
    const f = formula(context)
    const { inputs, outputs } = context.node
    return [f.mul(firstGradient(context), slope(f, inputs[0]!, outputs[0]!, context))]
  }

const attribute = ({ node }: RuleContext, name: string, otherwise: number) => floatOf(node, name, otherwise)

/** alpha > 0, so the output's sign is the input's. */
const leakyRelu: Rule = context => {
  const f = formula(context)
  const [x = ''] = context.node.inputs
  const [y = ''] = context.node.outputs
  const alpha = attribute(context, 'alpha', 0.01)
  const gradient = firstGradient(context)
  return [f.where(f.greater(alpha > 0 ? y : x, 0), gradient, f.mul(gradient, alpha))]
}

const prelu: Rule = context => {
  const { node, needs } = context
  const f = formula(context)
  const [x = '', slope = ''] = node.inputs
  const gradient = firstGradient(context)
  const positive = f.greater(x, 0)
  return [
    needs[0] ? f.where(positive, gradient, f.mul(gradient, slope)) : undefined,
    needs[1]
      ? unbroadcast(context, f.where(positive, 0, f.mul(gradient, x)), context.shape(x), slope)
      : undefined,
  ]
}

const elu = slopeRule((f, _, y, context) =>
  f.where(f.greater(y, 0), 1, f.add(y, attribute(context, 'alpha', 1))),
)

const celu = slopeRule((f, _, y, context) =>
  f.where(f.greater(y, 0), 1, f.add(f.div(y, attribute(context, 'alpha', 1)), 1)),
)

/** The constants of Klambauer et al. 2017 as float32 in onnx/defs/math. */
const selu = slopeRule((f, _, y, context) => {
  const alpha = attribute(context, 'alpha', 1.6732631921768188)
  const gamma = attribute(context, 'gamma', 1.0507010221481323)
  return f.where(f.greater(y, 0), gamma, f.add(y, alpha * gamma))
})

const sigmoid = slopeRule((f, _, y) => f.mul(y, f.sub(1, y)))

const hardSigmoid = slopeRule((f, _, y, context) =>
  f.mul(f.mask(f.and(f.greater(y, 0), f.less(y, 1))), attribute(context, 'alpha', 0.2)),
)

/** x h with h = clip(x / 6 + 1/2, 0, 1): h + x / 6 where h is neither 0 nor 1. */
const hardSwish = slopeRule((f, x) => {
  const inclined = f.mul(x, 1 / 6)
  const inside = f.mask(f.and(f.greater(x, -3), f.less(x, 3)))
  return f.add(f.hardSigmoid(x, 1 / 6, 0.5), f.mul(inclined, inside))
})

const tanh = slopeRule((f, _, y) => f.sub(1, f.mul(y, y)))

const softplus = slopeRule((f, x) => f.sigmoid(x))

/** x / (1 + |x|) has the slope (1 - |y|)^2. */
const softsign = slopeRule((f, _, y) => {
  const rest = f.sub(1, f.abs(y))
  return f.mul(rest, rest)
})

/** x tanh(softplus(x)) (Misra 2019) */
const mish = slopeRule((f, x) => {
  const t = f.tanh(f.softplus(x))
  return f.add(t, f.mul(f.mul(x, f.sigmoid(x)), f.sub(1, f.mul(t, t))))
})

/** x Phi(x) (Hendrycks & Gimpel 2016), Phi the normal distribution function. */
const exactGelu = slopeRule((f, x) => {
  const distribution = f.mul(f.add(f.erf(f.mul(x, Math.SQRT1_2)), 1), 0.5)
  const density = f.mul(f.exp(f.mul(f.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
  return f.add(distribution, f.mul(x, density))
})

/** x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3) */
const tanhGelu = slopeRule((f, x) => {
  const root = Math.sqrt(2 / Math.PI)
  const square = f.mul(x, x)
  const t = f.tanh(f.mul(f.mul(x, f.add(f.mul(square, 0.044715), 1)), root))
  const inner = f.mul(f.add(f.mul(square, 3 * 0.044715), 1), root)
  const steep = f.mul(f.mul(x, f.sub(1, f.mul(t, t))), inner)
  return f.mul(f.add(f.add(t, 1), steep), 0.5)
})

const gelu: Rule = context =>
  stringOf(context.node, 'approximate', 'none') === 'tanh' ? tanhGelu(context) : exactGelu(context)

/** x sigmoid(alpha x) */
const quickGelu = slopeRule((f, x, _, context) => {
  const alpha = attribute(context, 'alpha', 1.702)
  const s = f.sigmoid(f.mul(x, alpha))
  return f.add(s, f.mul(f.mul(f.mul(x, alpha), s), f.sub(1, s)))
})

const erf = slopeRule((f, x) => f.mul(f.exp(f.mul(f.mul(x, x), -1)), 2 / Math.sqrt(Math.PI)))

/** Nothing flows at the bounds themselves, as in PyTorch's relu6 and hardtanh. */
const clip: Rule = context => {
  const f = formula(context)
  const { builder, node, needs } = context
  const [, min = '', max = ''] = node.inputs
  const [y = ''] = node.outputs
  const gradient = firstGradient(context)
  const bounds = [...(min ? [f.greater(y, min)] : []), ...(max ? [f.less(y, max)] : [])]
  const inside = bounds.length === 2 ? f.and(...bounds) : bounds[0]
  const atBound = (beyond: string) => builder.op('ReduceSum', [f.where(beyond, gradient, 0)], { keepdims: 0 })
  return [
    inside === undefined ? gradient : f.mul(gradient, f.mask(inside)),
    needs[1] ? atBound(builder.op('LessOrEqual', [y, min])) : undefined,
    needs[2] ? atBound(builder.op('GreaterOrEqual', [y, max])) : undefined,
  ]
}

export const activation: RuleTable = {
  Celu: celu,
  Clip: clip,
  Elu: elu,
  Erf: erf,
  Gelu: gelu,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  LeakyRelu: leakyRelu,
  Mish: mish,
  PRelu: prelu,
  Selu: selu,
  Sigmoid: sigmoid,
  Softplus: softplus,
  Softsign: softsign,
  Tanh: tanh,
  'com.microsoft:Gelu': exactGelu,
  'com.microsoft:QuickGelu': quickGelu,
}
