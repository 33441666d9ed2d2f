// The operators of CNNs with the variants that have broken gradient code elsewhere.

import type { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { AttributeValue } from '../../../src/onnx/schema.ts'
import { float32, int64, tensor } from '../../../src/tensor/tensor.ts'
import type { RuleCase } from './case.ts'

type Attributes = Readonly<Record<string, AttributeValue>>

const unary = (
  op: string,
  shape: readonly number[],
  attributes: Attributes = {},
  more: Partial<RuleCase> = {},
) => ({
  name: `${op} ${JSON.stringify(attributes)} on [${shape}]`,
  inputs: { x: shape },
  build: (b: GraphBuilder) => b.op(op, ['x'], attributes),
  ...more,
})

const conv = (
  op: 'Conv' | 'ConvTranspose',
  x: readonly number[],
  w: readonly number[],
  attributes: Attributes,
): RuleCase => ({
  name: `${op} [${x}] by [${w}] ${JSON.stringify(attributes)}`,
  inputs: { x, w, b: [op === 'Conv' ? w[0]! : w[1]! * ((attributes.group as number | undefined) ?? 1)] },
  build: b => b.op(op, ['x', 'w', 'b'], attributes),
})

const binary = (
  op: string,
  a: readonly number[],
  c: readonly number[],
  values: RuleCase['values'] = 'normal',
) => ({
  name: `${op} [${a}] with [${c}]`,
  inputs: { x: a, c },
  build: (b: GraphBuilder) => b.op(op, ['x', 'c']),
  values,
})

const matMul = (a: readonly number[], c: readonly number[]): RuleCase => ({
  ...binary('MatMul', a, c),
  fixedBatch: true,
})

const gemm = (
  a: readonly number[],
  b: readonly number[],
  c: readonly number[],
  attributes: Attributes,
): RuleCase => ({
  name: `Gemm [${a}] [${b}] + [${c}] ${JSON.stringify(attributes)}`,
  inputs: { x: a, b, c },
  build: builder => builder.op('Gemm', ['x', 'b', 'c'], attributes),
  fixedBatch: true,
})

const batchNorm = (x: readonly number[], training: number): RuleCase => ({
  name: `BatchNormalization training_mode=${training} on [${x}]`,
  inputs: { x, scale: [x[1]!], bias: [x[1]!], mean: [x[1]!], variance: [x[1]!] },
  build: b =>
    b.ops(
      'BatchNormalization',
      ['x', 'scale', 'bias', 'mean', 'variance'],
      { epsilon: 1e-3, training_mode: training },
      training === 1 ? 3 : 1,
    )[0]!,
  wrt: training === 1 ? ['x', 'scale', 'bias'] : ['x', 'scale', 'bias', 'mean', 'variance'],
  values: 'positive',
  step: training === 1 ? 0.003 : 0.002,
})

export const cases: readonly RuleCase[] = [
  conv('Conv', [2, 3, 7, 6], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('Conv', [2, 3, 7, 6], [4, 3, 3, 2], { pads: [0, 1, 2, 0] }),
  conv('Conv', [2, 4, 8, 8], [6, 2, 3, 3], { pads: [1, 1, 1, 1], group: 2 }),
  conv('Conv', [2, 4, 8, 9], [6, 2, 3, 3], { pads: [1, 1, 1, 1], group: 2, strides: [2, 3] }),
  conv('Conv', [2, 4, 8, 8], [8, 1, 3, 3], { pads: [1, 1, 1, 1], group: 4 }),
  conv('Conv', [2, 4, 8, 9], [4, 1, 3, 3], { pads: [1, 1, 1, 1], group: 4, strides: [2, 3] }),
  conv('Conv', [2, 3, 9, 10], [3, 1, 5, 4], { pads: [2, 0, 1, 2], group: 3, strides: [2, 2] }),
  conv('Conv', [1, 3, 10, 9], [3, 1, 2, 3], { dilations: [2, 1], group: 3, strides: [3, 2] }),
  conv('Conv', [2, 3, 11, 10], [5, 3, 3, 3], { dilations: [2, 3], pads: [2, 3, 1, 2] }),
  conv('Conv', [2, 3, 12, 11], [5, 3, 3, 3], { dilations: [2, 1], strides: [2, 2] }),
  conv('Conv', [2, 3, 13, 12], [4, 3, 7, 5], { strides: [2, 3], pads: [3, 2, 3, 2] }),
  conv('Conv', [2, 3, 8, 8], [4, 3, 1, 1], {}),
  // Stems, whose image gradients come in tiles: 4x4, other pads, one channel, 6x6.
  conv('Conv', [2, 3, 8, 12], [5, 3, 7, 7], { pads: [3, 3, 3, 3], strides: [2, 2] }),
  conv('Conv', [2, 3, 12, 8], [5, 3, 7, 7], { pads: [2, 2, 3, 3], strides: [2, 2] }),
  conv('Conv', [2, 1, 8, 8], [4, 1, 7, 7], { pads: [3, 3, 3, 3], strides: [2, 2] }),
  conv('Conv', [1, 4, 12, 18], [3, 4, 13, 13], { pads: [5, 5, 6, 6], strides: [3, 3] }),
  conv('Conv', [2, 3, 8, 7], [4, 3, 1, 1], { strides: [2, 2] }),
  conv('Conv', [2, 3, 5, 5], [4, 3, 1, 1], { pads: [1, 1, 0, 0] }),
  conv('Conv', [2, 3, 5, 5], [4, 3, 5, 5], {}),
  conv('Conv', [2, 3, 7, 8], [4, 3, 4, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  conv('Conv', [2, 3, 7, 8], [4, 3, 4, 3], { auto_pad: 'SAME_LOWER' }),
  conv('Conv', [2, 3, 7, 8], [4, 3, 2, 3], { auto_pad: 'VALID', strides: [2, 2] }),
  conv('Conv', [2, 3, 9], [4, 3, 3], { pads: [1, 1], strides: [2] }),
  conv('Conv', [1, 2, 4, 5, 4], [3, 2, 2, 3, 2], { pads: [1, 0, 1, 0, 1, 0], strides: [1, 2, 1] }),
  conv('Conv', [2, 17, 7, 6], [4, 17, 3, 2], { pads: [1, 0, 2, 1], strides: [2, 1] }),
  conv('Conv', [2, 16, 9, 8], [3, 16, 3, 3], { pads: [1, 1, 1, 1], dilations: [1, 2] }),
  // As many steps as elements: columns are shifted channels.
  conv('Conv', [2, 16, 5, 6], [3, 16, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('Conv', [3, 17, 6, 4], [2, 17, 3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }),
  conv('Conv', [2, 16, 4, 5], [3, 16, 2, 3], { pads: [0, 2, 1, 0] }),
  conv('Conv', [1, 16, 3, 4], [2, 16, 5, 1], { pads: [2, 0, 2, 0] }),
  conv('Conv', [2, 16, 7], [3, 16, 3], { pads: [1, 1] }),
  conv('Conv', [2, 16, 2, 3, 3], [2, 16, 1, 3, 3], { pads: [0, 1, 1, 0, 1, 1] }),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 16, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 16, 3, 3], { strides: [2, 2] }),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 4, 3, 3], {}),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 4, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 0] }),
  conv('ConvTranspose', [2, 4, 4, 5], [4, 3, 3, 3], { strides: [2, 3], output_padding: [1, 2], group: 2 }),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 4, 3, 3], { dilations: [2, 1], pads: [1, 0, 2, 1] }),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 4, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  conv('ConvTranspose', [2, 3, 4, 5], [3, 4, 3, 3], { strides: [2, 2], output_shape: [8, 10] }),
  batchNorm([4, 3, 4, 5], 0),
  batchNorm([4, 3, 4, 5], 1),
  batchNorm([8, 3], 0),
  batchNorm([8, 3], 1),
  batchNorm([3, 2, 5], 1),
  unary('Relu', [3, 4, 5], {}, { values: 'apart' }),
  ...[
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
    { kernel_shape: [3, 2], strides: [2, 3], pads: [0, 1, 1, 0] },
    { kernel_shape: [2, 2], dilations: [2, 3] },
    { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  ].map(attributes => unary('MaxPool', [2, 3, 8, 9], attributes, { values: 'apart' })),
  unary('MaxPool', [2, 3, 9], { kernel_shape: [3], strides: [2] }, { values: 'apart' }),
  unary('MaxPool', [1, 2, 4, 5, 6], { kernel_shape: [2, 3, 2], strides: [2, 1, 2] }, { values: 'apart' }),
  ...[
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [2, 2] },
    { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 },
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    { kernel_shape: [3, 2], strides: [2, 3], pads: [0, 1, 1, 0] },
    { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' },
  ].map(attributes => unary('AveragePool', [2, 3, 8, 9], attributes)),
  unary('AveragePool', [2, 3, 9], { kernel_shape: [3], strides: [2] }),
  unary('GlobalAveragePool', [2, 3, 4, 5]),
  unary('GlobalMaxPool', [2, 3, 4, 5], {}, { values: 'apart' }),
  unary('LRN', [2, 7, 3, 4], { size: 5, alpha: 0.5, beta: 0.75, bias: 2 }),
  unary('LRN', [2, 7, 5, 1], { size: 3, alpha: 0.5, beta: 0.6, bias: 1 }),
  gemm([3, 4], [4, 5], [5], {}),
  gemm([4, 3], [5, 4], [3, 1], { transA: 1, transB: 1, alpha: 0.5, beta: 2 }),
  gemm([3, 4], [5, 4], [], { transB: 1, alpha: 2 }),
  gemm([4, 3], [4, 5], [1, 5], { transA: 1, beta: 0.5 }),
  matMul([3, 4], [4, 5]),
  matMul([2, 3, 4], [4, 5]),
  matMul([2, 3, 4], [2, 4, 5]),
  matMul([2, 1, 3, 4], [3, 4, 5]),
  matMul([3, 4], [2, 4, 5]),
  matMul([4], [4, 5]),
  matMul([3, 4], [4]),
  matMul([4], [4]),
  matMul([2, 3, 4], [4]),
  matMul([4], [2, 4, 5]),
  ...['Add', 'Sub', 'Mul'].flatMap(op => [
    binary(op, [2, 3, 4], [2, 3, 4]),
    binary(op, [2, 3, 4], [3, 1]),
    binary(op, [2, 1, 4], [3, 1]),
    binary(op, [4, 3], []),
    binary(op, [1, 3], [5, 4, 3]),
  ]),
  { ...binary('Div', [2, 3, 4], [3, 1], 'positive'), step: 0.003 },
  { ...binary('Div', [2, 1, 4], [3, 1], 'positive'), step: 0.003 },
  {
    name: 'Sum of three, broadcast',
    inputs: { x: [2, 3], b: [3], c: [2, 1] },
    build: b => b.op('Sum', ['x', 'b', 'c']),
  },
  {
    name: 'one value used three times',
    inputs: { x: [2, 3] },
    build: b => b.op('Mul', [b.op('Add', ['x', 'x']), b.op('Exp', ['x'])]),
    step: 0.003,
  },
  unary('Exp', [2, 3], {}, { step: 0.003 }),
  unary('Log', [2, 3], {}, { values: 'positive', step: 0.003 }),
  unary('Sqrt', [2, 3], {}, { values: 'positive', step: 0.003 }),
  unary('Neg', [2, 3]),
  unary('Identity', [2, 3]),
  unary('Softmax', [3, 5], { axis: -1 }),
  unary('Softmax', [3, 5, 2], { axis: 1 }),
  unary('LogSoftmax', [3, 5], { axis: 1 }),
  unary('Flatten', [2, 3, 4], { axis: 1 }),
  unary('Transpose', [2, 3, 4], { perm: [2, 0, 1] }),
  unary('Transpose', [2, 3, 4]),
  { name: 'Reshape', inputs: { x: [2, 3, 4] }, build: b => b.op('Reshape', ['x', b.ints([0, -1])]) },
  { name: 'Squeeze', inputs: { x: [2, 1, 4] }, build: b => b.op('Squeeze', ['x', b.ints([1])]) },
  { name: 'Unsqueeze', inputs: { x: [2, 4] }, build: b => b.op('Unsqueeze', ['x', b.ints([0, -1])]) },
  {
    name: 'Concat along axis 1',
    inputs: { x: [2, 3, 2], b: [2, 1, 2] },
    build: b => b.op('Concat', ['x', 'b'], { axis: 1 }),
    fixedBatch: true,
  },
  {
    name: 'Concat along the symbolic axis',
    inputs: { x: [2, 3], b: [4, 3] },
    build: b => b.op('Concat', ['x', 'b'], { axis: 0 }),
  },
  ...['ReduceSum', 'ReduceMean'].flatMap((op): RuleCase[] => [
    unary(op, [2, 3, 4]),
    unary(op, [2, 3, 4], { keepdims: 0 }),
    {
      name: `${op} axes`,
      inputs: { x: [2, 3, 4] },
      build: b => b.op(op, ['x', b.ints([0, -1])], { keepdims: 0 }),
    },
    { name: `${op} axis kept`, inputs: { x: [2, 3, 4] }, build: b => b.op(op, ['x', b.ints([1])]) },
    unary(op, [2, 3, 4], { noop_with_empty_axes: 1 }),
    {
      name: `${op} axes known when the graph runs`,
      inputs: { x: [2, 3, 4] },
      build: b =>
        b.op(op, ['x', b.op('Range', [b.scalar(1, 'int64'), b.scalar(3, 'int64'), b.scalar(1, 'int64')])]),
    },
  ]),
  {
    name: 'Dropout in inference',
    inputs: { x: [4, 5] },
    build: b => b.op('Dropout', ['x', b.scalar(0.4)]),
  },
  {
    name: 'ScatterElements that adds, with repeats',
    inputs: { x: [3, 4], u: [3, 3] },
    build: b =>
      b.op('ScatterElements', ['x', b.constant(int64([3, 3], [0, 0, 3, 1, 2, 2, 0, 3, 3])), 'u'], {
        axis: 1,
        reduction: 'add',
      }),
    fixedBatch: true,
  },
  {
    name: 'ScatterElements that overwrites',
    inputs: { x: [3, 4], u: [3, 2] },
    build: b =>
      b.op('ScatterElements', ['x', b.constant(int64([3, 2], [0, 3, 1, 2, 3, 0])), 'u'], { axis: 1 }),
    fixedBatch: true,
  },
  {
    name: 'GatherElements with repeats',
    inputs: { x: [3, 4] },
    build: b =>
      b.op('GatherElements', ['x', b.constant(int64([3, 3], [0, 0, 3, 1, 2, 2, 0, 3, 3]))], { axis: 1 }),
  },
  {
    name: 'a constant kernel',
    inputs: { x: [1, 2, 4, 4] },
    build: b =>
      b.op('Conv', [
        'x',
        b.constant(
          float32(
            [2, 2, 3, 3],
            Array.from({ length: 36 }, (_, i) => Math.sin(i)),
          ),
        ),
      ]),
  },
  {
    name: 'a mask chosen by comparison',
    inputs: { x: [3, 3] },
    build: b => b.op('Mul', ['x', b.constant(tensor('float32', [3], Float32Array.of(1, 0, -2)))]),
  },
]
