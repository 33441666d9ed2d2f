// What is in small integer tensors: exporters compute shapes with operators (`Shape`, `Gather`, `Concat`, ...),
// and the shape of a Reshape is known only if these chains are followed. Elements may be symbols.

import { strides } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Dim } from '../graph.ts'
import { dtypeOfCode } from '../proto.ts'
import { shapeRange } from './create.ts'
import { addDims, countDims, divideDims, floorDivideDims, multiplyDims, subtractDims } from './dim.ts'
import type { NodeTypes, ValueType } from './rule.ts'

/** Elements in row-major order. Those of float tensors are whole numbers too. */
export type Contents = readonly Dim[]

/** Longer tensors are data, not shapes. */
const LONGEST = 64

/** The elements of a constant, when it is small and holds whole numbers only. */
export function contentsOfConstant({ data }: Tensor): Contents | undefined {
  if (data.length > LONGEST) return undefined
  const elements = Array.from(data as ArrayLike<number | bigint>, Number)
  return elements.every(Number.isInteger) ? elements : undefined
}

/** The elements of the node's first output, of type `output`; undefined when they cannot be told. */
export function contentsOf(node: NodeTypes, output: ValueType): Contents | undefined {
  const { shape, dtype } = output
  const count = countDims(shape)
  if (typeof count !== 'number' || count > LONGEST) return undefined
  const sizes = shape as readonly number[]
  const elements = rules[node.node.opType]?.(node, { dtype, shape: sizes, count })
  return elements?.length === count ? elements : undefined
}

interface Output {
  readonly dtype: ValueType['dtype']
  readonly shape: readonly number[]
  readonly count: number
}

type Rule = (node: NodeTypes, output: Output) => Contents | undefined

/** The elements of a tensor of `shape`, each asked for by its index. */
function build(
  shape: readonly number[],
  at: (index: readonly number[]) => Dim | undefined,
): Contents | undefined {
  const steps = strides(shape)
  const count = shape.reduce((a, b) => a * b, 1)
  const out: Dim[] = []
  for (let k = 0; k < count; k++) {
    const element = at(shape.map((size, axis) => Math.floor(k / steps[axis]!) % size))
    if (element === undefined) return undefined
    out.push(element)
  }
  return out
}

/** Reads input `i` by index; an index has at least as many axes as the input, and its axes of 1 repeat. */
function reader(node: NodeTypes, i: number): (index: readonly number[]) => Dim | undefined {
  const values = node.values(i)
  const shape = node.shape(i) as readonly number[]
  const steps = strides(shape)
  return index => {
    const skip = index.length - shape.length
    const flat = shape.reduce(
      (sum, size, axis) => sum + (size === 1 ? 0 : index[skip + axis]! * steps[axis]!),
      0,
    )
    return values?.[flat]
  }
}

/** The elements of input 0 in the same order. */
const first: Rule = node => node.values(0)

/** An elementwise operator with broadcasting. */
const combine =
  (f: (...elements: Dim[]) => Dim | undefined): Rule =>
  (node, { shape }) => {
    const operands = node.node.inputs.map((_, i) => reader(node, i))
    return build(shape, index => {
      const elements = operands.map(read => read(index))
      return elements.every(e => e !== undefined) ? f(...elements) : undefined
    })
  }

const onNumbers = (f: (a: number, b: number) => number) =>
  combine((a, b) => (typeof a === 'number' && typeof b === 'number' ? f(a, b) : undefined))

