// Which scheme a recipe asks for.

import type { Network } from '../../zoo/network.ts'
import type { Recipe } from '../recipe.ts'
import { adversarialPropagation } from './advprop.ts'
import { fast } from './fast.ts'
import { gaussian } from './gaussian.ts'
import { madry } from './pgd.ts'
import type { Scheme } from './scheme.ts'
import { standard } from './standard.ts'
import { trades } from './trades.ts'

/** The scheme of `recipe` for `network`. @throws InputError when the network cannot be trained by it. */
export function schemeOf(recipe: Recipe, network: Network): Scheme {
  const { adversarial, noise } = recipe
  switch (adversarial?.scheme) {
    case 'fast':
      return fast(adversarial, recipe, network)
    case 'trades':
      return trades(adversarial, recipe, network)
    case 'advprop':
      return adversarialPropagation(adversarial, recipe, network)
  }
  if (adversarial) return madry(adversarial, recipe, network)
  return noise ? gaussian(noise, recipe) : standard(recipe)
}
