// Batch normalisation in inference form, as part of the convolution before it: `scale / sqrt(variance + epsilon)` goes
// into the filter, the rest into the bias. ONNX Runtime does so with weights; here they are inputs, and the gradient
// gains as well.

import { GraphBuilder } from '../onnx/builder.ts'
import { type Graph, type Node, producers } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'

/** `graph` with the same inputs and outputs, and without the batch normalisation that nothing but convolutions enter. */
export function foldBatchNorm(graph: Graph): Graph {
  const made = producers(graph)
  const types = inferShapes(graph)
  const counts = new Map(graph.outputs.map(({ name }) => [name, 1]))
  for (const { inputs } of graph.nodes)
    for (const input of inputs) counts.set(input, (counts.get(input) ?? 0) + 1)
  const builder = GraphBuilder.rewriting(graph)
  const folded = new Map<Node, Node>()
  for (const node of graph.nodes) {
    const conv = node.opType === 'BatchNormalization' ? made.get(node.inputs[0]!) : undefined
    if (conv?.opType === 'Conv' && counts.get(conv.outputs[0]!) === 1) folded.set(conv, node)
  }
  const norms = new Set(folded.values())
  for (const node of graph.nodes) {
    const norm = folded.get(node)
    if (norm !== undefined) appendFolded(builder, node, norm, types.get(node.inputs[1]!)!.shape.length)
    else if (!norms.has(node)) builder.copy(node)
  }
  return builder.build()
}

function appendFolded(builder: GraphBuilder, conv: Node, norm: Node, rank: number): void {
  const [input = '', filter = '', bias] = conv.inputs
  const [, scale = '', shift = '', mean = '', variance = ''] = norm.inputs
  const epsilon = norm.attributes.epsilon?.kind === 'float' ? norm.attributes.epsilon.value : 1e-5
  const deviation = builder.op('Sqrt', [builder.op('Add', [variance, builder.scalar(epsilon)])])
  const factor = builder.op('Div', [scale, deviation])
  const perFilter = builder.op('Reshape', [
    factor,
    builder.ints([-1, ...new Array<number>(rank - 1).fill(1)]),
  ])
  const centre = bias === undefined ? builder.op('Neg', [mean]) : builder.op('Sub', [bias, mean])
  const inputs = [
    input,
    builder.op('Mul', [filter, perFilter]),
    builder.op('Add', [shift, builder.op('Mul', [centre, factor])]),
  ]
  builder.copy({ ...conv, inputs, outputs: norm.outputs })
}
