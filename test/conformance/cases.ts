// The cases themselves: element types, shapes, the operators that gradients and training lean on, errors.

import { GraphBuilder } from '../../src/onnx/builder.ts'
import type { Dim, Graph, Node } from '../../src/onnx/graph.ts'
import { type AttributeValue, CURRENT_OPSET } from '../../src/onnx/schema.ts'
import { allocate, type DType } from '../../src/tensor/dtype.ts'
import { elementCount } from '../../src/tensor/shape.ts'
import { float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.ts'
import type { ConformanceCase, ErrorCase, ValueCase } from './case.ts'
import { netCases } from './net.ts'

/** One operator on `inputs`, all of which are fed; its outputs are named y0, y1, …. */
function operator(
  opType: string,
  inputs: readonly Tensor[],
  attributes: Readonly<Record<string, AttributeValue>>,
  outputs: readonly Tensor[],
  domain = '',
): ValueCase {
  const builder = new GraphBuilder(opType)
  const feeds: Record<string, Tensor> = {}
  const names = inputs.map((input, i) => {
    feeds[`x${i}`] = input
    return builder.input(`x${i}`, input.dtype, input.shape)
  })
  const results = builder.ops(opType, names, attributes, outputs.length, { domain })
  const expected: Record<string, Tensor> = {}
  for (const [i, output] of outputs.entries()) {
    expected[results[i]!] = output
    builder.output(results[i]!, output.dtype, output.shape)
  }
  return { name: `operator ${opType}`, graph: builder.build(), feeds, expected }
}

/** 1, 2, 3, … of `shape`. */
const counting = (shape: readonly number[]) =>
  float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => i + 1),
  )

