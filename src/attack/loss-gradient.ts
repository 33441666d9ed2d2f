// A loss and its gradient with respect to the images. Where the loss depends on them through steps only (rounding),
// the gradient is zero, as in PyTorch, and an attack fails as it would there: that is for a warning to say.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { LOSS } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune, renameValues } from '../onnx/edit.ts'
import { foldBatchNorm } from '../onnx/fold-batch-norm.ts'
import type { Graph } from '../onnx/graph.ts'
import { type AttackLoss, withAttackLoss } from './loss.ts'

/** Name of the output of {@link lossGradientGraph} that holds the gradient. */
export const LOSS_GRADIENT = gradientName(LOSS, IMAGES)

/**
 * A graph from images, labels (and targets) to the loss per image {@link LOSS} `[n]`, its gradient
 * {@link LOSS_GRADIENT} `[n, 3, h, w]` and the logits.
 * @throws InputError when the classifier has too few classes for the loss, or an operator has no gradient.
 */
export function lossGradientGraph(classifier: Graph, loss: AttackLoss): Graph {
  return prune(withLossGradient(withAttackLoss(classifier, loss)), [LOSS, LOSS_GRADIENT, LOGITS])
}

/** `graph` with the output {@link LOSS_GRADIENT}; {@link IMAGES} may be computed. @throws InputError as above. */
export function withLossGradient(graph: Graph): Graph {
  const folded = foldBatchNorm(graph)
  try {
    return gradient(folded, LOSS, [IMAGES])
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    // Either no path leads to the images, and now one does, or an operator has no rule, and has none again.
    return gradient(withFlatPath(folded), LOSS, [IMAGES])
  }
}

/** The loss with zero times the images added. */
function withFlatPath(graph: Graph): Graph {
  const aside = `${LOSS}.alone`
  const renamed = renameValues(graph, new Map([[LOSS, aside]]))
  const builder = new GraphBuilder({
    ...renamed,
    nodes: renamed.nodes.map(node => (node.name === LOSS ? { ...node, name: aside } : node)),
    outputs: renamed.outputs.filter(({ name }) => name !== aside),
  })
  const flat = builder.op('Mul', [IMAGES, builder.scalar(0)])
  const nothing = builder.op('ReduceSum', [flat, builder.ints([1, 2, 3])], { keepdims: 0 })
  builder.output(builder.op('Add', [aside, nothing]), 'float32', ['n'], LOSS)
  return builder.build()
}
