// Projected gradient descent (Madry et al. 2018) and its one-step form, the fast gradient method (Goodfellow et
// al. 2015). Without a random start the iterates are foolbox's.

import type { Classifier } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import type { Random } from '../tensor/random.ts'
import type { Attack, AttackBatch } from './attack.ts'
import { Best } from './best.ts'
import { type Criterion, checkLabels, misclassification, targetedMisclassification } from './criterion.ts'
import { ascend } from './loop.ts'
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
  readonly signal?: AbortSignal
}

export type FgsmOptions = Pick<PgdOptions, 'norm' | 'epsilon' | 'targets'>

/** 2.5 epsilon / steps: the ball can be crossed from side to side (Madry et al. 2018). */
export function defaultStepSize(epsilon: number, steps: number): number {
  return (2.5 * epsilon) / steps
}

/**
 * Projected gradient descent. An outcome is better than another when it alone is adversarial, else when its
 * loss is higher (lower, in a targeted attack).
 * @throws InputError for a negative epsilon or step size, no steps, several restarts without `random`, images
 *   of another shape than the model's or outside [0, 1], labels out of range.
 */
export const pgd: Attack<PgdOptions> = async (model, batch, options) => {
  const { epsilon, steps, stepSize = defaultStepSize(epsilon, steps), restarts = 1, random } = options
  checkOptions(epsilon, steps, stepSize, restarts, random)
  const criterion = checkBatch(model, batch, options.targets)
  const norm = norms[options.norm]
  const session = await model.derived(`attack ${norm.name}`, graph => attackStepGraph(graph, norm))
  const originals = batch.images

  const best = new Best(originals, criterion)
  for (let restart = 0; restart < restarts; restart++) {
    const last = await ascend(session, {
      originals,
      start: random === undefined ? originals : norm.randomStart(originals, epsilon, random),
      labels: criterion.classes,
      epsilon,
      stepSize: criterion.direction * stepSize,
      steps,
      ...(options.best && { visit: (iterate, _, logits) => best.offer(iterate, logits) }),
      ...(options.signal && { signal: options.signal }),
    })
    best.offer(last, await model.logits(last))
  }
  return {
    images: best.images,
    adversarial: best.adversarial,
    distance: norm.distance(best.images, originals),
    queries: restarts * (steps + 1),
  }
}

/** The fast gradient method: one step of length epsilon from the image itself. */
export const fgsm: Attack<FgsmOptions> = (model, batch, options) =>
  pgd(model, batch, { ...options, steps: 1, stepSize: options.epsilon })

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

function checkBatch(model: Classifier, batch: AttackBatch, targets: Int32Array | undefined): Criterion {
  const { images, labels } = batch
  const n = images.shape[0] ?? 0
  checkLabels(labels, n, model.classes.length)
  const wrong = images.data.findIndex(value => !(value >= 0 && value <= 1))
  requireInput(wrong < 0, () => `images must lie in [0, 1], found ${images.data[wrong]} at element ${wrong}`)
  if (targets === undefined) return misclassification(labels)
  checkLabels(targets, n, model.classes.length)
  return targetedMisclassification(targets)
}
