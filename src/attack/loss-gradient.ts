// The losses that the attacks of AutoAttack climb, as graph edits, each with its gradient (Croce & Hein 2020,
// Reliable evaluation of adversarial robustness, section 4).

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { LABELS, LOSS, withCrossEntropy } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'

/**
 * - `cross-entropy`: of the label.
 * - `dlr`: difference of logits ratio, -(z_y - max z_i, i != y) / (z_1st - z_3rd): unlike cross-entropy it does
 *   not vanish when the network is sure, nor change when all logits are scaled. Needs three classes.
 * - `dlr-targeted`: -(z_y - z_t) / (z_1st - (z_3rd + z_4th) / 2). Needs four classes.
 */
export const attackLosses = ['cross-entropy', 'dlr', 'dlr-targeted'] as const
export type AttackLoss = (typeof attackLosses)[number]

/** Input of target classes, int64 `[n]`, of the targeted losses. */
export const TARGETS = 'attack.targets'

const TINY = 1e-12

/** Name of the output of {@link lossGradientGraph} that holds the gradient. */
export const LOSS_GRADIENT = gradientName(LOSS, IMAGES)

/**
 * A graph from images, labels (and targets) to the loss per image {@link LOSS} `[n]`, its gradient
 * {@link LOSS_GRADIENT} `[n, 3, h, w]` and the logits.
 * @throws InputError when the classifier has too few classes for the loss.
 */
export function lossGradientGraph(classifier: Graph, loss: AttackLoss): Graph {
  const withLoss = loss === 'cross-entropy' ? withCrossEntropy(classifier, LOGITS) : withDlr(classifier, loss)
  return prune(gradient(withLoss, LOSS, [IMAGES]), [LOSS, LOSS_GRADIENT, LOGITS])
}

function withDlr(graph: Graph, loss: 'dlr' | 'dlr-targeted'): Graph {
  const type = inferShapes(graph).get(LOGITS)
  const [batch = 'n', classes] = type?.shape ?? []
  const depth = loss === 'dlr' ? 3 : 4
  if (typeof classes === 'number' && classes < depth) {
    throw new InputError(`the loss ${loss} needs at least ${depth} classes, the model has ${classes}`)
  }
  const builder = new GraphBuilder(graph)
  const labels = builder.input(LABELS, 'int64', [batch])
  const column = (classIndex: string) =>
    builder.op('GatherElements', [LOGITS, builder.op('Unsqueeze', [classIndex, builder.ints([1])])], {
      axis: 1,
    })
  const own = column(labels)

  // The largest logits, taken by index so that the gradient reaches them.
  const [, order = ''] = builder.ops('TopK', [LOGITS, builder.ints([depth])], { axis: 1 }, 2)
  const place = (k: number) =>
    builder.op(
      'GatherElements',
      [LOGITS, builder.op('Slice', [order, builder.ints([k]), builder.ints([k + 1]), builder.ints([1])])],
      { axis: 1 },
    )
  const [first, third] = [place(0), place(2)]
  let other: string
  let floor: string
  if (loss === 'dlr') {
    const top = builder.op('Slice', [order, builder.ints([0]), builder.ints([1]), builder.ints([1])])
    const isTop = builder.op('Equal', [top, builder.op('Unsqueeze', [labels, builder.ints([1])])])
    other = builder.op('Where', [isTop, place(1), first])
    floor = third
  } else {
    other = column(builder.input(TARGETS, 'int64', [batch]))
    floor = builder.op('Mul', [builder.op('Add', [third, place(3)]), builder.scalar(0.5)])
  }
  const spread = builder.op('Add', [builder.op('Sub', [first, floor]), builder.scalar(TINY)])
  const ratio = builder.op('Div', [builder.op('Sub', [other, own]), spread])
  builder.output(builder.op('Squeeze', [ratio, builder.ints([1])]), 'float32', [batch], LOSS)
  return builder.build()
}
