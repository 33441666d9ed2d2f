// What the operators look like: which attributes each has and of which kind. The builder uses it to store
// `alpha: 1` as the float ONNX wants; the checker to refuse attributes an op does not have.

import { InputError } from '../errors/input-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Attribute } from './graph.ts'

/** The opset of graphs this project writes; models of other opsets are brought to it when they are read. */
export const CURRENT_OPSET = 20

/** An attribute as a caller writes it; its kind comes from the schema. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Tensor

type Kind = Exclude<Attribute['kind'], 'graph'>

const window = {
  auto_pad: 'string',
  dilations: 'ints',
  group: 'int',
  kernel_shape: 'ints',
  pads: 'ints',
  strides: 'ints',
} as const

const attributeKinds: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  AveragePool: { ...window, ceil_mode: 'int', count_include_pad: 'int' },
  BatchNormalization: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
  Cast: { to: 'int' },
  Concat: { axis: 'int' },
  Constant: { value: 'tensor' },
  ConstantOfShape: { value: 'tensor' },
  Conv: window,
  ConvTranspose: { ...window, output_padding: 'ints', output_shape: 'ints' },
  CumSum: { exclusive: 'int', reverse: 'int' },
  Elu: { alpha: 'float' },
  Flatten: { axis: 'int' },
  Gather: { axis: 'int' },
  GatherElements: { axis: 'int' },
  Gemm: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
  LeakyRelu: { alpha: 'float' },
  LogSoftmax: { axis: 'int' },
  LRN: { alpha: 'float', beta: 'float', bias: 'float', size: 'int' },
  MaxPool: { ...window, ceil_mode: 'int', storage_order: 'int' },
  OneHot: { axis: 'int' },
  Pad: { mode: 'string' },
  ReduceMax: { keepdims: 'int', noop_with_empty_axes: 'int' },
  ReduceMean: { keepdims: 'int', noop_with_empty_axes: 'int' },
  ReduceSum: { keepdims: 'int', noop_with_empty_axes: 'int' },
  Reshape: { allowzero: 'int' },
  ScatterElements: { axis: 'int', reduction: 'string' },
  Shape: { start: 'int', end: 'int' },
  Softmax: { axis: 'int' },
  Split: { axis: 'int', num_outputs: 'int' },
  Transpose: { perm: 'ints' },
}

/** Kinds of the attributes of a standard-domain op, or undefined for an op the schema does not list. */
export function attributesOf(opType: string): Readonly<Record<string, Kind>> | undefined {
  return attributeKinds[opType]
}

/**
 * `value` in the kind that `opType` stores under `key`. Ops of other domains have no schema here: integers
 * become int(s), other numbers float(s).
 * @throws InputError for an attribute the op does not have.
 */
export function attributeOf(opType: string, domain: string, key: string, value: AttributeValue): Attribute {
  const kind = domain === '' ? attributeKinds[opType]?.[key] : guessKind(value)
  if (kind === undefined) throw new InputError(`operator ${opType} has no attribute ${key}`)
  return { kind, value } as Attribute
}

function guessKind(value: AttributeValue): Kind {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (Array.isArray(value)) {
    if (value.some(v => typeof v === 'string')) return 'strings'
    return value.every(v => Number.isInteger(v)) ? 'ints' : 'floats'
  }
  return 'tensor'
}
