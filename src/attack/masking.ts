// Whether a network only hides its gradient from attacks instead of withstanding them (Athalye et al. 2018, section
// 3.1; Carlini et al. 2019, On evaluating adversarial robustness). Every check is something that holds of a network
// whose gradients can be used, and fails on one that masks them.

import { type Classifier, IMAGES } from '../classifier/classifier.ts'
import { LABELS } from '../grad/loss.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { rowOf } from '../tensor/gather.ts'
import type { Random } from '../tensor/random.ts'
import { asFloat32, float32 } from '../tensor/tensor.ts'
import {
  type AttackBatch,
  type AttackResult,
  checkBatch,
  partOf,
  requireCount,
  requireRadius,
} from './attack.ts'
import { margins, predictions } from './criterion.ts'
import { robustnessCurve } from './curve.ts'
import { LOSS_GRADIENT, lossGradientGraph } from './loss-gradient.ts'
import { clip, type NormName, norms } from './norm.ts'
import { fgsm, pgd } from './pgd.ts'
import { square } from './square.ts'
import { labelTensor } from './step.ts'
import { randomisedWarning } from './warnings.ts'

export const maskingChecks = [
  'gradient-there',
  'same-answer',
  'gradient-direction',
  'white-box-wins',
  'steps-help',
  'everything-falls',
  'own-gradient-wins',
] as const
export type MaskingCheckName = (typeof maskingChecks)[number]

/** One check: on how many images it failed. */
export interface MaskingCheck {
  readonly name: MaskingCheckName
  /** Images that speak against the network's gradient. */
  readonly against: number
  /** Images looked at. */
  readonly of: number
  readonly passed: boolean
}

export interface MaskingResult {
  /** Images classified rightly: all checks are about those. */
  readonly images: number
  readonly masked: boolean
  readonly checks: readonly MaskingCheck[]
  /** Share of the images that fall to PGD, by ascending radius. */
  readonly curve: readonly { readonly epsilon: number; readonly fallen: number }[]
}

