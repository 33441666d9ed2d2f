// When the figure of an attack is not to be trusted: what AutoAttack's authors look for before and after a run
// (their flags_doc.md), with the same thresholds, and whether the random search was still getting somewhere.

import { type Classifier, IMAGES } from '../classifier/classifier.ts'
import { LABELS } from '../grad/loss.ts'
import { rowOf } from '../tensor/gather.ts'
import { asFloat32 } from '../tensor/tensor.ts'
import type { AttackBatch } from './attack.ts'
import { predictions } from './criterion.ts'
import { LOSS_GRADIENT, lossGradientGraph } from './loss-gradient.ts'
import { labelTensor } from './step.ts'
import type { Stage } from './worst-case.ts'

export const warningKinds = [
  'too-few-queries',
  'randomised',
  'probabilities',
  'zero-gradient',
  'optimiser-at-fault',
  'too-few-classes',
] as const

export type WarningKind = (typeof warningKinds)[number]

export interface AttackWarning {
  readonly kind: WarningKind
  /** Images (or, of classes, attacks) that it was seen on. */
  readonly count: number
  /** Out of how many. */
  readonly of: number
}

const sentences: Readonly<Record<WarningKind, (count: number, of: number) => string>> = {
  'too-few-queries': count =>
    `square still broke ${count} images in the last tenth of its queries: more queries would break more`,
  randomised: (count, of) =>
    `the network answers differently when asked again (${count} of ${of} decisions change): use the version rand, which averages over draws`,
  probabilities: () =>
    'the outputs are probabilities: gradients through a softmax vanish; take it off, or say output: probabilities in the preprocessing',
  'zero-gradient': (count, of) =>
    `the gradient is zero for ${count} of ${of} images: something in the network (rounding, saturation) stops it, and gradient attacks fail there; trust square alone`,
  'optimiser-at-fault': (count, of) =>
    `square, which knows no gradients, broke ${count} of ${of} images after the gradient attacks: their optimisation fails on this network, and the robust accuracy is too high; try more restarts or an attack made for it`,
  'too-few-classes': (count, of) =>
    `${count} of ${of} attacks need more classes than the network has and were left out`,
}

/** A warning as a sentence: what was seen and what to do. */
export const warningText = ({ kind, count, of }: AttackWarning): string => sentences[kind](count, of)

/**
 * The warnings of a run in pieces: counts add up, and what Square broke is judged over all `images`.
 */
export function mergedWarnings(warnings: readonly AttackWarning[], images: number): AttackWarning[] {
  return warningKinds.flatMap(kind => {
    const same = warnings.filter(warning => warning.kind === kind)
    if (same.length === 0) return []
    if (kind === 'too-few-classes') return [same[0]!]
    const count = same.reduce((sum, warning) => sum + warning.count, 0)
    if (kind === 'optimiser-at-fault' && count <= ADDED * images) return []
    return [
      { kind, count, of: kind === 'optimiser-at-fault' ? images : same.reduce((sum, { of }) => sum + of, 0) },
    ]
  })
}

/** How often the network is asked whether it answers alike, and how far unit-length logits may be apart. */
const [TIMES, APART] = [5, 1e-4]
/** How near to a probability distribution outputs are taken for one. */
const SUM = 1e-5
/** Share of all images that the random search may add to the gradients' successes. */
const ADDED = 0.002
/** Share of the queries, at their end, in which nothing should be found any more. */
const LATE = 0.1

/** Whether the same images get other answers when asked again. */
export async function randomisedWarning(
  model: Classifier,
  { images }: AttackBatch,
): Promise<AttackWarning | undefined> {
  const first = await model.logits(images)
  const decided = predictions(first)
  const classes = first.shape[1]!
  let [changed, apart] = [0, 0]
  for (let time = 1; time < TIMES; time++) {
    const again = await model.logits(images)
    changed = Math.max(changed, predictions(again).filter((decision, i) => decision !== decided[i]).length)
    for (const i of decided.keys()) {
      const [a, b] = [rowOf(first, i), rowOf(again, i)]
      const [lengthA, lengthB] = [Math.hypot(...a) + 1e-10, Math.hypot(...b) + 1e-10]
      let square = 0
      for (let c = 0; c < classes; c++) square += (a[c]! / lengthA - b[c]! / lengthB) ** 2
      apart = Math.max(apart, Math.sqrt(square))
    }
  }
  if (changed === 0 && apart <= APART) return
  return { kind: 'randomised', count: changed, of: decided.length }
}

/** Whether outputs are probabilities where logits were promised. */
export async function probabilitiesWarning(
  model: Classifier,
  { images }: AttackBatch,
): Promise<AttackWarning | undefined> {
  const logits = await model.logits(images)
  for (let i = 0; i < logits.shape[0]!; i++) {
    let sum = 0
    for (const value of rowOf(logits, i)) {
      if (value < -SUM || value > 1 + SUM) return
      sum += value
    }
    if (Math.abs(sum - 1) > SUM) return
  }
  return { kind: 'probabilities', count: logits.shape[0]!, of: logits.shape[0]! }
}

/** Images whose gradient is exactly zero: no gradient attack moves them. */
export async function zeroGradientWarning(
  model: Classifier,
  { images, labels }: AttackBatch,
): Promise<AttackWarning | undefined> {
  const loss = model.classes.length > 2 ? 'dlr' : 'margin'
  const session = await model.derived(`loss gradient ${loss}`, graph => lossGradientGraph(graph, loss))
  const answer = await session.run({ [IMAGES]: images, [LABELS]: labelTensor(labels) }, [LOSS_GRADIENT])
  const gradients = asFloat32(answer[LOSS_GRADIENT]!)
  const zero = Array.from(labels.keys()).filter(i => rowOf(gradients, i).every(value => value === 0)).length
  if (zero === 0) return
  return { kind: 'zero-gradient', count: zero, of: labels.length }
}

/** What Square, run after attacks that use gradients, says about them and about itself. */
export function squareWarnings(stages: readonly Stage[], images: number, queries: number): AttackWarning[] {
  const found: AttackWarning[] = []
  const square = stages.find(({ attack }) => attack === 'square')
  if (square === undefined) return found
  if (stages[0] !== square && square.broken > ADDED * images)
    found.push({ kind: 'optimiser-at-fault', count: square.broken, of: images })
  const late = square.queries.filter((q, k) => square.adversarial[k] && q > (1 - LATE) * queries).length
  if (late > 0) found.push({ kind: 'too-few-queries', count: late, of: square.attempted })
  return found
}