/** Extremes of each element type that crosses the border. */
const extremes: readonly Tensor[] = [
  float32([6], [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45]),
  tensor('float64', [3], Float64Array.of(Math.PI, -0, 5e-324)),
  tensor('float16', [3], Uint16Array.of(0x3c00, 0x7e01, 0xfbff)),
  tensor('int8', [2], Int8Array.of(-128, 127)),
  tensor('int16', [2], Int16Array.of(-32768, 32767)),
  tensor('int32', [2], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
  tensor('int64', [2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)),
  tensor('uint8', [2], Uint8Array.of(0, 255)),
  tensor('uint16', [2], Uint16Array.of(0, 65535)),
  tensor('uint32', [2], Uint32Array.of(0, 2 ** 32 - 1)),
  tensor('uint64', [2], BigUint64Array.of(0n, 2n ** 64n - 1n)),
  tensor('bool', [2], Uint8Array.of(0, 1)),
]

const dtypes = extremes.map(value => ({
  ...operator('Identity', [value], {}, [value]),
  name: `${value.dtype} goes in and comes out unchanged`,
}))

const shapes: readonly ConformanceCase[] = [
  { ...operator('Neg', [float32([], [3])], {}, [float32([], [-3])]), name: 'a scalar' },
  { ...operator('Neg', [float32([0, 3], [])], {}, [float32([0, 3], [])]), name: 'an empty tensor' },
  {
    ...operator('Neg', [counting([3])], {}, [float32([3], [-1, -2, -3])]),
    name: 'a view into the middle of a buffer',
    feeds: { x0: float32([3], Float32Array.of(9, 1, 2, 3, 9).subarray(1, 4)) },
  },
  {
    name: 'a symbolic batch takes any size',
    graph: sumGraph([['n', 2]]),
    feeds: { x0: counting([3, 2]) },
    expected: { sum: counting([3, 2]) },
  },
]

function sumGraph(inputs: readonly (readonly Dim[])[], dtype: DType = 'float32'): Graph {
  const builder = new GraphBuilder('sum')
  const names = inputs.map((shape, i) => builder.input(`x${i}`, dtype, shape))
  builder.output(builder.op('Sum', names, {}, { name: 'sum' }), dtype, inputs[0])
  return builder.build()
}

function twoOutputs(): Graph {
  const builder = new GraphBuilder('two outputs')
  const x = builder.input('x', 'float32', ['n'])
  builder.output(builder.op('Neg', [x], {}, { name: 'minus' }), 'float32', ['n'])
  builder.output(builder.op('Abs', [x], {}, { name: 'size' }), 'float32', ['n'])
  return builder.build()
}

/** A weight that is too large to stand in the model file, as a view that starts in the middle of its buffer. */
function bigWeight(): ValueCase {
  const count = 70_000
  const values = Float32Array.from({ length: count + 1 }, (_, i) => i - 1).subarray(1)
  const builder = new GraphBuilder('big weight')
  const weight = builder.initializer('w', float32([count], values))
  builder.output(
    builder.op('Add', [builder.input('x', 'float32', [1]), weight], {}, { name: 'y' }),
    'float32',
    [count],
  )
  return {
    name: 'a weight handed over beside the model',
    graph: builder.build(),
    feeds: { x: float32([1], [1]) },
    expected: {
      y: float32(
        [count],
        Float32Array.from(values, v => v + 1),
      ),
    },
  }
}

const outputs: readonly ConformanceCase[] = [
  {
    name: 'all outputs by default',
    graph: twoOutputs(),
    feeds: { x: float32([2], [-1, 2]) },
    expected: { minus: float32([2], [1, -2]), size: float32([2], [1, 2]) },
  },
  {
    name: 'only the outputs that are wanted',
    graph: twoOutputs(),
    feeds: { x: float32([2], [-1, 2]) },
    wanted: ['size'],
    expected: { size: float32([2], [1, 2]) },
  },
  bigWeight(),
]

const half = { relative: 1e-6 }

// Worked out by hand; operators that gradients, training steps and attacks are made of.
const operators: readonly ValueCase[] = [
  operator(
    'Conv',
    [counting([1, 1, 3, 3]), float32([1, 1, 2, 2], [1, 0, 0, 1]), float32([1], [0.5])],
    { strides: [1, 1], pads: [1, 0, 0, 0] },
    [float32([1, 1, 3, 2], [2.5, 3.5, 6.5, 8.5, 12.5, 14.5])],
  ),
  operator(
    'ConvTranspose',
    [float32([1, 1, 2, 2], [1, 2, 3, 4]), float32([1, 1, 2, 2], [1, 1, 1, 1])],
    { strides: [2, 2], output_padding: [1, 0] },
    [float32([1, 1, 5, 4], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 0, 0, 0, 0])],
  ),
  operator(
    'MaxPool',
    [float32([1, 1, 3, 3], [1, 5, 2, 7, 3, 4, 0, 8, 6])],
    { kernel_shape: [2, 2], strides: [1, 1] },
    [float32([1, 1, 2, 2], [7, 5, 8, 8]), int64([1, 1, 2, 2], [3, 1, 7, 7])],
  ),
  operator(
    'ScatterElements',
    [float32([4], [0, 0, 0, 0]), int64([5], [1, 3, 1, 1, 0]), float32([5], [1, 2, 3, 4, 5])],
    { axis: 0, reduction: 'add' },
    [float32([4], [5, 8, 0, 2])],
  ),
  operator(
    'AveragePool',
    [counting([1, 1, 2, 2])],
    { kernel_shape: [2, 2], pads: [1, 1, 0, 0], count_include_pad: 0 },
    [float32([1, 1, 2, 2], [1, 1.5, 2, 2.5])],
  ),
  {
    ...operator(
      'BatchNormalization',
      [
        float32([2, 1, 1, 2], [1, 3, 5, 7]),
        float32([1], [2]),
        float32([1], [1]),
        float32([1], [10]),
        float32([1], [1]),
      ],
      { training_mode: 1, momentum: 0.5, epsilon: 0 },
      // Mean 4, population variance 5; running statistics move half way.
      [
        float32(
          [2, 1, 1, 2],
          [-3, -1, 1, 3].map(v => (2 * v) / Math.sqrt(5) + 1),
        ),
        float32([1], [7]),
        float32([1], [3]),
      ],
    ),
    name: 'operator BatchNormalization in training mode',
    tolerance: half,
  },
  operator('Gemm', [counting([2, 3]), counting([2, 3]), float32([2], [1, -1])], { transB: 1 }, [
    float32([2, 2], [15, 31, 33, 76]),
  ]),
  operator(
    'FusedMatMul',
    [counting([2, 2]), counting([2, 2])],
    { transB: 1 },
    [float32([2, 2], [5, 11, 11, 25])],
    'com.microsoft',
  ),
  {
    ...operator('Softmax', [float32([1, 2], [0, Math.log(3)])], { axis: 1 }, [float32([1, 2], [0.25, 0.75])]),
    tolerance: half,
  },
  {
    ...operator('LogSoftmax', [float32([1, 2], [1000, 0])], { axis: 1 }, [float32([1, 2], [0, -1000])]),
    tolerance: half,
  },
  operator('GatherElements', [counting([2, 3]), int64([2, 1], [2, 0])], { axis: 1 }, [
    float32([2, 1], [3, 4]),
  ]),
  operator('Sign', [float32([3], [-2, 0, 5])], {}, [float32([3], [-1, 0, 1])]),
  operator('CumSum', [float32([3], [1, 2, 3]), int64([], [0])], { reverse: 1 }, [float32([3], [6, 5, 3])]),
  operator('ReduceSum', [counting([2, 2]), int64([1], [0])], { keepdims: 0 }, [float32([2], [4, 6])]),
  {
    ...operator('ReduceL2', [float32([1, 2], [3, 4]), int64([1], [1])], { keepdims: 1 }, [
      float32([1, 1], [5]),
    ]),
    tolerance: half,
  },
]

