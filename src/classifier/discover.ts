// Finds the layers of a network that came without a list of them. A layer is what the next weighted operator or
// pooling reads: the value after the activation, residual sum or concatenation, whatever that is made of.

import type { Graph, Node } from '../onnx/graph.ts'
import { producers } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import { IMAGES, type Layer } from './classifier.ts'

const poolings = new Set(['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'ReduceMean'])

/** Operators that move or thin out values without making units of their own; a layer lies before them. */
const carriers = new Set(['Identity', 'Dropout', 'Pad', 'MaxPool', 'AveragePool', 'Transpose', 'Cast'])

/**
 * The layers of a classifier graph in the order in which they are computed: values `[n, units, h, w]` that a
 * convolution or pooling reads and that depend on a convolution. Names are the module paths that exporters leave
 * in weight and node names (`layer1.0.conv1`; a residual block's sum is `layer1.0`), else `conv1`, `conv2`, ….
 */
export function discoverLayers(graph: Graph): Layer[] {
  const types = inferShapes(graph)
  const writers = producers(graph)
  const found = new Set<string>()
  for (const node of graph.nodes) {
    if (node.opType !== 'Conv' && !poolings.has(node.opType)) continue
    const value = beforeCarriers(node.inputs[0]!, writers)
    if (value !== IMAGES && isMap(types.get(value))) found.add(value)
  }
  const regions = regionsOf(graph, found)
  const layers: Layer[] = []
  const taken = new Set<string>()
  for (const [index, { value, convolutions, isSum }] of regions.entries()) {
    const stem = nameOf(convolutions, isSum) ?? `conv${index + 1}`
    let name = stem
    for (let k = 2; taken.has(name); k++) name = `${stem}#${k}`
    taken.add(name)
    layers.push({ name, value, units: Number(types.get(value)!.shape[1]) })
  }
  return layers
}

/** A map of several positions, with a known number of units. */
function isMap(type: ValueType | undefined): boolean {
  const [, units, height, width] = type?.shape ?? []
  return type?.shape.length === 4 && typeof units === 'number' && !(height === 1 && width === 1)
}

function beforeCarriers(value: string, writers: ReadonlyMap<string, Node>): string {
  let current = value
  for (;;) {
    const writer = writers.get(current)
    if (writer === undefined || !carriers.has(writer.opType)) return current
    current = writer.inputs[0]!
  }
}

interface Region {
  readonly value: string
  /** Convolutions between the layers before and this one. */
  readonly convolutions: readonly Node[]
  /** Whether the region ends in a sum with an earlier layer: a residual block. */
  readonly isSum: boolean
}

/** Per layer value, in graph order, what lies between it and the layers before; values without a convolution go. */
function regionsOf(graph: Graph, values: ReadonlySet<string>): Region[] {
  const writers = producers(graph)
  const order = [...writers.keys()].filter(value => values.has(value))
  return order.flatMap(value => {
    const convolutions = new Set<Node>()
    let isSum = false
    const seen = new Set<string>()
    const pending = [value]
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
      const writer = writers.get(current)
      if (writer === undefined || seen.has(current)) continue
      seen.add(current)
      if (writer.opType === 'Conv') convolutions.add(writer)
      const inputs = writer.inputs.filter(input => isComputed(writers.get(input)))
      if (writer.opType === 'Add' && inputs.length === 2) isSum = true
      pending.push(...inputs.filter(input => !values.has(input)))
    }
    return convolutions.size > 0 ? [{ value, convolutions: [...convolutions].reverse(), isSum }] : []
  })
}

const isComputed = (writer: Node | undefined) => writer !== undefined && writer.opType !== 'Constant'

/** The module path that the convolutions share; a residual sum belongs to the module around its last one. */
function nameOf(convolutions: readonly Node[], isSum: boolean): string | undefined {
  const paths = convolutions.map(modulePath)
  if (paths.some(path => path === undefined)) return undefined
  const parts = paths.map(path => path!.split('.'))
  const [first = []] = parts
  let length = 0
  while (length < first.length && parts.every(p => p[length] === first[length])) length++
  if (isSum && parts.length === 1) length--
  return length > 0 ? first.slice(0, length).join('.') : undefined
}

/**
 * `layer1.0.conv1` from a weight named `layer1.0.conv1.weight`, or from a node named as PyTorch's exporter
 * (`/layer1/layer1.0/conv1/Conv`) or a TensorFlow one (`resnet50/conv1_conv/Conv2D`) does.
 */
function modulePath(node: Node): string | undefined {
  const weight = node.inputs[1] ?? ''
  const named = weight.match(/^([A-Za-z_][\w.]*)\.weight/)?.[1]
  if (named !== undefined) return named
  const path = node.name.split('/').filter(part => part !== '')
  if (path.length < 2) return undefined
  return path.slice(0, -1).reduce((path, part) => joinPath(path, part))
}

/** Exporters repeat the end of a container's path in its children: `features.1.block.0`, `block.0.0`. */
function joinPath(path: string, part: string): string {
  const components = path.split('.')
  for (let from = 0; from < components.length; from++) {
    if (part.startsWith(`${components.slice(from).join('.')}.`))
      return [...components.slice(0, from), part].join('.')
  }
  return `${path}.${part}`
}
