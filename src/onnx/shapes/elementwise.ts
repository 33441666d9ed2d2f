// Shapes of operators that keep or broadcast their inputs' shapes.

import { dtypeOfCode } from '../proto.ts'
import type { NodeTypes, ShapeRule, ShapeTable } from './rule.ts'

/** Output 0 has the type of input 0. */
const same: ShapeRule = node => [node.type(0)]

/** All inputs broadcast; the element type is that of input 0. */
const broadcast: ShapeRule = node => [
  { dtype: node.dtype(0), shape: node.broadcast(...node.node.inputs.map((_, i) => node.shape(i))) },
]

const compare: ShapeRule = node => [
  { dtype: 'bool', shape: node.broadcast(...node.node.inputs.map((_, i) => node.shape(i))) },
]

const test: ShapeRule = node => [{ dtype: 'bool', shape: node.shape(0) }]

const each = (ops: string, rule: ShapeRule): ShapeTable =>
  Object.fromEntries(
    ops
      .trim()
      .split(/\s+/)
      .map(op => [op, rule]),
  )

/** Input 0 and, beside it, statistics of shape `[c]`: what BatchNormalization in training mode returns. */
const batchNormalization: ShapeRule = node => {
  node.shapeOfRank(0, 2)
  const statistics = { dtype: node.dtype(3), shape: node.shape(3) }
  return [node.type(0), statistics, statistics]
}

/** Beside the normalised input: mean and inverse deviation, with 1 for the normalised axes. */
const layerNormalization: ShapeRule = node => {
  const shape = node.shape(0)
  const axis = node.axis(node.int('axis', -1), shape.length)
  const statistics = { dtype: 'float32' as const, shape: shape.map((d, i) => (i < axis ? d : 1)) }
  return [node.type(0), statistics, statistics]
}

function cast(node: NodeTypes) {
  const dtype = dtypeOfCode(node.int('to', 0))
  if (dtype === undefined) node.fail(`casts to element type ${node.int('to', 0)}, which is not supported`)
  return [{ dtype, shape: node.shape(0) }]
}

export const elementwiseShapes: ShapeTable = {
  ...each(
    `Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu GroupNormalization
     HardSigmoid HardSwish Hardmax Identity InstanceNormalization LRN LeakyRelu Log LogSoftmax LpNormalization
     MeanVarianceNormalization Mish Neg Not Reciprocal Relu Round ScatterElements ScatterND Selu Shrink Sigmoid
     Sign Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Trilu
     com.microsoft:Gelu com.microsoft:QuickGelu`,
    same,
  ),
  ...each('Add Div Max Mean Min Mod Mul Pow Sub Sum PRelu', broadcast),
  ...each('And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor', compare),
  ...each('IsInf IsNaN', test),
  BatchNormalization: batchNormalization,
  Cast: cast,
  CastLike: node => [{ dtype: node.dtype(1), shape: node.shape(0) }],
  Dropout: node => [node.type(0), { dtype: 'bool', shape: node.shape(0) }],
  LayerNormalization: layerNormalization,
  Where: node => [
    { dtype: node.dtype(1), shape: node.broadcast(node.shape(0), node.shape(1), node.shape(2)) },
  ],
}
