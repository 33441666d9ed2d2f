// Convolutions in the blocked layout whose filters depend on what is fed: weights that are trained.
// ONNX Runtime has the kernels, but chooses them only for filters that are weights. So it is shown the graph with
// weights in their place, which it optimises; in what it makes of that, nodes lay out the true filters.

import { GraphBuilder } from '../../onnx/builder.ts'
import { fixedValues, ordered, withOutputs } from '../../onnx/edit.ts'
import { type Graph, type Node, producers } from '../../onnx/graph.ts'
import { inferShapes, type ValueType } from '../../onnx/infer.ts'
import { elementCount } from '../../tensor/shape.ts'
import { type FloatTensor, float32, type Tensor } from '../../tensor/tensor.ts'
import {
  appendFlippedLayout,
  appendLayout,
  type FilterLayout,
  type FilterShape,
  filterLayouts,
  isLaidOut,
} from './filter-layout.ts'

/** A weight in place of a value that some convolutions take as filter or bias. */
interface StandIn {
  readonly name: string
  readonly of: string
  readonly value: FloatTensor
}

/** How ONNX Runtime wants the value of a stand-in: as it is (undefined) or in a layout. */
interface Wanted {
  readonly standIn: StandIn
  readonly layout: FilterLayout | undefined
}

/**
 * `graph` optimised by ONNX Runtime as if filters of known shape were weights; undefined when it has no such filters,
 * or more was made of the stand-ins than reordering them.
 * @param optimise what ONNX Runtime makes of a graph whose weights called `open` stand for others; undefined when it
 * makes nothing of it
 */
export async function withOpenFilters(
  graph: Graph,
  optimise: (graph: Graph, open: ReadonlySet<string>) => Promise<Graph | undefined>,
): Promise<Graph | undefined> {
  const types = inferShapes(graph)
  const standIns = new Map<string, StandIn>()
  const fixed = fixedValues(graph)
  const nodes = graph.nodes.map(node => withStandIns(node, fixed, types, standIns))
  if (standIns.size === 0) return undefined
  const given = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name))
  const computed = [...standIns.keys()].filter(value => !given.has(value))
  const initializers = new Map(graph.initializers)
  for (const { name, value } of standIns.values()) initializers.set(name, value)
  const outputs = [...graph.outputs, ...computed.map(name => ({ name, ...types.get(name)! }))]
  const shown = { ...graph, nodes, initializers, outputs }
  const known = [...standIns.values()]
  const optimised = await optimise(shown, new Set(known.map(({ name }) => name)))
  if (optimised === undefined) return undefined
  const wanted = wantedIn(optimised, known)
  if (!isWhole(shown, optimised, wanted)) return undefined
  return joined(graph, optimised, wanted, types)
}

/** The node with stand-ins for its filter and bias, where it is a convolution of images whose filter is not fixed. */
function withStandIns(
  node: Node,
  fixed: ReadonlySet<string>,
  types: ReadonlyMap<string, ValueType>,
  standIns: Map<string, StandIn>,
): Node {
  const [, filter = ''] = node.inputs
  if (node.opType !== 'Conv' || node.domain !== '' || fixed.has(filter)) return node
  if (filterShape(types.get(filter)) === undefined) return node
  const inputs = node.inputs.map((input, i) => {
    const shape = i === 0 || fixed.has(input) ? undefined : fixedShape(types.get(input))
    if (shape === undefined) return input
    const standIn = standIns.get(input) ?? standInOf(input, shape, standIns.size)
    standIns.set(input, standIn)
    return standIn.name
  })
  return { ...node, inputs }
}

function fixedShape(type: ValueType | undefined): number[] | undefined {
  const fixed = type?.shape.every(dim => typeof dim === 'number')
  return fixed && type?.dtype === 'float32' ? (type.shape as number[]) : undefined
}

function filterShape(type: ValueType | undefined): FilterShape | undefined {
  const [out, inner, height, width, ...others] = fixedShape(type) ?? []
  return width === undefined || others.length > 0 ? undefined : [out!, inner!, height!, width]
}

/** Elements that tell where they came from: the first one is the stand-in's own, the others are below 1. */
function standInOf(of: string, shape: readonly number[], index: number): StandIn {
  const data = new Float32Array(elementCount(shape))
  for (let i = 0; i < data.length; i++) data[i] = ((Math.imul(i + 1, 0x9e3779b1) >>> 8) + 1) / 2 ** 25
  data[0] = firstOf(index)
  return { name: `${PREFIX}${of}`, of, value: float32(shape, data) }
}

/** Of the names of stand-ins. */
const PREFIX = 'stand-in/'

const firstOf = (index: number) => index + 2