export interface MaskingOptions {
  readonly norm: NormName
  /** The radius at which the network is said to be robust. */
  readonly epsilon: number
  readonly random: Random
  /** Steps of PGD, default 50. */
  readonly steps?: number
  /** Proposals of Square, default 300. */
  readonly queries?: number
  /** Another network: images that fool it, shown to this one, should not succeed more often than its own gradient. */
  readonly surrogate?: Classifier
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** Share of the images that may speak against a network; at least one may. */
const TOLERATED = 0.02
/** The same of the directions: a kink in the loss makes a random one better now and then. */
const TOLERATED_DIRECTIONS = 0.1
/** Random directions that the gradient's is compared with. */
const DIRECTIONS = 8
/** Share of the radius at which directions are compared: near enough for the gradient to mean something. */
const NEAR = 0.25
/** Radii, in units of epsilon, up to one at which no classifier can hold. */
const LADDER = [1, 2, 4, 8, 16, 32]

/**
 * The checks, on the images that the network classifies rightly:
 * - `gradient-there`: the gradient of the cross-entropy is not zero;
 * - `same-answer`: the network answers alike when asked again;
 * - `gradient-direction`: a short way along the margin's gradient lowers it more than along any of eight random ways;
 * - `white-box-wins`: PGD breaks what Square breaks;
 * - `steps-help`: PGD breaks what a single step breaks;
 * - `everything-falls`: at large radii PGD breaks every image;
 * - `own-gradient-wins`: PGD on another network, shown to this one, breaks no more than PGD on this one.
 * @throws InputError for bad options, images or labels, or when no image is classified rightly.
 */
export async function maskingCheck(
  model: Classifier,
  given: AttackBatch,
  options: MaskingOptions,
): Promise<MaskingResult> {
  const { norm, epsilon, random, steps = 50, queries = 300, surrogate, progress = silent, signal } = options
  requireRadius(epsilon)
  requireCount('steps', steps, 2)
  requireCount('queries', queries)
  checkBatch(model, given)
  const before = predictions(await model.logits(given.images))
  const batch = partOf(
    given,
    [...before.keys()].filter(i => before[i] === given.labels[i]),
  )
  const n = batch.labels.length
  const task = progress.start(`gradient masking of ${model.name}`, maskingChecks.length, 'checks')
  const checks: MaskingCheck[] = []
  const note = (name: MaskingCheckName, against: number, tolerated = TOLERATED) => {
    checks.push({ name, against, of: n, passed: against <= Math.max(tolerated * n, 1) })
    task.advance(1, name)
    signal?.throwIfAborted()
  }
  if (n === 0) {
    task.end()
    return { images: 0, masked: false, checks: [], curve: [] }
  }

  note('gradient-there', await withoutGradient(model, batch))
  note('same-answer', (await randomisedWarning(model, batch)) === undefined ? 0 : n)
  note(
    'gradient-direction',
    await misleading(model, batch, norm, NEAR * epsilon, random),
    TOLERATED_DIRECTIONS,
  )

  const many = { norm, epsilon, steps, earlyStop: true, ...(signal && { signal }) }
  const white = await pgd(model, batch, { ...many, random: random.fork('pgd') })
  const black = await square(model, batch, {
    ...{ norm, epsilon, iterations: queries, random: random.fork('square') },
    ...(signal && { signal }),
  })
  note('white-box-wins', onlyFirst(black, white))
  note('steps-help', onlyFirst(await fgsm(model, batch, { norm, epsilon }), white))

  const ladder = await robustnessCurve(
    model,
    batch,
    norm,
    LADDER.map(times => times * epsilon),
    (rest, radius) =>
      radius === epsilon && rest.labels.length === n
        ? Promise.resolve(white)
        : pgd(model, rest, { ...many, epsilon: radius, random: random.fork(`pgd ${radius}`) }),
  )
  const curve = ladder.map(({ epsilon: radius, result }) => ({ epsilon: radius, fallen: fallen(result) / n }))
  note('everything-falls', n - fallen(ladder.at(-1)!.result))

  if (surrogate !== undefined) {
    const foreign = await pgd(surrogate, batch, {
      ...many,
      earlyStop: false,
      random: random.fork('surrogate'),
    })
    const decisions = predictions(await model.logits(foreign.images))
    const transferred = decisions.filter((decision, i) => decision !== batch.labels[i]).length
    note('own-gradient-wins', Math.max(0, transferred - fallen(white)))
  }
  task.end()
  return { images: n, masked: checks.some(({ passed }) => !passed), checks, curve }
}

const fallen = ({ adversarial }: AttackResult) => adversarial.filter(Boolean).length

/** How many images the first attack breaks and the second does not. */
const onlyFirst = (first: AttackResult, second: AttackResult) =>
  first.adversarial.filter((done, i) => done && !second.adversarial[i]).length

/** Images whose gradient of the cross-entropy is exactly zero. */
async function withoutGradient(model: Classifier, { images, labels }: AttackBatch): Promise<number> {
  const session = await model.derived('loss gradient cross-entropy', graph =>
    lossGradientGraph(graph, 'cross-entropy'),
  )
  const answer = await session.run({ [IMAGES]: images, [LABELS]: labelTensor(labels) }, [LOSS_GRADIENT])
  const gradients = asFloat32(answer[LOSS_GRADIENT]!)
  return [...labels.keys()].filter(i => rowOf(gradients, i).every(value => value === 0)).length
}

/** Images whose margin falls less along the gradient than along the best of some random directions. */
async function misleading(
  model: Classifier,
  batch: AttackBatch,
  norm: NormName,
  distance: number,
  random: Random,
): Promise<number> {
  const { images, labels } = batch
  const marginsAt = async (points: Float32Array) =>
    margins(await model.logits(float32(images.shape, points)), labels)
  // Of the margin, not of cross-entropy: where the network is sure, rounding takes the label out of the latter's.
  const along = await fgsm(model, batch, { norm, epsilon: distance, loss: 'margin' })
  const own = await marginsAt(along.images.data)
  const best = new Float32Array(labels.length).fill(Number.POSITIVE_INFINITY)
  const draws = random.fork('directions')
  for (let k = 0; k < DIRECTIONS; k++) {
    const points = new Float32Array(images.data.length)
    const size = points.length / labels.length
    for (const i of labels.keys()) {
      const away = norms[norm].randomDirection(size, draws)
      for (let j = 0; j < size; j++) {
        // Corners of the cube, as the gradient's step leads to one.
        const step = norm === 'Linf' ? Math.sign(away[j]!) : away[j]!
        points[i * size + j] = clip(images.data[i * size + j]! + distance * step)
      }
    }
    for (const [i, margin] of (await marginsAt(points)).entries()) best[i] = Math.min(best[i]!, margin)
  }
  return [...labels.keys()].filter(i => own[i]! >= best[i]!).length
}
