// A network in training form: weights and running statistics are inputs, batch normalisation uses the batch's
// statistics and hands out the new running ones, dropout is on.

import { foldPreprocessing } from '../classifier/fold.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { constantOf } from '../onnx/constant.ts'
import { weightsAsInputs } from '../onnx/edit.ts'
import { foldBatchNorm } from '../onnx/fold-batch-norm.ts'
import type { Dim, Graph, Node } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'
import type { Network } from '../zoo/network.ts'
import { fewStepsAsProducts } from './few-steps.ts'

/** Name of the output that holds the next value of a parameter or running statistic. */
export function nextName(weight: string): string {
  return `next.${weight}`
}

/** A multiplier of activations: 0 with probability `ratio`, else 1 / (1 - ratio). Drawn outside the graph, so
 * that the draws belong to the run's seed. */
export interface DropoutMask {
  readonly input: string
  readonly shape: readonly Dim[]
  readonly ratio: number
}

export interface TrainingForm {
  /** As the network's graph, with an output {@link nextName} per running statistic. */
  readonly graph: Graph
  readonly masks: readonly DropoutMask[]
}

/**
 * The network as a classifier of images in [0, 1], its preprocessing folded in, with parameters and running
 * statistics as inputs. Its batch normalisation is part of the convolutions before it.
 */
export function inferenceForm(network: Network): Graph {
  return fewStepsAsProducts(foldBatchNorm(opened(network)))
}

function opened(network: Network): Graph {
  const { graph } = foldPreprocessing(network.graph, network.preprocessing)
  return weightsAsInputs(graph, [...network.parameters, ...network.buffers])
}

export function trainingForm(network: Network): TrainingForm {
  const open = fewStepsAsProducts(opened(network))
  const shapes = inferShapes(open)
  const masks: DropoutMask[] = []
  const normalisations: Node[] = []
  const nodes = open.nodes.map(node => {
    if (node.opType === 'Dropout') {
      const ratio = constantOf(open, node.inputs[1] ?? '')?.data[0]
      const mask = { input: `dropout.${node.name}`, shape: shapes.get(node.inputs[0]!)!.shape }
      masks.push({ ...mask, ratio: ratio === undefined ? 0.5 : Number(ratio) })
      return { ...node, opType: 'Mul', inputs: [node.inputs[0]!, mask.input], attributes: {} }
    }
    if (node.opType !== 'BatchNormalization') return node
    const [, , , mean = '', variance = ''] = node.inputs
    const outputs = [node.outputs[0]!, nextName(mean), nextName(`${variance}.biased`)]
    const training: Node = {
      ...node,
      outputs,
      attributes: { ...node.attributes, training_mode: { kind: 'int', value: 1 } },
    }
    normalisations.push(training)
    return training
  })
  const inputs = masks.map(({ input, shape }) => ({ name: input, dtype: 'float32' as const, shape }))
  const builder = new GraphBuilder({ ...open, nodes, inputs: [...open.inputs, ...inputs] })
  for (const node of normalisations) appendStatistics(builder, node, network.graph)
  return { graph: builder.build(), masks }
}

/**
 * Outputs of the running statistics. ONNX adds the biased variance of the batch to the running one, PyTorch
 * the unbiased one: what was added is scaled by count / (count - 1).
 */
function appendStatistics(builder: GraphBuilder, node: Node, graph: Graph): void {
  const [x = '', scale = '', , , variance = ''] = node.inputs
  const [, newMean = '', newVariance = ''] = node.outputs
  const channels = graph.initializers.get(scale)!.shape
  const momentum = node.attributes.momentum?.kind === 'float' ? node.attributes.momentum.value : 0.9
  // Both are outputs, the biased variance too: ONNX Runtime writes what is not over the memory of the inputs,
  // which belongs to the caller.
  builder.output(newMean, 'float32', channels)
  builder.output(newVariance, 'float32', channels)

  const size = builder.op('Cast', [builder.op('Size', [x])], { to: 1 })
  const count = builder.op('Div', [size, builder.scalar(channels[0]!)])
  const factor = builder.op('Div', [count, builder.op('Sub', [count, builder.scalar(1)])])
  const kept = builder.op('Mul', [variance, builder.scalar(momentum)])
  const added = builder.op('Mul', [builder.op('Sub', [newVariance, kept]), factor])
  builder.output(builder.op('Add', [kept, added]), 'float32', channels, nextName(variance))
}
