// The kernels of a network's convolutions, read off its graph, with the scale that batch normalisation puts
// on each unit.

import { constantOf } from '../onnx/constant.ts'
import type { Graph, Node } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'
import { hasDType, type Tensor } from '../tensor/tensor.ts'

/** All kernels of one convolution. */
export interface ConvolutionKernels {
  /** Its module (`layer1.0.conv1`) where the weight's name says so, else the node's name or place. */
  readonly name: string
  readonly units: number
  /** Input channels of each unit (of its group). */
  readonly channels: number
  readonly height: number
  readonly width: number
  /** `[units, channels, height, width]` */
  readonly weights: Float32Array
  /** Per unit: gamma / sqrt(variance + epsilon) of the batch normalisation that follows, 1 where none does. */
  readonly scales: Float64Array
}

/**
 * The convolutions larger than 1x1 whose weights are constants, in the order of the graph. One that makes a
 * single position of its whole input is a fully connected layer and is left out.
 */
export function convolutionKernels(graph: Graph): ConvolutionKernels[] {
  const types = inferShapes(graph)
  const found: ConvolutionKernels[] = []
  const names = new Set<string>()
  for (const node of graph.nodes) {
    if (node.opType !== 'Conv') continue
    const weights = constantOf(graph, node.inputs[1]!)
    if (weights === undefined || !hasDType(weights, 'float32') || weights.shape.length !== 4) continue
    const [units = 0, channels = 0, height = 0, width = 0] = weights.shape
    const [, , rows, columns] = types.get(node.outputs[0]!)?.shape ?? []
    if (height * width <= 1 || (rows === 1 && columns === 1)) continue
    const stem = node.inputs[1]!.match(/^(.+)\.weight$/)?.[1] ?? (node.name || `conv${found.length + 1}`)
    let name = stem
    for (let k = 2; names.has(name); k++) name = `${stem}#${k}`
    names.add(name)
    const scales = batchNormScales(graph, node, units)
    found.push({ name, units, channels, height, width, weights: weights.data, scales })
  }
  return found
}

function batchNormScales(graph: Graph, convolution: Node, units: number): Float64Array {
  const scales = new Float64Array(units).fill(1)
  const readers = graph.nodes.filter(node => node.inputs.includes(convolution.outputs[0]!))
  const [reader] = readers
  if (readers.length !== 1 || reader?.opType !== 'BatchNormalization') return scales
  const gamma = floats(constantOf(graph, reader.inputs[1]!))
  const variance = floats(constantOf(graph, reader.inputs[4]!))
  if (gamma === undefined || variance === undefined) return scales
  const epsilon = reader.attributes.epsilon?.kind === 'float' ? reader.attributes.epsilon.value : 1e-5
  return scales.map((_, unit) => gamma[unit]! / Math.sqrt(variance[unit]! + epsilon))
}

const floats = (value: Tensor | undefined) =>
  value !== undefined && hasDType(value, 'float32') ? value.data : undefined
