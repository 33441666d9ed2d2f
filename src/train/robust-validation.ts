// Accuracy under attack while training goes on: it chooses the epoch that is kept (Rice et al. 2020, Overfitting in
// adversarially robust deep learning), ends a run that no longer gains, and notices when fast adversarial training
// collapses.

import { predictions } from '../attack/criterion.ts'
import { ascend } from '../attack/loop.ts'
import { type NormName, norms } from '../attack/norm.ts'
import { defaultStepSize } from '../attack/pgd.ts'
import type { Runner } from '../runtime/session.ts'
import { Random } from '../tensor/random.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import type { Recipe } from './recipe.ts'
import type { EpochLog } from './state.ts'
import type { TrainingSet } from './training-set.ts'

export interface RobustValidation {
  readonly norm: NormName
  readonly epsilon: number
  readonly steps: number
  readonly images: number
  readonly patience: number | undefined
}

/** What `recipe` wants measured, if anything: fast adversarial training is always watched. */
export function robustValidationOf(recipe: Recipe): RobustValidation | undefined {
  const { adversarial, robustValidation } = recipe
  if (robustValidation === undefined && adversarial?.scheme !== 'fast') return undefined
  const { steps = 10, images = 512, patience } = robustValidation ?? {}
  const norm = robustValidation?.norm ?? adversarial?.norm
  const epsilon = robustValidation?.epsilon ?? adversarial?.epsilon
  if (norm === undefined || epsilon === undefined) throw new Error('robust validation without a ball')
  return { norm, epsilon, steps, images, patience }
}

/**
 * Share of the first images that are right under PGD; the same starts every time.
 * @param step a loaded step of the attack on the weights that are judged
 * @param infer a loaded graph from images to logits; `weights` are its other inputs
 */
export async function robustAccuracy(
  set: TrainingSet,
  { norm, epsilon, steps, images: most }: RobustValidation,
  options: {
    readonly step: Runner
    readonly infer: (images: FloatTensor) => Promise<FloatTensor>
    readonly seed: number
    readonly batchSize: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<number> {
  const { step, infer, seed, batchSize, signal } = options
  const random = new Random(seed).fork('robust validation')
  const count = Math.min(most, set.size)
  let correct = 0
  for (let from = 0; from < count; from += batchSize) {
    const size = Math.min(batchSize, count - from)
    const indices = Uint32Array.from({ length: size }, (_, i) => from + i)
    const { images, labels } = set.batch(indices, { crop: 0, flip: false }, random)
    const attacked = await ascend(step, {
      originals: images,
      start: norms[norm].randomStart(images, epsilon, random),
      labels,
      epsilon,
      stepSize: defaultStepSize(epsilon, steps),
      steps,
      ...(signal && { signal }),
    })
    const decisions = predictions(await infer(attacked))
    for (const [i, label] of labels.entries()) if (decisions[i] === label) correct++
  }
  return correct / count
}

/** The row of the best epoch so far; of equals the first. Undefined where nothing was measured. */
export function bestEpoch(log: readonly EpochLog[]): EpochLog | undefined {
  const measured = log.filter(row => row.robustAccuracy !== undefined)
  return measured.reduce<EpochLog | undefined>(
    (best, row) => (best === undefined || row.robustAccuracy! > best.robustAccuracy! ? row : best),
    undefined,
  )
}

/** Share of the images by which accuracy under attack may fall without meaning anything. */
const WAVERING = 0.1

/** Why a run with this log stops before its last epoch, as a sentence; undefined while it goes on. */
export function stopReason(recipe: Recipe, log: readonly EpochLog[]): string | undefined {
  const settings = robustValidationOf(recipe)
  const [last, best] = [log.at(-1), bestEpoch(log)]
  if (settings === undefined || last?.robustAccuracy === undefined || best === undefined) return undefined
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const under = `accuracy under PGD-${settings.steps}`
  // A sound run wavers by a few points, also near 0; a collapse takes most of it within an epoch or two.
  const fallen = best.robustAccuracy! - last.robustAccuracy
  if (recipe.adversarial?.scheme === 'fast' && fallen > Math.max(WAVERING, best.robustAccuracy! / 2))
    return (
      `catastrophic overfitting in epoch ${last.epoch}: ${under} fell from ${percent(best.robustAccuracy!)} to ` +
      `${percent(last.robustAccuracy)} while ${percent(last.accuracy)} of the images under the training attack were right`
    )
  if (settings.patience !== undefined && last.epoch - best.epoch >= settings.patience)
    return `${under} has not risen for ${last.epoch - best.epoch} epochs`
  return undefined
}
