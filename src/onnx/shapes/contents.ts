// What is in small integer tensors: exporters compute shapes with operators (`Shape`, `Gather`, `Concat`, ...),
// and the shape of a Reshape is known only if these chains are followed. Elements may be symbols.

import type { Dim } from '../graph.ts'
import { shapeRange } from './create.ts'
import { addDims, countDims, divideDims, floorDivideDims, multiplyDims, subtractDims } from './dim.ts'
import type { NodeTypes, ValueType } from './rule.ts'

/** Longer ones are data, not shapes. */
export const MAX_CONTENTS = 64

/**
 * The elements of the node's first output, of type `output`; undefined when they cannot be told or are not
 * integers.
 */
export function contentsOf(node: NodeTypes, output: ValueType): readonly Dim[] | undefined {
  const integer = output.dtype === 'int64' || output.dtype === 'int32' || output.dtype === 'bool'
  const count = countDims(output.shape)
  if (!integer || output.shape.length > 1 || typeof count !== 'number' || count > MAX_CONTENTS)
    return undefined
  const elements = rules[node.node.opType]?.(node, count)
  return elements?.length === count ? elements : undefined
}

type Rule = (node: NodeTypes, count: number) => readonly Dim[] | undefined

const first: Rule = node => node.values(0)

/** Elementwise with a scalar or one-element operand repeated. */
const combine =
  (f: (...elements: Dim[]) => Dim | undefined): Rule =>
  (node, count) => {
    const operands = node.node.inputs.map((_, i) => node.values(i))
    const out: Dim[] = []
    for (let k = 0; k < count; k++) {
      const elements = operands.map(values => (values?.length === 1 ? values[0] : values?.[k]))
      if (elements.some(e => e === undefined)) return undefined
      const result = f(...(elements as Dim[]))
      if (result === undefined) return undefined
      out.push(result)
    }
    return out
  }

/** Whether two elements are equal, where it is certain: an axis is never negative. */
function equal(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1
  if (typeof a === 'number' && typeof b === 'number') return 0
  const [symbol, number] = typeof a === 'string' ? [a, b] : [b, a]
  return typeof symbol === 'string' && !/[-(]/.test(symbol) && Number(number) < 0 ? 0 : undefined
}

const onNumbers = (f: (a: number, b: number) => number) =>
  combine((a, b) => (typeof a === 'number' && typeof b === 'number' ? f(a, b) : undefined))

function pick(values: readonly Dim[], indices: readonly number[]): readonly Dim[] | undefined {
  const out = indices.map(i => values[i < 0 ? i + values.length : i])
  return out.some(v => v === undefined) ? undefined : (out as Dim[])
}

function gather(node: NodeTypes): readonly Dim[] | undefined {
  const values = node.values(0)
  const indices = node.numbers(1)
  return values && indices && node.shape(0).length === 1 ? pick(values, indices) : undefined
}

function slice(node: NodeTypes): readonly Dim[] | undefined {
  const values = node.values(0)
  const [start, end] = [node.numbers(1)?.[0], node.numbers(2)?.[0]]
  const step = node.has(4) ? node.numbers(4)?.[0] : 1
  if (values === undefined || start === undefined || end === undefined || !step) return undefined
  const size = values.length
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1]
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, least), most)
  const indices: number[] = []
  for (let i = clamp(start); step > 0 ? i < clamp(end) : i > clamp(end); i += step) indices.push(i)
  return indices.map(i => values[i]!)
}

function concat(node: NodeTypes): readonly Dim[] | undefined {
  const parts = node.node.inputs.map((_, i) => node.values(i))
  return parts.every(part => part !== undefined) ? parts.flat() : undefined
}

function range(node: NodeTypes, count: number): readonly Dim[] | undefined {
  const [start] = node.numbers(0) ?? []
  const [step] = node.numbers(2) ?? []
  if (start === undefined || step === undefined) return undefined
  return Array.from({ length: count }, (_, i) => start + i * step)
}

function constantOfShape(node: NodeTypes, count: number): readonly Dim[] {
  const value = node.node.attributes.value
  return new Array<Dim>(count).fill(value?.kind === 'tensor' ? Number(value.value.data[0]) : 0)
}

function reduceProd(node: NodeTypes): readonly Dim[] | undefined {
  const values = node.values(0)
  return values && [countDims(values)]
}

const rules: Readonly<Record<string, Rule>> = {
  Add: combine(addDims),
  Cast: first,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  // Integer division truncates towards zero; axes are not negative.
  Div: combine(
    (a, b) => divideDims(a, b) ?? (typeof b === 'number' && b > 0 ? floorDivideDims(a, b) : undefined),
  ),
  Equal: combine(equal),
  Expand: (node, count) => {
    const values = node.values(0)
    return values?.length === 1 ? new Array<Dim>(count).fill(values[0]!) : values
  },
  Gather: gather,
  Greater: onNumbers((a, b) => (a > b ? 1 : 0)),
  Identity: first,
  Less: onNumbers((a, b) => (a < b ? 1 : 0)),
  Max: onNumbers(Math.max),
  Min: onNumbers(Math.min),
  Mod: onNumbers((a, b) => a % b),
  Mul: combine(multiplyDims),
  Neg: combine(a => multiplyDims(a, -1)),
  Range: range,
  ReduceProd: reduceProd,
  Reshape: first,
  Shape: node => node.shape(0).slice(...shapeRange(node)),
  Size: node => [countDims(node.shape(0))],
  Slice: slice,
  Squeeze: first,
  Sub: combine(subtractDims),
  Unsqueeze: first,
  Where: combine((condition, a, b) => (condition === 1 ? a : condition === 0 ? b : undefined)),
}
