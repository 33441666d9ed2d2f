// Batch normalisation in inference form, as part of the convolution before it: `scale / sqrt(variance + epsilon)` goes
// into the filter, the rest into the bias. ONNX Runtime does so for the forward pass where all of them are weights; done
// before a graph is differentiated, the gradient needs no products with the scale either.

import { floatOf, intOf } from './attributes.ts'
import { GraphBuilder } from './builder.ts'
import { type Graph, type Node, producers } from './graph.ts'
import { inferShapes } from './infer.ts'

/** `graph` with the same inputs and outputs, and without batch normalisation of convolutions that nothing else reads. */
export function foldBatchNorm(graph: Graph): Graph {
  const made = producers(graph)
  const types = inferShapes(graph)
  const counts = new Map(graph.outputs.map(({ name }) => [name, 1]))
  for (const { inputs } of graph.nodes)
    for (const input of inputs) counts.set(input, (counts.get(input) ?? 0) + 1)
  const builder = GraphBuilder.rewriting(graph)
  const folded = new Map<Node, Node>()
  for (const node of graph.nodes) {
    if (node.opType !== 'BatchNormalization' || intOf(node, 'training_mode', 0) === 1) continue
    const conv = made.get(node.inputs[0]!)
    const isFloat32 = [...(conv?.inputs ?? []), ...node.inputs].every(
      input => input === '' || types.get(input)?.dtype === 'float32',
    )
    if (conv?.opType === 'Conv' && isFloat32 && counts.get(conv.outputs[0]!) === 1) folded.set(conv, node)
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
  const epsilon = floatOf(norm, 'epsilon', 1e-5)
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
