// Projected gradient descent (Madry et al. 2018) and its one-step form, the fast gradient method (Goodfellow et
// al. 2015). Without a random start the iterates are foolbox's.

import type { Classifier } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import { gatherRows } from '../tensor/gather.ts'
import type { Random } from '../tensor/random.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { type Attack, type AttackBatch, checkBatch } from './attack.ts'
import { Best } from './best.ts'
import { type Criterion, checkLabels, misclassification, targetedMisclassification } from './criterion.ts'
import { ascend } from './loop.ts'
import type { UntargetedLoss } from './loss.ts'
import { type NormName, norms } from './norm.ts'
import { attackStepGraph } from './step.ts'

export interface PgdOptions {
  readonly norm: NormName
  /** Radius of the ball, in pixel units of [0, 1]. */
  readonly epsilon: number
  readonly steps: number
  /** Length of a step in the same norm; default {@link defaultStepSize}. */
  readonly stepSize?: number
  /** Where random starts come from; without it the attack starts at the images themselves. */
  readonly random?: Random
  /** Independent starts, of which the best outcome per image is kept; default 1. */
  readonly restarts?: number
  /** Per image the class to reach; without it any wrong class will do. */
  readonly targets?: Int32Array
  /** Of all iterates keep, per image, the best; default is the last one, as foolbox does. */
  readonly best?: boolean
  /**
   * Let an image go at its first adversarial iterate, and spare it further restarts. The same images are
   * adversarial as with `best`, sooner; their loss is not pushed up further.
   */
  readonly earlyStop?: boolean
  /** What is climbed, default `cross-entropy`. */
  readonly loss?: UntargetedLoss
  /** Share of the past gradients that each step keeps (MI-FGSM, Dong et al. 2018); default: no momentum. */
  readonly decay?: number
  readonly signal?: AbortSignal
}

export type FgsmOptions = Pick<PgdOptions, 'norm' | 'epsilon' | 'targets' | 'loss'>

/** 2.5 epsilon / steps: the ball can be crossed from side to side (Madry et al. 2018). */
export function defaultStepSize(epsilon: number, steps: number): number {
  return (2.5 * epsilon) / steps
}

/**
 * Projected gradient descent. An outcome is better than another when it alone is adversarial, else when its
 * cross-entropy is higher (lower, in a targeted attack).
 * @throws InputError for a negative epsilon or step size, no steps, several restarts without `random`, images
 *   of another shape than the model's or outside [0, 1], labels out of range.
 */
export const pgd: Attack<PgdOptions> = async (model, batch, options) => {
  const { epsilon, steps, stepSize = defaultStepSize(epsilon, steps), restarts = 1, random } = options
  const { loss = 'cross-entropy', decay, best: keepBest = false, earlyStop = false, signal } = options
  checkOptions(epsilon, steps, stepSize, restarts, random)
  const criterion = criterionOf(model, batch, options.targets)
  const norm = norms[options.norm]
  const momentum = decay !== undefined
  const session = await model.derived(
    `attack ${norm.name} ${loss}${momentum ? ' with momentum' : ''}`,
    graph => attackStepGraph(graph, norm, { loss, momentum }),
  )
  const best = new Best(batch.images, criterion)
  const queries = new Int32Array(batch.labels.length)
  for (let restart = 0; restart < restarts; restart++) {
    const open = [...best.adversarial.keys()].filter(i => !(earlyStop && best.adversarial[i]))
    if (open.length === 0) break
    const originals = restart === 0 ? batch.images : gatherRows(batch.images, open)
    const visit = (iterate: FloatTensor, logits: FloatTensor, rows: readonly number[]) => {
      const places = rows.map(k => open[k]!)
      for (const i of places) queries[i]!++
      if (!keepBest && !earlyStop) return
      const adversarial = best.offer(iterate, logits, places)
      return earlyStop ? adversarial : undefined
    }
    const last = await ascend(session, {
      originals,
      start: random === undefined ? originals : norm.randomStart(originals, epsilon, random),
      labels: Int32Array.from(open, i => criterion.classes[i]!),
      epsilon,
      stepSize: criterion.direction * stepSize,
      steps,
      ...(momentum && { decay }),
      visit,
      ...(signal && { signal }),
    })
    best.offer(last, await model.logits(last), open)
    for (const i of open) queries[i]!++
  }
  return {
    images: best.images,
    adversarial: best.adversarial,
    distance: norm.distance(best.images, batch.images),
    queries,
  }
}

/** The fast gradient method: one step of length epsilon from the image itself. */
export const fgsm: Attack<FgsmOptions> = (model, batch, options) =>
  pgd(model, batch, { ...options, steps: 1, stepSize: options.epsilon })

/** The momentum iterative method: PGD along the gradients of all steps so far, from the image itself. */
export const miFgsm: Attack<Omit<PgdOptions, 'random' | 'restarts'>> = (model, batch, options) =>
  pgd(model, batch, { decay: 1, stepSize: options.epsilon / options.steps, ...options })

function checkOptions(
  epsilon: number,
  steps: number,
  stepSize: number,
  restarts: number,
  random: Random | undefined,
): void {
  requireInput(
    epsilon >= 0 && Number.isFinite(epsilon),
    `epsilon must be a number from 0 on, found ${epsilon}`,
  )
  requireInput(
    Number.isInteger(steps) && steps >= 1,
    `steps must be a whole number from 1 on, found ${steps}`,
  )
  requireInput(
    stepSize >= 0 && Number.isFinite(stepSize),
    `step size must be a number from 0 on, found ${stepSize}`,
  )
  requireInput(
    Number.isInteger(restarts) && restarts >= 1,
    `restarts must be a whole number from 1 on, found ${restarts}`,
  )
  requireInput(
    restarts === 1 || random !== undefined,
    `${restarts} restarts from the same point give the same result: allow a random start`,
  )
}

function criterionOf(model: Classifier, batch: AttackBatch, targets: Int32Array | undefined): Criterion {
  checkBatch(model, batch)
  if (targets === undefined) return misclassification(batch.labels)
  checkLabels(targets, batch.labels.length, model.classes.length)
  return targetedMisclassification(targets)
}
