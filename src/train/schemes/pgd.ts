// Adversarial training (Madry et al. 2018): every batch is replaced by images that PGD has attacked, with the
// network in inference form while it attacks.

import { ascend } from '../../attack/loop.ts'
import { type NormName, norms } from '../../attack/norm.ts'
import { defaultStepSize } from '../../attack/pgd.ts'
import { attackStepGraph } from '../../attack/step.ts'
import { IMAGES } from '../../classifier/classifier.ts'
import type { Feeds } from '../../runtime/session.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import type { Network } from '../../zoo/network.ts'
import type { AdversarialRecipe, Recipe } from '../recipe.ts'
import { inferenceForm } from '../training-form.ts'
import type { Scheme, SchemeBatch } from './scheme.ts'
import { standard } from './standard.ts'

type Pgd = Extract<AdversarialRecipe, { steps: number }>

export function madry(adversarial: Pgd, recipe: Recipe, network: Network): Scheme {
  return {
    ...standard(recipe),
    step: attackStepGraph(inferenceForm(network), norms[adversarial.norm]),
    feeds: async batch => ({ [IMAGES]: await attacked(batch, settingsOf(adversarial)) }),
  }
}

/** An attack at full strength. */
export interface AttackSettings {
  readonly norm: NormName
  readonly epsilon: number
  readonly stepSize: number
  readonly steps: number
  readonly randomStart: boolean
}

export function settingsOf(adversarial: Pgd): AttackSettings {
  const { epsilon, steps } = adversarial
  return { ...adversarial, stepSize: adversarial.stepSize ?? defaultStepSize(epsilon, steps) }
}

/**
 * The images of `batch`, attacked by the scheme's step at the batch's strength.
 * @param from where the attack starts; default as the settings say
 * @param values further inputs of the step
 */
export async function attacked(
  batch: SchemeBatch,
  { norm, epsilon: full, stepSize, steps, randomStart }: AttackSettings,
  from?: FloatTensor,
  values?: Feeds,
): Promise<FloatTensor> {
  const { images: originals, labels, strength, signal } = batch
  const epsilon = strength * full
  if (epsilon === 0) return originals
  const drawn = () => (randomStart ? norms[norm].randomStart(originals, epsilon, batch.random) : originals)
  const start = from ?? drawn()
  return ascend(await batch.attack(values), {
    originals,
    start,
    labels,
    epsilon,
    stepSize: strength * stepSize,
    steps,
    ...(signal && { signal }),
  })
}