/** Whether two elements are equal, where it is certain: an axis is never negative. */
function equal(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1
  if (typeof a === 'number' && typeof b === 'number') return 0
  const [symbol, number] = typeof a === 'string' ? [a, b] : [b, a]
  return typeof symbol === 'string' && !/[-(]/.test(symbol) && Number(number) < 0 ? 0 : undefined
}

/** Integer division truncates towards zero, but axes are not negative; floats are followed while they are whole. */
const divide: Rule = (node, output) =>
  combine((a, b) => {
    const exact = divideDims(a, b)
    if (exact !== undefined || output.dtype.startsWith('float')) return exact
    return typeof b === 'number' && b > 0 ? floorDivideDims(a, b) : undefined
  })(node, output)

const cast: Rule = node => {
  const values = node.values(0)
  if (dtypeOfCode(node.int('to', 0)) !== 'bool') return values
  return values?.every(v => typeof v === 'number') ? values.map(v => (v === 0 ? 0 : 1)) : undefined
}

const gather: Rule = (node, { shape }) => {
  const data = node.shape(0) as readonly number[]
  const indices = node.numbers(1)
  const indexRank = node.shape(1).length
  const axis = node.axis(node.int('axis', 0), data.length)
  const read = reader(node, 0)
  const place = strides(node.shape(1) as readonly number[])
  return build(shape, index => {
    const at = indices?.[place.reduce((sum, step, k) => sum + step * index[axis + k]!, 0)]
    if (at === undefined) return undefined
    return read([...index.slice(0, axis), at < 0 ? at + data[axis]! : at, ...index.slice(axis + indexRank)])
  })
}

const slice: Rule = (node, { shape }) => {
  const sizes = node.shape(0) as readonly number[]
  const starts = node.numbers(1)
  const axes = node.has(3) ? node.numbers(3) : starts?.map((_, i) => i)
  const steps = node.has(4) ? node.numbers(4) : starts?.map(() => 1)
  if (!starts || !axes || !steps) return undefined
  const from = sizes.map(() => 0)
  const by = sizes.map(() => 1)
  for (const [k, axis] of axes.entries()) {
    const at = node.axis(axis, sizes.length)
    const size = sizes[at]!
    const start = starts[k]! < 0 ? starts[k]! + size : starts[k]!
    by[at] = steps[k]!
    from[at] = Math.min(Math.max(start, 0), by[at] < 0 ? size - 1 : size)
  }
  const read = reader(node, 0)
  return build(shape, index => read(index.map((i, axis) => from[axis]! + i * by[axis]!)))
}

const transpose: Rule = (node, { shape }) => {
  const perm = node.ints('perm') ?? shape.map((_, i) => shape.length - 1 - i)
  const read = reader(node, 0)
  return build(shape, index => read(perm.map((_, axis) => index[perm.indexOf(axis)]!)))
}

const concat: Rule = (node, { shape }) => {
  const axis = node.axis(node.int('axis', 0), shape.length)
  const parts = node.node.inputs.map((_, i) => ({
    size: node.shape(i)[axis] as number,
    read: reader(node, i),
  }))
  return build(shape, index => {
    let at = index[axis]!
    for (const { size, read } of parts) {
      if (at < size) return read(index.map((i, k) => (k === axis ? at : i)))
      at -= size
    }
    return undefined
  })
}

const range: Rule = (node, { count }) => {
  const [start] = node.numbers(0) ?? []
  const [step] = node.numbers(2) ?? []
  if (start === undefined || step === undefined) return undefined
  return Array.from({ length: count }, (_, i) => start + i * step)
}

const constant: Rule = node => {
  const value = node.node.attributes.value
  return value?.kind === 'tensor' ? contentsOfConstant(value.value) : undefined
}

const constantOfShape: Rule = (node, { count }) => {
  const value = node.node.attributes.value
  const element = value?.kind === 'tensor' ? Number(value.value.data[0]) : 0
  return Number.isInteger(element) ? new Array<Dim>(count).fill(element) : undefined
}

const reduceProd: Rule = (node, { count }) => {
  const values = node.values(0)
  return values && count === 1 ? [countDims(values)] : undefined
}

/** Rounding leaves whole numbers alone. */
const rounding = { Ceil: first, Floor: first, Round: first }

const rules: Readonly<Record<string, Rule>> = {
  ...rounding,
  Add: combine(addDims),
  And: onNumbers((a, b) => a && b),
  Cast: cast,
  CastLike: first,
  Concat: concat,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Div: divide,
  Equal: combine(equal),
  Expand: (node, { shape }) => build(shape, reader(node, 0)),
  Gather: gather,
  Greater: onNumbers((a, b) => (a > b ? 1 : 0)),
  GreaterOrEqual: onNumbers((a, b) => (a >= b ? 1 : 0)),
  Identity: first,
  Less: onNumbers((a, b) => (a < b ? 1 : 0)),
  LessOrEqual: onNumbers((a, b) => (a <= b ? 1 : 0)),
  Max: onNumbers(Math.max),
  Min: onNumbers(Math.min),
  Mod: onNumbers((a, b) => a % b),
  Mul: combine(multiplyDims),
  Neg: combine(a => multiplyDims(a, -1)),
  Not: combine(a => (typeof a === 'number' ? 1 - a : undefined)),
  Or: onNumbers((a, b) => a || b),
  Range: range,
  ReduceProd: reduceProd,
  Reshape: first,
  Shape: node => node.shape(0).slice(...shapeRange(node)),
  Size: node => [countDims(node.shape(0))],
  Slice: slice,
  Squeeze: first,
  Sub: combine(subtractDims),
  Transpose: transpose,
  Unsqueeze: first,
  Where: combine((condition, a, b) => (condition === 1 ? a : condition === 0 ? b : undefined)),
}
