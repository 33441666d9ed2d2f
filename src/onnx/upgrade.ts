// Brings models of opsets 7 to 23 to CURRENT_OPSET: attributes that became inputs, changed defaults, renamed
// operators. What is not listed in the table means the same in all these opsets for the types used here.

import { InputError } from '../errors/input-error.ts'
import { float32, type Tensor } from '../tensor/tensor.ts'
import { floatOf, intOf, intsOf, stringOf } from './attributes.ts'
import { GraphBuilder } from './builder.ts'
import { constantOf } from './constant.ts'
import type { Attribute, Dim, Graph, Node } from './graph.ts'
import { inferShapes } from './infer.ts'
import { nodeLabel } from './order.ts'
import { type AttributeValue, attributeOf, CURRENT_OPSET } from './schema.ts'

/** Oldest and newest opset that is understood. */
const OLDEST = 7
const NEWEST = 23

/** What a rewrite works with. */
interface Context {
  /** The opset of the model. */
  readonly opset: number
  /** A constant vector of integers, as an initializer. */
  ints(values: readonly number[]): string
  scalar(value: number): string
  constant(value: Tensor): string
  /** A value name nobody uses, starting with that of `node`'s output. */
  fresh(node: Node): string
  /** The constant behind a value. */
  known(value: string): Tensor | undefined
  /** Shape of a value, where inference can tell it. */
  shape(value: string): readonly Dim[] | undefined
}

type Rewrite = (node: Node, context: Context) => readonly Node[]

/** A rewrite and the opsets of the models it is for. */
interface Change {
  readonly from?: number
  /** The last opset it is for. */
  readonly to: number
  readonly rewrite: Rewrite
}

/**
 * `graph` at CURRENT_OPSET.
 * @throws InputError for an opset outside 7..23 and for an operator that cannot be restated, naming both.
 */
export function upgrade(graph: Graph): Graph {
  const opset = graph.opsets.get('') ?? CURRENT_OPSET
  if (opset < OLDEST || opset > NEWEST) {
    throw new InputError(
      `graph ${graph.name} is of opset ${opset}, supported are ${OLDEST} to ${NEWEST}: export or convert it again`,
    )
  }
  // The second pass needs shapes, which are inferred of what the first one made.
  const first = rewriteNodes(graph, opset, changes, () => undefined)
  const types = opset === CURRENT_OPSET && !usesAny(first, shapedChanges) ? new Map() : inferShapes(first)
  const second = rewriteNodes(first, opset, shapedChanges, value => types.get(value)?.shape)
  return { ...second, opsets: new Map([...graph.opsets, ['', CURRENT_OPSET]]) }
}

function usesAny(graph: Graph, table: Readonly<Record<string, Change>>): boolean {
  return graph.nodes.some(
    node =>
      (node.domain === '' && Object.hasOwn(table, node.opType)) ||
      Object.values(node.attributes).some(a => a.kind === 'graph' && usesAny(a.value, table)),
  )
}

function rewriteNodes(
  graph: Graph,
  opset: number,
  table: Readonly<Record<string, Change>>,
  shape: Context['shape'],
): Graph {
  const builder = new GraphBuilder(graph)
  const context: Context = {
    opset,
    ints: values => builder.ints(values),
    scalar: value => builder.scalar(value),
    constant: value => builder.constant(value),
    fresh: node => builder.fresh(node.outputs[0] ?? node.name),
    known: value => constantOf(graph, value),
    shape,
  }
  const rewrite = (node: Node): readonly Node[] => {
    const change = node.domain === '' && Object.hasOwn(table, node.opType) ? table[node.opType] : undefined
    const applies = change !== undefined && opset >= (change.from ?? OLDEST) && opset <= change.to
    if (applies) return change.rewrite(node, context)
    const attributes = mapGraphs(node.attributes, inner => ({
      ...inner,
      nodes: inner.nodes.flatMap(rewrite),
    }))
    return [attributes === node.attributes ? node : { ...node, attributes }]
  }
  const nodes = graph.nodes.flatMap(rewrite)
  return { ...graph, nodes, initializers: builder.build().initializers }
}

/** Subgraphs see the initializers of the whole, so what a rewrite adds may lie there. */
function mapGraphs(attributes: Node['attributes'], change: (graph: Graph) => Graph): Node['attributes'] {
  if (!Object.values(attributes).some(a => a.kind === 'graph')) return attributes
  const entries = Object.entries(attributes).map(([key, a]): [string, Attribute] => [
    key,
    a.kind === 'graph' ? { kind: 'graph', value: change(a.value) } : a,
  ])
  return Object.fromEntries(entries)
}

