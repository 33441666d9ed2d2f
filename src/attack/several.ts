// Several attacks by name as one: the worst case over them.

import type { Classifier } from '../classifier/classifier.ts'
import { InputError, requireInput } from '../errors/input-error.ts'
import type { AttackBatch } from './attack.ts'
import {
  type AttackName,
  type AttackSettings,
  attackSettings,
  type ChosenAttack,
  chosenAttack,
} from './named.ts'
import { worstCase } from './worst-case.ts'

/**
 * The attack of this name; of several names the worst case, in their order, each attack on the images that withstood
 * the ones before. Settings then go to the attacks that know them; Square makes `queries` proposals, not `steps`.
 * @throws InputError for no name, a setting that no attack knows, several attacks towards a class, and as
 *   {@link chosenAttack} does.
 */
export function chosenAttacks(names: readonly AttackName[], settings: AttackSettings): ChosenAttack {
  const [first, ...others] = names
  if (first === undefined) throw new InputError('name at least one attack')
  if (others.length === 0) return chosenAttack(first, settings)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  requireInput(twice === undefined, () => `the attack ${twice} is named twice`)
  requireInput(!settings.targeted, 'several attacks lead away from a class: aim at one with a single attack')
  const chosen = names.map(name => ({ name, settings: settingsFor(name, settings) }))
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined || value === false || key === 'queries') continue
    if (chosen.some(one => key in one.settings)) continue
    throw new InputError(`none of ${names.join(', ')} has a setting ${key}`)
  }
  const attacks = chosen.map(one => ({ name: one.name, attack: chosenAttack(one.name, one.settings) }))
  return {
    nearest: false,
    async run(model, batch, epsilon, random) {
      const told: Awaited<ReturnType<ChosenAttack['run']>>[] = []
      const members = attacks.map(({ name, attack }) => ({
        name,
        run: async (m: Classifier, b: AttackBatch) => {
          const result = await attack.run(m, b, epsilon, random.fork(name))
          told.push(result)
          return result
        },
      }))
      const result = await worstCase(model, batch, settings.norm, members)
      return { ...result, warnings: told.flatMap(({ warnings = [] }) => warnings) }
    },
  }
}

function settingsFor(name: AttackName, settings: AttackSettings): AttackSettings {
  const own = Object.entries(settings).filter(([key]) =>
    attackSettings[name].includes(key as keyof AttackSettings),
  )
  const { norm, queries } = settings
  return { ...Object.fromEntries(own), norm, ...(name === 'square' && { steps: queries }) }
}
