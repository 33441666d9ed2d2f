import { describe, expect, it } from 'vitest'
import { Recipe } from '../../../src/train/recipe.ts'
import { epsilonFactor, learningRateFactor } from '../../../src/train/schedule.ts'

describe('learning rate', () => {
  it('rises linearly, then falls as a cosine to 0', () => {
    const cosine = { kind: 'cosine', warmup: 0.2 } as const
    const at = (done: number) => learningRateFactor(cosine, done, 0)
    expect([at(0), at(0.1), at(0.2)]).toEqual([0, 0.5, 1])
    expect(at(0.6)).toBeCloseTo(0.5, 12)
    expect(at(1)).toBeCloseTo(0, 12)
    expect(learningRateFactor({ kind: 'cosine', warmup: 0 }, 0, 0)).toBe(1)
  })

  it('falls in steps of epochs', () => {
    const step = { kind: 'step', every: 3, factor: 0.5 } as const
    expect([0, 2, 3, 5, 6].map(epoch => learningRateFactor(step, 0.5, epoch))).toEqual([1, 1, 0.5, 0.5, 0.25])
  })
})

it('epsilon rises over its ramp', () => {
  const recipe = Recipe.parse({ arch: 'a', data: 'd', adversarial: { norm: 'L2', epsilon: 3 } })
  const at = (done: number) => epsilonFactor(recipe.adversarial!, done)
  expect([0, 0.05, 0.5, 1].map(at)).toEqual([0, 0, 1, 1])
  expect(at(0.275)).toBeCloseTo(0.5, 12)
  const sudden = { ...recipe.adversarial!, ramp: [0, 0] as [number, number] }
  expect(epsilonFactor(sudden, 0)).toBe(1)
})

describe('recipe', () => {
  it('fills in the defaults of emoji16', () => {
    expect(Recipe.parse({ arch: 'mini-alex', data: 'emoji16' })).toEqual({
      arch: 'mini-alex',
      data: 'emoji16',
      seed: 0,
      epochs: 8,
      batchSize: 64,
      learningRate: 0.1,
      schedule: { kind: 'cosine', warmup: 0.15 },
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
      clipGradient: 2,
      augment: { crop: 0, flip: false },
    })
  })

  it.each([
    { epoch: 3 },
    { epochs: 0 },
    { adversarial: { norm: 'L1', epsilon: 3 } },
    { adversarial: { norm: 'L2', epsilon: 3, ramp: [0.5, 0.1] } },
  ])('refuses %j', wrong => {
    expect(Recipe.safeParse({ arch: 'a', data: 'd', ...wrong }).success).toBe(false)
  })
})