/** What became of the stand-ins in the optimised graph, by the names of its weights. */
function wantedIn(optimised: Graph, standIns: readonly StandIn[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const [name, found] of optimised.initializers) {
    const standIn = found.dtype === 'float32' ? standIns[Number(found.data[0]) - firstOf(0)] : undefined
    const match = standIn && matched(found as FloatTensor, standIn)
    if (match) wanted.set(name, match)
  }
  return wanted
}

function matched(found: FloatTensor, standIn: StandIn): Wanted | undefined {
  if (isSame(found, standIn.value)) return { standIn, layout: undefined }
  const shape = filterShape(standIn.value)
  const layout = shape && filterLayouts.find(one => isLaidOut(found, standIn.value.data, shape, one))
  return layout && { standIn, layout }
}

const isSame = (a: Tensor, b: Tensor) =>
  a.shape.join() === b.shape.join() && a.data.every((value, i) => value === b.data[i])

/** Whether every use of a stand-in is still there: none was multiplied into another weight. */
function isWhole(shown: Graph, optimised: Graph, wanted: ReadonlyMap<string, Wanted>): boolean {
  const counts = new Map<string, number>()
  const count = (name: string, by: number) => counts.set(name, (counts.get(name) ?? 0) + by)
  for (const { inputs } of shown.nodes)
    for (const input of inputs) if (input.startsWith(PREFIX)) count(input, 1)
  for (const { inputs } of optimised.nodes)
    for (const input of inputs) {
      const standIn = wanted.get(input)?.standIn
      if (standIn) count(standIn.name, -1)
    }
  return wanted.size > 0 && [...counts.values()].every(left => left === 0)
}

/** The optimised graph with nodes in place of what became of the stand-ins. */
function joined(
  graph: Graph,
  optimised: Graph,
  wanted: ReadonlyMap<string, Wanted>,
  types: ReadonlyMap<string, ValueType>,
): Graph {
  const initializers = new Map([...optimised.initializers].filter(([name]) => !wanted.has(name)))
  const builder = GraphBuilder.rewriting({ ...optimised, initializers })
  const there = new Set([
    ...graph.inputs.map(input => input.name),
    ...[...wanted.values()].map(w => w.standIn.of),
  ])
  const flipped = new Flipped(graph, types, there)
  const values = new Map<string, string>()
  for (const [name, { standIn, layout }] of wanted)
    values.set(name, layout ? flipped.append(builder, standIn, layout) : standIn.of)
  for (const node of optimised.nodes)
    builder.copy({ ...node, inputs: node.inputs.map(input => values.get(input) ?? input) })
  const domains = new Set(['', ...optimised.nodes.map(node => node.domain)])
  const opsets = new Map([...optimised.opsets].filter(([domain]) => domains.has(domain)))
  const { name, inputs, outputs } = graph
  return withOutputs(ordered({ ...builder.build(), name, inputs, opsets }), outputs)
}

/** Filters of input gradients, which are laid out from the filters that they reverse. */
class Flipped {
  private readonly made: ReadonlyMap<string, Node>

  constructor(
    private readonly graph: Graph,
    private readonly types: ReadonlyMap<string, ValueType>,
    /** Values that the optimised graph still computes. */
    private readonly there: ReadonlySet<string>,
  ) {
    this.made = producers(graph)
  }

  append(builder: GraphBuilder, { of, value }: StandIn, layout: FilterLayout): string {
    const origin = this.originOf(of)
    const shape = origin === undefined ? undefined : filterShape(this.types.get(origin))
    const direct = origin && shape && appendFlippedLayout(builder, origin, shape, layout)
    return direct ?? appendLayout(builder, of, filterShape(value)!, layout)
  }

  /** The filter whose channels were swapped and whose spatial axes were reversed. */
  private originOf(value: string): string | undefined {
    const last = this.made.get(value)
    const swap = last?.opType === 'Slice' ? this.made.get(last.inputs[0]!) : last
    const perm = swap?.opType === 'Transpose' ? swap.attributes.perm : undefined
    if (perm?.kind !== 'ints' || perm.value.join() !== '1,0,2,3') return undefined
    const [, , height = 1, width = 1] = filterShape(this.types.get(value)) ?? []
    const [, , , axes, steps] = (last === swap ? [] : last!.inputs).map(input => this.integers(input))
    const reversed = (axis: number, length: number) => length === 1 || axes?.includes(axis) === true
    if (!reversed(2, height) || !reversed(3, width) || steps?.some(step => step !== -1)) return undefined
    return this.there.has(swap!.inputs[0]!) ? swap!.inputs[0] : undefined
  }

  private integers(name: string): number[] {
    return Array.from((this.graph.initializers.get(name)?.data ?? []) as ArrayLike<number | bigint>, Number)
  }
}
