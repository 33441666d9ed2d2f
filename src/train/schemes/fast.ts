// Fast adversarial training (Wong, Rice & Kolter 2020): one step of FGSM from a random start. It can collapse
// within an epoch to a network that withstands its own step and nothing else ("catastrophic overfitting");
// robust-validation.ts looks out for that.

import { norms } from '../../attack/norm.ts'
import { attackStepGraph } from '../../attack/step.ts'
import { IMAGES } from '../../classifier/classifier.ts'
import type { Network } from '../../zoo/network.ts'
import type { AdversarialRecipe, Recipe } from '../recipe.ts'
import { inferenceForm } from '../training-form.ts'
import { attacked } from './pgd.ts'
import type { Scheme } from './scheme.ts'
import { standard } from './standard.ts'

type Fast = Extract<AdversarialRecipe, { scheme: 'fast' }>

export function fast(adversarial: Fast, recipe: Recipe, network: Network): Scheme {
  const { epsilon, stepSize = 1.25 * epsilon } = adversarial
  return {
    ...standard(recipe),
    step: attackStepGraph(inferenceForm(network), norms[adversarial.norm]),
    feeds: async batch => ({ [IMAGES]: await attacked(batch, { ...adversarial, stepSize, steps: 1 }) }),
  }
}