/** `node` with other inputs and without some attributes. */
function restated(
  node: Node,
  inputs: readonly string[],
  without: readonly string[],
  opType = node.opType,
): Node {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).filter(([key]) => !without.includes(key)),
  )
  return { ...node, opType, inputs, attributes }
}

function make(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Node {
  const typed = Object.entries(attributes).map(([key, value]): [string, Attribute] => [
    key,
    attributeOf(opType, '', key, value),
  ])
  return {
    name: output,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes: Object.fromEntries(typed),
  }
}

/** The attribute `key` (a list of integers) becomes input 1. */
const listToInput =
  (key: string): Rewrite =>
  (node, { ints }) => {
    const values = intsOf(node, key)
    return [values ? restated(node, [node.inputs[0]!, ints(values)], [key]) : node]
  }

const axesUntil = (to: number): Change => ({ to, rewrite: listToInput('axes') })

const batchNormalization: Rewrite = node => {
  if (intOf(node, 'spatial', 1) !== 1)
    throw new InputError(`${nodeLabel(node)} has spatial = 0, which opset 9 dropped and is not supported`)
  return [{ ...restated(node, node.inputs, ['spatial']), outputs: node.outputs.slice(0, 1) }]
}

const clip: Rewrite = (node, { scalar }) => {
  const bound = (key: string) => (node.attributes[key] ? scalar(floatOf(node, key, 0)) : '')
  const inputs = [node.inputs[0]!, bound('min'), bound('max')]
  while (inputs.at(-1) === '') inputs.pop()
  return [restated(node, inputs, ['min', 'max'])]
}

const dropout: Rewrite = (node, { scalar }) => [
  restated(node, [node.inputs[0]!, scalar(floatOf(node, 'ratio', 0.5))], ['ratio']),
]

const pad: Rewrite = (node, { ints, scalar }) => {
  const inputs = [node.inputs[0]!, ints(intsOf(node, 'pads') ?? [])]
  const value = floatOf(node, 'value', 0)
  return [restated(node, value === 0 ? inputs : [...inputs, scalar(value)], ['pads', 'value'])]
}

const slice: Rewrite = (node, { ints }) => {
  const starts = intsOf(node, 'starts') ?? []
  const axes = intsOf(node, 'axes') ?? starts.map((_, i) => i)
  const inputs = [node.inputs[0]!, ints(starts), ints(intsOf(node, 'ends') ?? []), ints(axes)]
  return [restated(node, inputs, ['starts', 'ends', 'axes'])]
}

/** From opset 18 on a Split without sizes says into how many parts. */
const split: Rewrite = (node, { ints }) => {
  const sizes = intsOf(node, 'split')
  if (sizes) return [restated(node, [node.inputs[0]!, ints(sizes)], ['split'])]
  if ((node.inputs[1] ?? '') !== '') return [node]
  return [
    {
      ...node,
      attributes: { ...node.attributes, num_outputs: { kind: 'int', value: node.outputs.length } },
    },
  ]
}

const topK: Rewrite = (node, { ints }) => [
  restated(node, [node.inputs[0]!, ints([intOf(node, 'k', 1)])], ['k']),
]

/** Upsample rounds towards the origin, which Resize calls asymmetric with floor. */
const upsample: Rewrite = (node, { constant }) => {
  const attribute = node.attributes.scales
  const scales =
    attribute?.kind === 'floats'
      ? constant(float32([attribute.value.length], attribute.value))
      : (node.inputs[1] ?? '')
  const mode = stringOf(node, 'mode', 'nearest') === 'nearest' ? 'nearest' : 'linear'
  const attributes = { mode, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  return [{ ...make('Resize', [node.inputs[0]!, '', scales], node.outputs[0]!, attributes), name: node.name }]
}

/** Resize of opset 10 is asymmetric; nearest takes the floor when it enlarges and the ceiling when it shrinks. */
const resize10: Rewrite = (node, { known }) => {
  const [x = '', scales = ''] = node.inputs
  const factors = Array.from(known(scales)?.data ?? [], Number)
  const shrinks = factors.some(f => f < 1)
  if (shrinks && factors.some(f => f > 1))
    throw new InputError(`${nodeLabel(node)} of opset 10 both enlarges and shrinks, which is not supported`)
  const attributes = {
    mode: stringOf(node, 'mode', 'nearest'),
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: shrinks ? 'ceil' : 'floor',
  }
  return [{ ...make('Resize', [x, '', scales], node.outputs[0]!, attributes), name: node.name }]
}

const gridSample: Rewrite = node => {
  const renamed: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' }
  const mode = stringOf(node, 'mode', 'bilinear')
  return [
    { ...node, attributes: { ...node.attributes, mode: { kind: 'string', value: renamed[mode] ?? mode } } },
  ]
}

const unsupported: Rewrite = (node, { opset }) => {
  throw new InputError(
    `${nodeLabel(node)} of opset ${opset} cannot be restated at opset ${CURRENT_OPSET}: export the model at opset ${CURRENT_OPSET}`,
  )
}

const changes: Readonly<Record<string, Change>> = {
  BatchNormalization: { to: 13, rewrite: batchNormalization },
  Clip: { to: 10, rewrite: clip },
  Dropout: { to: 11, rewrite: dropout },
  GridSample: { to: 19, rewrite: gridSample },
  Pad: { to: 10, rewrite: pad },
  ReduceSum: axesUntil(12),
  ...Object.fromEntries(
    'L1 L2 LogSum LogSumExp Max Mean Min Prod SumSquare'
      .split(' ')
      .map(name => [`Reduce${name}`, axesUntil(17)]),
  ),
  Resize: { to: 10, rewrite: resize10 },
  Scatter: { to: 10, rewrite: node => [{ ...node, opType: 'ScatterElements' }] },
  Slice: { to: 9, rewrite: slice },
  Split: { to: 17, rewrite: split },
  Squeeze: axesUntil(12),
  TopK: { to: 9, rewrite: topK },
  Unsqueeze: axesUntil(12),
  Upsample: { to: 9, rewrite: upsample },
  Attention: { from: 23, to: NEWEST, rewrite: unsupported },
  RMSNormalization: { from: 23, to: NEWEST, rewrite: unsupported },
  RotaryEmbedding: { from: 23, to: NEWEST, rewrite: unsupported },
}

/** Until opset 12 these worked on the matrix that Flatten(axis) gives, with axis 1 by default. */
const flattening: Rewrite = (node, context) => {
  const [x = ''] = node.inputs
  const [y = ''] = node.outputs
  const axis = intOf(node, 'axis', 1)
  const shape = context.shape(x)
  if (axis === -1 || axis === (shape?.length ?? 0) - 1)
    return [{ ...node, attributes: { axis: { kind: 'int', value: -1 } } }]
  const [matrix, rows, size] = [context.fresh(node), context.fresh(node), context.fresh(node)]
  return [
    make('Flatten', [x], matrix, { axis }),
    { ...make(node.opType, [matrix], rows, { axis: -1 }), name: node.name },
    make('Shape', [x], size),
    make('Reshape', [rows, size], y),
  ]
}

/**
 * Group normalisation in operators that every opset has. Scale and bias are per group until opset 20 and per
 * channel from 21 on.
 */
const groupNormalization: Rewrite = (node, context) => {
  const [x = '', scale = '', bias = ''] = node.inputs
  const [y = ''] = node.outputs
  const groups = intOf(node, 'num_groups', 1)
  const epsilon = floatOf(node, 'epsilon', 1e-5)
  const shape = context.shape(x)
  const [grouped, normal, size] = [context.fresh(node), context.fresh(node), context.fresh(node)]
  const perGroup = context.opset <= 20
  const one = float32([groups], new Float32Array(groups).fill(1))
  const affine = perGroup
    ? [scale, bias]
    : [context.constant(one), context.constant(float32([groups], new Float32Array(groups)))]
  const back = perGroup ? y : context.fresh(node)
  const nodes = [
    make('Reshape', [x, context.ints([0, groups, -1])], grouped),
    make('InstanceNormalization', [grouped, ...affine], normal, { epsilon }),
    make('Shape', [x], size),
    make('Reshape', [normal, size], back),
  ]
  if (perGroup) return nodes
  if (shape === undefined)
    throw new InputError(`${nodeLabel(node)} has an input of unknown rank, expected a known one`)
  const axes = context.ints(shape.slice(2).map((_, i) => i + 1))
  const [scales, biases, scaled] = [context.fresh(node), context.fresh(node), context.fresh(node)]
  return [
    ...nodes,
    make('Unsqueeze', [scale, axes], scales),
    make('Unsqueeze', [bias, axes], biases),
    make('Mul', [back, scales], scaled),
    make('Add', [scaled, biases], y),
  ]
}

const shapedChanges: Readonly<Record<string, Change>> = {
  GroupNormalization: { from: 18, to: NEWEST, rewrite: groupNormalization },
  Hardmax: { to: 12, rewrite: flattening },
  LogSoftmax: { to: 12, rewrite: flattening },
  Softmax: { to: 12, rewrite: flattening },
}
