// Cases of activations, arithmetic, reductions and normalisations.

import type { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { AttributeValue } from '../../../src/onnx/schema.ts'
import { float32, int64, tensor } from '../../../src/tensor/tensor.ts'
import type { RuleCase } from './case.ts'

type Attributes = Readonly<Record<string, AttributeValue>>

type Values = NonNullable<RuleCase['values']>

const unary = (
  op: string,
  values: Values,
  attributes: Attributes = {},
  domain = '',
  step = 0.003,
): RuleCase => ({
  name: `${domain && `${domain}.`}${op} ${JSON.stringify(attributes)}`,
  inputs: { x: [3, 5, 2] },
  build: b => b.op(op, ['x'], attributes, { domain }),
  values,
  step,
})

const numbers = (b: GraphBuilder, shape: readonly number[], values: readonly number[]) =>
  b.constant(float32(shape, values))

/** A reduction in its forms: all axes, some, counted from the end, dropped, none. */
const reduction = (op: string, values: Values, step = 0.003): RuleCase[] => {
  const form = (
    name: string,
    axes: readonly number[] | undefined,
    attributes: Attributes = {},
  ): RuleCase => ({
    name: `${op} ${name}`,
    inputs: { x: [2, 3, 4] },
    build: b => b.op(op, ['x', axes && b.ints(axes)], attributes),
    values,
    step,
  })
  return [
    form('over all axes', undefined),
    form('over one axis', [1]),
    form('over two axes, dropped', [0, -1], { keepdims: 0 }),
    form('over no axis', undefined, { noop_with_empty_axes: 1 }),
  ]
}

const pow = (name: string, exponent: (b: GraphBuilder) => string): RuleCase => ({
  name: `Pow ${name}`,
  inputs: { x: [3, 4] },
  build: b => b.op('Pow', ['x', exponent(b)]),
  values: 'positive',
  step: 0.003,
})

const clip = (name: string, min: number | undefined, max: number | undefined): RuleCase => ({
  name: `Clip ${name}`,
  inputs: { x: [3, 5, 2] },
  build: b =>
    b.op('Clip', [
      'x',
      min === undefined ? undefined : b.scalar(min),
      max === undefined ? undefined : b.scalar(max),
    ]),
  values: 'apart',
})

const layerNorm = (x: readonly number[], axis: number, scale: readonly number[]): RuleCase => ({
  name: `LayerNormalization of [${x}] from axis ${axis}, scale [${scale}]`,
  inputs: { x, scale, bias: scale },
  build: b => b.op('LayerNormalization', ['x', 'scale', 'bias'], { axis, epsilon: 1e-3 }),
  step: 0.003,
})

const instanceNorm = (x: readonly number[]): RuleCase => ({
  name: `InstanceNormalization of [${x}]`,
  inputs: { x, scale: [x[1]!], bias: [x[1]!] },
  build: b => b.op('InstanceNormalization', ['x', 'scale', 'bias'], { epsilon: 1e-3 }),
  step: 0.003,
})

export const elementwiseCases: readonly RuleCase[] = [
  unary('LeakyRelu', 'apart', { alpha: 0.2 }),
  unary('LeakyRelu', 'apart', { alpha: -0.5 }),
  unary('Elu', 'apart', { alpha: 1.5 }),
  unary('Celu', 'apart', { alpha: 2 }),
  unary('Selu', 'apart'),
  unary('Selu', 'apart', { alpha: 2, gamma: 0.5 }),
  unary('Sigmoid', 'normal'),
  unary('HardSigmoid', 'apart'),
  unary('HardSigmoid', 'apart', { alpha: 1 / 6, beta: 0.5 }),
  unary('HardSwish', 'apart'),
  unary('Tanh', 'normal'),
  unary('Softplus', 'normal'),
  unary('Softsign', 'normal'),
  unary('Mish', 'normal'),
  unary('Gelu', 'normal'),
  unary('Gelu', 'normal', { approximate: 'tanh' }),
  unary('Gelu', 'normal', {}, 'com.microsoft'),
  unary('QuickGelu', 'normal', { alpha: 1.702 }, 'com.microsoft'),
  unary('Erf', 'normal'),
  unary('Abs', 'apart'),
  unary('Reciprocal', 'positive'),
  unary('Sin', 'normal'),
  unary('Cos', 'normal'),
  {
    name: 'PRelu with a slope per channel',
    inputs: { x: [2, 3, 4], slope: [3, 1] },
    build: b => b.op('PRelu', ['x', 'slope']),
    values: 'apart',
  },
  clip('to [-1, 1]', -1, 1),
  clip('from 0', 0, undefined),
  clip('up to 1', undefined, 1),
  clip('without bounds', undefined, undefined),
  {
    name: 'Clip, gradients of the bounds',
    inputs: { x: [4, 5], max: [] },
    build: b => b.op('Clip', ['x', b.scalar(-1), b.op('Add', ['max', b.scalar(0.1)])]),
    values: 'apart',
  },
  pow('2', b => b.scalar(2)),
  pow('3', b => b.scalar(3)),
  pow('-0.5', b => b.scalar(-0.5)),
  pow('0 and others', b => numbers(b, [4], [0, 1, 2.5, -1])),
  pow('to an integer', b => b.constant(int64([], [3]))),
  {
    name: 'Pow, gradient of the exponent',
    inputs: { x: [3, 4], p: [3, 1] },
    build: b => b.op('Pow', ['x', 'p']),
    values: 'positive',
    step: 0.003,
  },
  ...['Max', 'Min'].flatMap((op): RuleCase[] => [
    {
      name: `${op} with a constant`,
      inputs: { x: [3, 5] },
      build: b => b.op(op, ['x', b.scalar(0.3)]),
      values: 'apart',
    },
    {
      name: `${op} of three, broadcast`,
      inputs: { x: [3, 5], b: [5], c: [3, 1] },
      build: b => b.op(op, ['x', 'b', 'c']),
    },
    { name: `${op} of one`, inputs: { x: [3] }, build: b => b.op(op, ['x']) },
  ]),
  {
    name: 'Mean of three, broadcast',
    inputs: { x: [3, 5], b: [5], c: [3, 1] },
    build: b => b.op('Mean', ['x', 'b', 'c']),
  },
  {
    name: 'Where, broadcast',
    inputs: { x: [3, 1], b: [4] },
    build: b =>
      b.op('Where', [
        b.constant(
          tensor(
            'bool',
            [3, 4],
            Uint8Array.from({ length: 12 }, (_, i) => i % 3 && 1),
          ),
        ),
        'x',
        'b',
      ]),
  },
  {
    name: 'Cast to float64 and back',
    inputs: { x: [3, 4] },
    build: b => b.op('CastLike', [b.op('Exp', [b.op('Cast', ['x'], { to: 11 })]), 'x']),
    step: 0.003,
  },
  {
    name: 'beside steps that have no gradient',
    inputs: { x: [3, 4] },
    build: b => b.op('Mul', ['x', b.op('Add', [b.op('Floor', ['x']), b.op('Sign', ['x'])])]),
    values: 'apart',
  },
  ...reduction('ReduceMax', 'apart'),
  ...reduction('ReduceMin', 'apart'),
  ...reduction('ReduceL1', 'apart'),
  ...reduction('ReduceL2', 'normal'),
  ...reduction('ReduceSumSquare', 'normal'),
  ...reduction('ReduceProd', 'positive', 0.001).slice(1),
  ...reduction('ReduceLogSum', 'positive'),
  ...reduction('ReduceLogSumExp', 'normal'),
  {
    name: 'ReduceProd with no, one and two zeros in a row',
    inputs: { x: [3, 4] },
    build: b => {
      const mask = numbers(b, [3, 4], [1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1])
      return b.op('ReduceProd', [b.op('Mul', ['x', mask]), b.ints([1])])
    },
    values: 'positive',
    step: 0.003,
  },
  layerNorm([3, 4, 6], -1, [6]),
  layerNorm([3, 4, 6], 1, [4, 6]),
  layerNorm([3, 4, 6], 2, [4, 1]),
  {
    name: 'LayerNormalization without bias',
    inputs: { x: [3, 8], scale: [8] },
    build: b => b.op('LayerNormalization', ['x', 'scale'], { axis: -1 }),
    step: 0.003,
  },
  instanceNorm([2, 3, 4, 5]),
  instanceNorm([2, 3, 7]),
]
