// The losses that attacks climb, as graph edits. All are per image, and positive steps lead away from the label.

import { LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { LABELS, LOSS, withCrossEntropy } from '../grad/loss.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'

/**
 * - `cross-entropy`: of the label.
 * - `margin`: max z_i (i != y) - z_y, positive where the image is misclassified (Carlini & Wagner 2017, f_6).
 * - `margin-targeted`: z_t - z_y.
 * - `dlr`: difference of logits ratio, the margin over z_1st - z_3rd: unlike cross-entropy it does not vanish
 *   when the network is sure, nor change when all logits are scaled (Croce & Hein 2020, Reliable evaluation of
 *   adversarial robustness, section 4). Needs three classes.
 * - `dlr-targeted`: (z_t - z_y) / (z_1st - (z_3rd + z_4th) / 2). Needs four classes.
 */
export const attackLosses = ['cross-entropy', 'margin', 'margin-targeted', 'dlr', 'dlr-targeted'] as const
export type AttackLoss = (typeof attackLosses)[number]

/** Losses that know no target class. */
export const untargetedLosses = ['cross-entropy', 'margin', 'dlr'] as const
export type UntargetedLoss = (typeof untargetedLosses)[number]

/** Input of target classes, int64 `[n]`, of the targeted losses. */
export const TARGETS = 'attack.targets'

const TINY = 1e-12

/** How many of the largest logits each loss looks at: a network needs as many classes. */
const depths: Readonly<Record<AttackLoss, number>> = {
  'cross-entropy': 1,
  margin: 2,
  'margin-targeted': 2,
  dlr: 3,
  'dlr-targeted': 4,
}

/**
 * `graph` with the input {@link LABELS} (and {@link TARGETS}, for a targeted loss) and the output {@link LOSS}
 * `[n]`.
 * @throws InputError when the classifier has too few classes for the loss.
 */
export function withAttackLoss(graph: Graph, loss: AttackLoss): Graph {
  if (loss === 'cross-entropy') return withCrossEntropy(graph, LOGITS)
  const [batch = 'n', classes] = inferShapes(graph).get(LOGITS)?.shape ?? []
  const depth = depths[loss]
  if (typeof classes === 'number' && classes < depth) {
    throw new InputError(`the loss ${loss} needs at least ${depth} classes, the model has ${classes}`)
  }
  const builder = new GraphBuilder(graph)
  const one = builder.ints([1])
  const labels = builder.op('Unsqueeze', [builder.input(LABELS, 'int64', [batch]), one])
  const logit = (index: string) => builder.op('GatherElements', [LOGITS, index], { axis: 1 })
  // The largest logits are taken by index, so that the gradient reaches them.
  const [, order = ''] = builder.ops('TopK', [LOGITS, builder.ints([depth])], { axis: 1 }, 2)
  const place = (k: number) => builder.op('Slice', [order, builder.ints([k]), builder.ints([k + 1]), one])

  let other: string
  if (loss === 'margin' || loss === 'dlr') {
    const isTop = builder.op('Equal', [place(0), labels])
    other = logit(builder.op('Where', [isTop, place(1), place(0)]))
  } else {
    other = logit(builder.op('Unsqueeze', [builder.input(TARGETS, 'int64', [batch]), one]))
  }
  const difference = builder.op('Sub', [other, logit(labels)])
  let floor: string | undefined
  if (loss === 'dlr') floor = logit(place(2))
  if (loss === 'dlr-targeted') {
    const sum = builder.op('Add', [logit(place(2)), logit(place(3))])
    floor = builder.op('Mul', [sum, builder.scalar(0.5)])
  }
  const spread =
    floor && builder.op('Add', [builder.op('Sub', [logit(place(0)), floor]), builder.scalar(TINY)])
  const result = spread === undefined ? difference : builder.op('Div', [difference, spread])
  builder.output(builder.op('Squeeze', [result, one]), 'float32', [batch], LOSS)
  return builder.build()
}
