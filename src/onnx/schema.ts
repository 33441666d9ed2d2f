// What the operators look like: which attributes each has and of which kind. The builder uses it to store
// `alpha: 1` as the float ONNX wants; the checker to refuse unknown operators and attributes.

import { InputError } from '../errors/input-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Attribute } from './graph.ts'

/**
 * The opset of graphs this project writes; models of other opsets are brought to it when they are read. The
 * graphs that ONNX Runtime 1.30 makes of a CNN (its channel-blocked Conv and pooling, its fusions with Relu, Add,
 * BatchNormalization) are the same for opsets 13 to 23, so the choice is free: 20 is the first with Gelu as one
 * operator, and 21 to 23 only add element types.
 */
export const CURRENT_OPSET = 20

/** An attribute as a caller writes it; its kind comes from the schema. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Tensor

type Kind = Exclude<Attribute['kind'], 'graph'>
type Kinds = Readonly<Record<string, Kind>>

const pooling = {
  auto_pad: 'string',
  dilations: 'ints',
  kernel_shape: 'ints',
  pads: 'ints',
  strides: 'ints',
} as const
const window = { ...pooling, group: 'int' } as const

const named: Readonly<Record<string, Kinds>> = {
  ArgMax: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
  ArgMin: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
  AveragePool: { ...pooling, ceil_mode: 'int', count_include_pad: 'int' },
  BatchNormalization: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
  Cast: { saturate: 'int', to: 'int' },
  CastLike: { saturate: 'int' },
  Celu: { alpha: 'float' },
  Concat: { axis: 'int' },
  Constant: { value: 'tensor' },
  ConstantOfShape: { value: 'tensor' },
  Conv: window,
  ConvTranspose: { ...window, output_padding: 'ints', output_shape: 'ints' },
  CumSum: { exclusive: 'int', reverse: 'int' },
  DepthToSpace: { blocksize: 'int', mode: 'string' },
  Dropout: { seed: 'int' },
  Einsum: { equation: 'string' },
  Elu: { alpha: 'float' },
  EyeLike: { dtype: 'int', k: 'int' },
  Flatten: { axis: 'int' },
  Gather: { axis: 'int' },
  GatherElements: { axis: 'int' },
  GatherND: { batch_dims: 'int' },
  Gelu: { approximate: 'string' },
  Gemm: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
  GlobalLpPool: { p: 'int' },
  GridSample: { align_corners: 'int', mode: 'string', padding_mode: 'string' },
  GroupNormalization: { epsilon: 'float', num_groups: 'int' },
  HardSigmoid: { alpha: 'float', beta: 'float' },
  Hardmax: { axis: 'int' },
  InstanceNormalization: { epsilon: 'float' },
  IsInf: { detect_negative: 'int', detect_positive: 'int' },
  LRN: { alpha: 'float', beta: 'float', bias: 'float', size: 'int' },
  LayerNormalization: { axis: 'int', epsilon: 'float', stash_type: 'int' },
  LeakyRelu: { alpha: 'float' },
  LogSoftmax: { axis: 'int' },
  LpNormalization: { axis: 'int', p: 'int' },
  LpPool: { ...pooling, ceil_mode: 'int', p: 'int' },
  MaxPool: { ...pooling, ceil_mode: 'int', storage_order: 'int' },
  MeanVarianceNormalization: { axes: 'ints' },
  Mod: { fmod: 'int' },
  OneHot: { axis: 'int' },
  Pad: { mode: 'string' },
  RandomNormalLike: { dtype: 'int', mean: 'float', scale: 'float', seed: 'float' },
  RandomUniformLike: { dtype: 'int', high: 'float', low: 'float', seed: 'float' },
  Reshape: { allowzero: 'int' },
  Resize: {
    antialias: 'int',
    axes: 'ints',
    coordinate_transformation_mode: 'string',
    cubic_coeff_a: 'float',
    exclude_outside: 'int',
    extrapolation_value: 'float',
    keep_aspect_ratio_policy: 'string',
    mode: 'string',
    nearest_mode: 'string',
  },
  ScatterElements: { axis: 'int', reduction: 'string' },
  ScatterND: { reduction: 'string' },
  Selu: { alpha: 'float', gamma: 'float' },
  Shape: { end: 'int', start: 'int' },
  Shrink: { bias: 'float', lambd: 'float' },
  Softmax: { axis: 'int' },
  SpaceToDepth: { blocksize: 'int' },
  Split: { axis: 'int', num_outputs: 'int' },
  ThresholdedRelu: { alpha: 'float' },
  TopK: { axis: 'int', largest: 'int', sorted: 'int' },
  Transpose: { perm: 'ints' },
  Trilu: { upper: 'int' },
  'com.microsoft:FusedConv': { ...window, activation: 'string', activation_params: 'floats' },
  'com.microsoft:FusedMatMul': {
    alpha: 'float',
    transA: 'int',
    transB: 'int',
    transBatchA: 'int',
    transBatchB: 'int',
  },
  'com.microsoft:Gelu': {},
  'com.microsoft:QuickGelu': { alpha: 'float' },
}

const withoutAttributes = `
  Abs Acos Acosh Add And Asin Asinh Atan Atanh Ceil Clip Cos Cosh Div Equal Erf Exp Expand Floor
  GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSwish Identity IsNaN Less LessOrEqual Log
  MatMul Max Mean Min Mish Mul Neg NonZero Not Or PRelu Pow Range Reciprocal Relu Round Sigmoid Sign Sin Sinh Size
  Slice Softplus Softsign Sqrt Squeeze Sub Sum Tan Tanh Tile Unsqueeze Where Xor
`

const reductions = `L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare`

const words = (text: string) => text.trim().split(/\s+/)
const kinds = new Map<string, Kinds>([
  ...Object.entries(named),
  ...words(withoutAttributes).map(op => [op, {}] as const),
  ...words(reductions).map(op => [`Reduce${op}`, { keepdims: 'int', noop_with_empty_axes: 'int' }] as const),
])

/**
 * Kinds of the attributes of an operator at CURRENT_OPSET; undefined for an operator this project does not know.
 * @param domain '' is the standard domain.
 */
export function attributesOf(opType: string, domain = ''): Kinds | undefined {
  return kinds.get(domain === '' ? opType : `${domain}:${opType}`)
}

/**
 * `value` in the kind that `opType` stores under `key`.
 * @throws InputError for an operator that is not known or an attribute that it does not have.
 */
export function attributeOf(opType: string, domain: string, key: string, value: AttributeValue): Attribute {
  const kind = attributesOf(opType, domain)?.[key]
  if (kind === undefined) throw new InputError(`operator ${opType} has no attribute ${key}`)
  return { kind, value } as Attribute
}
