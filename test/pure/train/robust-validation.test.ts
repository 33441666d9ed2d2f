import { describe, expect, it } from 'vitest'
import { Recipe } from '../../../src/train/recipe.ts'
import { bestEpoch, robustValidationOf, stopReason } from '../../../src/train/robust-validation.ts'
import type { EpochLog } from '../../../src/train/state.ts'

const base = { arch: 'mini-alex', data: 'd' }
const ball = { norm: 'Linf', epsilon: 0.1 }
/** A log whose epochs ended with these accuracies under attack. */
const logOf = (...shares: readonly number[]): EpochLog[] =>
  shares.map((robustAccuracy, i) => ({
    epoch: i + 1,
    learningRate: 0.1,
    epsilon: 0.1,
    loss: 1,
    accuracy: 0.85,
    robustAccuracy,
  }))

describe('fast adversarial training', () => {
  const fast = Recipe.parse({ ...base, adversarial: { ...ball, scheme: 'fast' } })

  it('is watched without being told', () => {
    expect(robustValidationOf(fast)).toEqual({ ...ball, steps: 10, images: 512, patience: undefined })
    expect(robustValidationOf(Recipe.parse({ ...base, adversarial: ball }))).toBeUndefined()
  })

  it('stops when accuracy under PGD collapses, and says so', () => {
    const collapsed = logOf(0.2, 0.4, 0.02)
    expect(stopReason(fast, collapsed)).toBe(
      'catastrophic overfitting in epoch 3: accuracy under PGD-10 fell from 40.0 % to 2.0 % while 85.0 % of the images ' +
        'under the training attack were right',
    )
    expect(bestEpoch(collapsed)!.epoch).toBe(2)
  })

  it('goes on when it only wavers, and other schemes even then', () => {
    expect(stopReason(fast, logOf(0.2, 0.4, 0.3))).toBeUndefined()
    expect(stopReason(fast, logOf(0.02, 0.06, 0))).toBeUndefined()
    const pgd = Recipe.parse({ ...base, adversarial: ball, robustValidation: {} })
    expect(stopReason(pgd, logOf(0.2, 0.4, 0.02))).toBeUndefined()
  })
})

it('stops after as many epochs without a better one as the recipe has patience for', () => {
  const patient = Recipe.parse({ ...base, adversarial: ball, robustValidation: { patience: 2, steps: 5 } })
  expect(stopReason(patient, [])).toBeUndefined()
  expect(stopReason(patient, logOf(0.3, 0.4, 0.4))).toBeUndefined()
  expect(stopReason(patient, logOf(0.3, 0.4, 0.4, 0.39))).toBe(
    'accuracy under PGD-5 has not risen for 2 epochs',
  )
  expect(stopReason(patient, logOf(0.3, 0.4, 0.4, 0.41))).toBeUndefined()
})

it.each([
  [{ noise: { sigma: 0.1 }, adversarial: ball }, 'noise'],
  [{ robustValidation: {} }, 'robustValidation'],
  [{ gradientPenalty: 1, adversarial: { ...ball, scheme: 'trades' } }, 'gradientPenalty'],
  [{ adversarial: { ...ball, scheme: 'fast', steps: 3 } }, 'adversarial'],
  [{ adversarial: { ...ball, beta: 6 } }, 'adversarial'],
  [{ adversarial: { ...ball, scheme: 'trades', randomStart: false } }, 'adversarial.randomStart'],
])('refuses %j, and names what is wrong', (wrong, path) => {
  const { error } = Recipe.safeParse({ ...base, ...wrong })
  expect(error?.issues.map(issue => issue.path.join('.'))).toEqual([path])
})