const anySum = sumGraph([['n', 3]])
const three = float32([1, 3], [1, 2, 3])

/** A graph of one node that need not make sense. */
function oneNode(node: Partial<Node>, opsets = new Map([['', CURRENT_OPSET]])): Graph {
  return {
    name: 'odd',
    inputs: [{ name: 'x', dtype: 'float32', shape: ['n', 3] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: undefined }],
    nodes: [
      { name: 'node7', opType: 'Neg', domain: '', inputs: ['x'], outputs: ['y'], attributes: {}, ...node },
    ],
    initializers: new Map([['shape', int64([2], [1, 3])]]),
    opsets,
    metadata: new Map(),
  }
}

const errors: readonly ErrorCase[] = [
  { name: 'a missing input', graph: anySum, feeds: {}, errorWith: ['input x0 is missing'] },
  {
    name: 'an unknown input',
    graph: anySum,
    feeds: { x0: three, y: three },
    errorWith: ['unknown input: y', 'x0'],
  },
  {
    name: 'an input of another type',
    graph: anySum,
    feeds: { x0: int64([1, 3], [1, 2, 3]) },
    errorWith: ['input x0', 'float32', 'int64'],
  },
  {
    name: 'an input of another size',
    graph: anySum,
    feeds: { x0: counting([2, 2]) },
    errorWith: ['input x0', '[n, 3]', '[2, 2]'],
  },
  {
    name: 'an input of another rank',
    graph: anySum,
    feeds: { x0: counting([3]) },
    errorWith: ['input x0', '[n, 3]', '[3]'],
  },
  {
    name: 'an input with too few elements for its shape',
    graph: anySum,
    feeds: { x0: { dtype: 'float32', shape: [2, 3], data: new Float32Array(3) } },
    errorWith: ['input x0', '6', '3'],
  },
  {
    name: 'two inputs that disagree on the batch',
    graph: sumGraph([
      ['n', 3],
      ['n', 3],
    ]),
    feeds: { x0: counting([2, 3]), x1: counting([4, 3]) },
    errorWith: ['x1', 'n = 4', 'x0', 'n = 2'],
  },
  {
    name: 'an output that does not exist',
    graph: anySum,
    feeds: { x0: three },
    wanted: ['logits'],
    errorWith: ['unknown output: logits', 'sum'],
  },
  {
    name: 'bfloat16, which no runtime takes',
    graph: {
      ...oneNode({ opType: 'Identity' }),
      inputs: [{ name: 'x', dtype: 'bfloat16', shape: [1] }],
      outputs: [{ name: 'y', dtype: 'bfloat16', shape: [1] }],
    },
    feeds: { x: tensor('bfloat16', [1], allocate('bfloat16', 1)) },
    errorWith: ['bfloat16'],
  },
  {
    name: 'an unknown operator',
    graph: oneNode({ opType: 'Foo' }),
    feeds: { x: three },
    errorWith: ['Foo', 'node7'],
  },
  {
    name: 'an operator of a domain that is not there',
    graph: oneNode(
      { opType: 'Bar', domain: 'my.ops' },
      new Map([
        ['', CURRENT_OPSET],
        ['my.ops', 1],
      ]),
    ),
    feeds: { x: three },
    errorWith: ['my.ops', 'Bar', 'node7'],
  },
  {
    name: 'shapes that only turn out wrong when running',
    graph: oneNode({ opType: 'Reshape', inputs: ['x', 'shape'] }),
    feeds: { x: counting([2, 3]) },
    // The WebAssembly build does not say which node it was.
    errorWith: ['odd cannot be run', 'cannot be reshaped'],
  },
]

