// Cases of operators that pick, repeat, pad, rearrange and resize, and of Einsum.

import type { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { AttributeValue } from '../../../src/onnx/schema.ts'
import { float32, int64 } from '../../../src/tensor/tensor.ts'
import type { RuleCase } from './case.ts'

type Attributes = Readonly<Record<string, AttributeValue>>

const slice = (
  shape: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
): RuleCase => ({
  name: `Slice of [${shape}]: ${starts} to ${ends} of axes ${axes} by ${steps}`,
  inputs: { x: shape },
  build: b => b.op('Slice', ['x', b.ints(starts), b.ints(ends), b.ints(axes), b.ints(steps)]),
})

/** Integers that shape inference cannot see through. */
const hidden = (b: GraphBuilder, values: readonly number[]) => {
  const odd = b.constant(
    float32(
      [values.length],
      values.map(v => v + 0.5),
    ),
  )
  return b.op('Cast', [b.op('Floor', [odd])], { to: 7 })
}

const gather = (
  shape: readonly number[],
  axis: number,
  indexShape: readonly number[],
  indices: readonly number[],
): RuleCase => ({
  name: `Gather [${indices}] as [${indexShape}] of [${shape}] along ${axis}`,
  inputs: { x: shape },
  build: b => b.op('Gather', ['x', b.constant(int64(indexShape, indices))], { axis }),
})

const pad = (
  mode: string,
  shape: readonly number[],
  pads: readonly number[],
  axes?: readonly number[],
): RuleCase => ({
  name: `Pad ${mode} of [${shape}] by ${pads}${axes ? ` on axes ${axes}` : ''}`,
  inputs: { x: shape },
  build: b => b.op('Pad', ['x', b.ints(pads), undefined, axes && b.ints(axes)], { mode }),
})

const resize = (
  shape: readonly number[],
  target: { scales?: readonly number[]; sizes?: readonly number[] },
  attributes: Attributes,
): RuleCase => ({
  name: `Resize of [${shape}] ${JSON.stringify(target)} ${JSON.stringify(attributes)}`,
  inputs: { x: shape },
  build: b => {
    const { scales, sizes } = target
    const factors = scales && b.constant(float32([scales.length], scales))
    return b.op('Resize', ['x', undefined, factors, sizes && b.ints(sizes)], attributes)
  },
  // Fixed sizes leave no symbol for the batch.
  fixedBatch: true,
})

const einsum = (
  equation: string,
  x: readonly number[],
  b?: readonly number[],
  c?: readonly number[],
): RuleCase => ({
  name: `Einsum ${equation}`,
  inputs: { x, ...(b && { b }), ...(c && { c }) },
  build: builder => builder.op('Einsum', ['x', ...(b ? ['b'] : []), ...(c ? ['c'] : [])], { equation }),
  fixedBatch: true,
})

const block = (op: string, shape: readonly number[], attributes: Attributes): RuleCase => ({
  name: `${op} ${JSON.stringify(attributes)}`,
  inputs: { x: shape },
  build: b => b.op(op, ['x'], attributes),
})

const big = 2 ** 31 - 1

export const layoutCases: readonly RuleCase[] = [
  slice([2, 7], [1], [5], [1], [1]),
  slice([2, 7], [1], [big], [1], [2]),
  slice([2, 7, 8], [0, 1], [7, -1], [1, 2], [3, 2]),
  slice([2, 7], [-1], [-big], [1], [-1]),
  slice([2, 7], [5], [0], [1], [-2]),
  slice([2, 7, 3], [-2, 6], [-big, 0], [-1, 1], [-1, -3]),
  slice([2, 7], [4], [2], [1], [1]),
  slice([4, 7], [1], [3], [0], [1]),
  slice([4, 7], [0], [4], [0], [2]),
  {
    name: 'Slice with bounds known when the graph runs',
    inputs: { x: [2, 7, 3] },
    build: b => {
      const cut = b.op('Slice', ['x', hidden(b, [1, 2]), hidden(b, [6, -4]), b.ints([1, 2]), b.ints([2, -1])])
      return b.op('Reshape', [cut, b.ints([2, 3, 3])])
    },
    fixedBatch: true,
  },
  { ...slice([4, 5, 6], [1, 1], [4, 6], [0, 2], [1, 2]), fixedBatch: true },
  gather([3, 5], 1, [], [2]),
  gather([3, 5], 1, [1], [-1]),
  gather([3, 5, 2], -2, [1, 1], [4]),
  gather([3, 5, 2], 1, [2, 2], [0, 3, 3, -1]),
  gather([4, 3], 0, [3], [1, 1, 0]),
  {
    name: 'GatherND with repeats',
    inputs: { x: [3, 4, 2] },
    build: b => b.op('GatherND', ['x', b.constant(int64([3, 2], [0, 1, 2, 3, 0, 1]))]),
  },
  pad('constant', [2, 3, 4], [0, 1, 2, 0, 0, 3]),
  pad('constant', [2, 3, 4], [0, -1, 2, 0, 0, -2]),
  pad('constant', [2, 3, 4], [1, 2], [-1]),
  pad('reflect', [2, 3, 4], [0, 1, 2, 0, 2, 3]),
  pad('edge', [2, 3, 4], [0, 1, 2, 0, 0, 3]),
  pad('wrap', [2, 3, 4], [0, 1, 2, 0, 0, 3]),
  {
    name: 'Pad, gradient of the constant',
    inputs: { x: [3, 4], value: [] },
    build: b => b.op('Pad', ['x', b.ints([0, 1, 0, 2]), 'value']),
  },
  {
    name: 'Split, some parts unused',
    inputs: { x: [2, 6, 3] },
    build: b => {
      const [a, , c] = b.ops('Split', ['x', b.ints([1, 2, 3])], { axis: 1 }, 3)
      return b.op('Mul', [a!, c!])
    },
  },
  {
    name: 'Split in equal parts along the last axis',
    inputs: { x: [2, 6] },
    build: b => {
      const [a, c] = b.ops('Split', ['x'], { axis: -1, num_outputs: 2 }, 2)
      return b.op('Mul', [a!, b.op('Exp', [c!])])
    },
    step: 0.003,
  },
  { name: 'Expand', inputs: { x: [3, 1] }, build: b => b.op('Expand', ['x', b.ints([2, 1, 4])]) },
  {
    name: 'Expand of a token to the batch',
    inputs: { x: [3, 4, 5], token: [1, 1, 5] },
    build: b => {
      const n = b.op('Shape', ['x'], { start: 0, end: 1 })
      const token = b.op('Expand', ['token', b.op('Concat', [n, b.ints([1, 5])], { axis: 0 })])
      return b.op('Concat', [token, 'x'], { axis: 1 })
    },
  },
  { name: 'Tile', inputs: { x: [2, 3] }, build: b => b.op('Tile', ['x', b.ints([2, 3])]) },
  {
    name: 'Tile with repeats known when the graph runs',
    inputs: { x: [2, 3] },
    build: b => b.op('Reshape', [b.op('Tile', ['x', hidden(b, [2, 3])]), b.ints([4, 9])]),
    fixedBatch: true,
  },
  ...[0, 1].flatMap(reverse =>
    [0, 1].map(
      (exclusive): RuleCase => ({
        name: `CumSum reverse=${reverse} exclusive=${exclusive}`,
        inputs: { x: [2, 5] },
        build: b => b.op('CumSum', ['x', b.scalar(1, 'int64')], { reverse, exclusive }),
      }),
    ),
  ),
  {
    name: 'Trilu lower',
    inputs: { x: [2, 4, 4] },
    build: b => b.op('Trilu', ['x', b.scalar(-1, 'int64')], { upper: 0 }),
  },
  block('DepthToSpace', [2, 8, 2, 3], { blocksize: 2, mode: 'DCR' }),
  block('DepthToSpace', [2, 8, 2, 3], { blocksize: 2, mode: 'CRD' }),
  block('SpaceToDepth', [2, 3, 4, 6], { blocksize: 2 }),
  ...['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'].flatMap(transform => {
    const attributes = (mode: string) => ({ mode, coordinate_transformation_mode: transform })
    return [
      resize([1, 2, 4, 5], { sizes: [1, 2, 7, 8] }, attributes('linear')),
      resize([1, 2, 8, 6], { scales: [1, 1, 0.5, 0.7] }, attributes('linear')),
      resize([1, 2, 4, 5], { scales: [1, 1, 2, 1.5] }, attributes('nearest')),
      resize([1, 2, 4, 5], { sizes: [1, 2, 7, 5] }, attributes('cubic')),
    ]
  }),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map(nearest_mode =>
    resize([1, 2, 4, 5], { scales: [1, 1, 2, 0.6] }, { mode: 'nearest', nearest_mode }),
  ),
  resize([2, 3, 6, 5], { sizes: [3, 4] }, { mode: 'linear', axes: [2, 3], antialias: 1 }),
  resize([2, 3, 4], { scales: [1, 1, 2] }, { mode: 'nearest' }),
  {
    ...resize(
      [2, 3, 4, 4],
      { scales: [1, 1, 2, 2] },
      { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    ),
    name: 'Resize with a symbolic batch',
    fixedBatch: false,
  },
  einsum('ij,jk->ik', [2, 3], [3, 4]),
  einsum('bhid,bhjd->bhij', [2, 2, 3, 4], [2, 2, 5, 4]),
  einsum('bij,bjk,bk->bi', [2, 3, 4], [2, 4, 5], [2, 5]),
  einsum('ij->i', [2, 3]),
  einsum('ij,k->k', [2, 3], [4]),
  einsum('ba', [2, 3]),
  einsum('ij,ij', [2, 3], [2, 3]),
]
