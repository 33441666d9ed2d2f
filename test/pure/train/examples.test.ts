import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { Provenance, Recipe } from '../../../src/train/recipe.ts'

const text = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

it('the example recipes are recipes, and twins but for the attack and the length', () => {
  const [s, r] = ['s', 'r'].map(kind => Recipe.parse(parse(text(`examples/fashion-mnist-${kind}.yaml`))))
  expect(s!.adversarial).toBeUndefined()
  expect(r!.adversarial).toMatchObject({ norm: 'Linf', epsilon: 0.1, steps: 7 })
  expect({ ...r, adversarial: undefined, epochs: s!.epochs, limit: s!.limit }).toEqual({
    ...s,
    adversarial: undefined,
  })
})

it('the shipped networks come from the recipes of emoji16, on the same images', () => {
  const [s, r] = ['s', 'r'].map(kind => Provenance.parse(JSON.parse(text(`checkpoints/${kind}/recipe.json`))))
  expect(r!.data).toEqual(s!.data)
  expect(s!.recipe).toEqual(Recipe.parse({ arch: 'mini-alex', data: 'emoji16' }))
  expect(r!.recipe).toEqual(
    Recipe.parse({ arch: 'mini-alex', data: 'emoji16', adversarial: { norm: 'L2', epsilon: 3, steps: 7 } }),
  )
})