/** x * w + b, where w and b are inputs. */
const affine = (() => {
  const builder = new GraphBuilder('affine')
  builder.input('x', 'float32', ['n', 2])
  builder.input('w', 'float32', ['k'])
  builder.input('b', 'float32', [])
  const y = builder.op('Add', [builder.op('Mul', ['x', 'w']), 'b'])
  builder.output(y, 'float32', ['n', 2], 'y')
  return builder.build()
})()

const vector = (...values: number[]) => float32([values.length], values)
const scalar = (value: number) => float32([], [value])

const polynomial: Graph = (() => {
  const builder = new GraphBuilder('polynomial')
  builder.input('x', 'float32', ['n'])
  builder.input('a', 'float32', [])
  builder.input('b', 'float32', [])
  const product = builder.op('Mul', ['a', 'b'])
  builder.output(product, 'float32', [], 'product')
  builder.output(builder.op('Add', [builder.op('Mul', ['x', product]), 'a']), 'float32', ['n'], 'y')
  return builder.build()
})()

/** What was computed from other values, or for other shapes, must not show. */
const open: readonly ConformanceCase[] = [
  {
    name: 'open inputs that are read as they are',
    graph: affine,
    feeds: { x: float32([1, 2], [1, 2]) },
    open: [
      { w: vector(3, 5), b: scalar(7) },
      { w: vector(4), b: scalar(0) },
      { w: vector(3, 5), b: scalar(-7) },
    ],
    expected: { y: float32([1, 2], [-4, 3]) },
  },
  {
    name: 'open inputs that something is computed from',
    graph: polynomial,
    feeds: { x: float32([2], [1, 2]) },
    open: [
      { a: scalar(5), b: scalar(7) },
      { a: scalar(2), b: scalar(3) },
    ],
    // (a b) x + a, and a b itself
    expected: { y: float32([2], [8, 14]), product: scalar(6) },
  },
  {
    name: 'all inputs open',
    graph: polynomial,
    feeds: {},
    open: [
      { x: float32([1], [4]), a: scalar(1), b: scalar(1) },
      { x: float32([2], [1, 2]), a: scalar(2), b: scalar(3) },
    ],
    expected: { y: float32([2], [8, 14]), product: scalar(6) },
  },
]

const apart: readonly ConformanceCase[] = [
  { what: 'one image', x: [2], y: [14] },
  { what: 'an odd number of images', x: [1, 2, 3], y: [8, 14, 20] },
].map(({ what, x, y }) => ({
  name: `images apart, ${what}`,
  graph: polynomial,
  feeds: { x: vector(...x) },
  open: [{ a: scalar(2), b: scalar(3) }],
  imagesApart: true,
  expected: { y: vector(...y), product: scalar(6) },
}))

const openErrors: readonly ErrorCase[] = [
  {
    name: 'an open input that is none',
    graph: affine,
    feeds: {},
    open: [{ weight: scalar(1) }],
    errorWith: ['affine', 'weight'],
  },
  {
    name: 'an open input that is fed',
    graph: affine,
    feeds: { x: float32([1, 2], [1, 2]), w: vector(1), b: scalar(1) },
    open: [{ w: vector(1), b: scalar(1) }],
    errorWith: ['w'],
  },
  {
    name: 'an open input of another type',
    graph: affine,
    feeds: { x: float32([1, 2], [1, 2]) },
    open: [{ w: int64([1], [1]), b: scalar(1) }],
    errorWith: ['w', 'float32', 'int64'],
  },
]

export const conformanceCases: readonly ConformanceCase[] = [
  ...dtypes,
  ...shapes,
  ...outputs,
  ...operators,
  ...errors,
  ...open,
  ...apart,
  ...openErrors,
  ...netCases,
]
