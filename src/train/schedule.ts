// How learning rate and epsilon move while training goes on.

import type { AdversarialRecipe, Schedule } from './recipe.ts'

/**
 * Factor of the peak learning rate.
 * @param done share of all steps already taken, in [0, 1)
 * @param epochs epochs already finished
 */
export function learningRateFactor(schedule: Schedule, done: number, epochs: number): number {
  if (schedule.kind === 'step') return schedule.factor ** Math.floor(epochs / schedule.every)
  const { warmup } = schedule
  if (done < warmup) return done / warmup
  return 0.5 * (1 + Math.cos((Math.PI * (done - warmup)) / (1 - warmup)))
}

/** Factor of epsilon, rising from 0 to 1 over the recipe's ramp. `done` as above. */
export function epsilonFactor({ ramp: [from, to] }: AdversarialRecipe, done: number): number {
  if (done < from) return 0
  return done < to ? (done - from) / (to - from) : 1
}
