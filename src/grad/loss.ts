// The loss of classifiers as a graph edit, written with operators that have gradient rules.

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'

/** Name of the input of class indices, int64 `[n]`. */
export const LABELS = 'labels'
/** Name of the output of per-image losses, float32 `[n]`. */
export const LOSS = 'loss'

/**
 * `graph` with an input {@link LABELS} and an output {@link LOSS}: the cross-entropy -log softmax(logits)[label]
 * of each image, in nats.
 * @param logits a float value `[n, classes]`. Labels must lie in [0, classes): the runtime fails otherwise.
 * @throws InputError when `logits` is unknown or not of two axes, or the names are taken.
 */
export function withCrossEntropy(graph: Graph, logits: string): Graph {
  const type = inferShapes(graph).get(logits)
  if (type === undefined) throw new InputError(`the graph has no value ${logits} to take the loss of`)
  const [batch, ...rest] = type.shape
  if (batch === undefined || rest.length !== 1) {
    throw new InputError(
      `cross-entropy needs logits [n, classes], found ${logits} [${type.shape.join(', ')}]`,
    )
  }
  const builder = new GraphBuilder(graph)
  const labels = builder.input(LABELS, 'int64', [batch])
  const logProbabilities = builder.op('LogSoftmax', [logits], { axis: 1 })
  const column = builder.op('Unsqueeze', [labels, builder.ints([1])])
  const picked = builder.op('GatherElements', [logProbabilities, column], { axis: 1 })
  const negative = builder.op('Neg', [builder.op('Squeeze', [picked, builder.ints([1])])])
  builder.output(negative, type.dtype, [batch], LOSS)
  return builder.build()
}
