// Each recipe on the small net: it reaches its goal, keeps what it must keep, and refuses what does not fit.

import { afterAll, describe, expect, it } from 'vitest'
import {
  inpaint,
  interpolate,
  invert,
  type Made,
  middleHoles,
  paint,
  type RecipeContext,
  superResolve,
  towardsClass,
  visualiseClasses,
  visualiseUnits,
} from '../../../src/synth/index.ts'
import { scaledSettings } from '../../../src/synth/recipes/recipe.ts'
import { Random } from '../../../src/tensor/random.ts'
import { type FloatTensor, float32, rows } from '../../../src/tensor/tensor.ts'
import { attackNet } from '../../support/attack-net.ts'
import { attackNetClassifier } from '../../support/attack-net-classifier.ts'
import { formulaImages } from '../../support/formula-weights.ts'

const { size } = attackNet
const model = await attackNetClassifier()
afterAll(() => model.dispose())
const context = (settings: RecipeContext['settings'] = { steps: 40 }): RecipeContext => ({
  model,
  random: new Random(2),
  settings,
})
const images = formulaImages([0, 1, 2], size)
const labels = Int32Array.of(2, 0, 4)
const holes = middleHoles(3, [size, size], 0.4)

/** Cross-entropies to `labels`. */
const losses = async (pictures: FloatTensor) => [...(await model.lossGradient(pictures, labels)).loss.data]

const expectInBox = ({ pictures }: Made) => {
  for (const value of pictures.data) if (!(value >= 0 && value <= 1)) expect.fail(`a pixel of ${value}`)
}

it('brings settings for 224x224 to the size of the images', () => {
  const published = { epsilon: 40, stepSize: 1, steps: 60 }
  const own = scaledSettings({ model }, published)
  expect(own).toEqual({ norm: 'L2', epsilon: 2.5, stepSize: 1 / 16, steps: 60 })
  expect(scaledSettings({ model, settings: { epsilon: 3 } }, published).epsilon).toBe(3)
})

describe('towards a class', () => {
  it.each(['generate', 'translate', 'sketch', 'what-if'] as const)('%s', async recipe => {
    const made = await towardsClass(context(), recipe, images, labels)
    expectInBox(made)
    const [before, after] = [await losses(images), await losses(made.pictures)]
    for (const [i, loss] of after.entries()) expect(loss).toBeLessThan(0.5 * before[i]!)
  })

  it('leaves grey pictures grey', async () => {
    const area = size * size
    const grey = float32(
      images.shape,
      images.data.map((_, i) => images.data[i - (i % (3 * area)) + (i % area)]!),
    )
    const { pictures } = await towardsClass(context(), 'generate', grey, labels)
    expect(pictures.data).not.toEqual(grey.data)
    for (let i = 0; i < pictures.data.length; i++)
      expect(pictures.data[i]).toBe(pictures.data[i - (i % (3 * area)) + (i % area)])
  })

  it('refuses a class that does not exist', async () => {
    expect(() => towardsClass(context(), 'generate', images, Int32Array.of(0, 1, 9))).toThrow(
      'label 2 is 9: the model has 5 classes, from 0 to 4',
    )
  })
})

describe('inpainting', () => {
  it('changes the hole only, and never looks under it', async () => {
    const made = await inpaint(context(), images, holes, labels)
    const spoiled = float32(
      images.shape,
      images.data.map((value, i) => (holes.data[i % (size * size)] === 1 ? 0.123 : value)),
    )
    const again = await inpaint(context(), spoiled, holes, labels)
    expect(again.pictures.data).toEqual(made.pictures.data)
    for (const [i, value] of made.pictures.data.entries())
      if (holes.data[i % (size * size)] === 0) expect(value).toBe(images.data[i])
    const [before, after] = [await losses(made.starts), await losses(made.pictures)]
    for (const [i, loss] of after.entries()) expect(loss).toBeLessThan(before[i]!)
  })

  it('refuses masks of another size and masks that leave nothing', async () => {
    await expect(inpaint(context(), images, middleHoles(3, [8, 8]), labels)).rejects.toThrow(
      'masks for 3 images of 14x14 must have shape [3, 1, 14, 14], found [3, 1, 8, 8]',
    )
    await expect(inpaint(context(), images, middleHoles(3, [size, size], 3), labels)).rejects.toThrow(
      'the mask of image 0 covers all of it',
    )
  })
})

it('super-resolution goes from small images towards the class', async () => {
  const small = formulaImages([0, 1, 2], 7)
  const made = await superResolve(context({}), small, labels)
  expect(made.pictures.shape).toEqual(images.shape)
  const [before, after] = [await losses(made.starts), await losses(made.pictures)]
  for (const [i, loss] of after.entries()) expect(loss).toBeLessThan(before[i]!)
})

it('painting raises the unit under the mask and leaves the rest', async () => {
  const response = async (pictures: FloatTensor) => {
    const { first } = await model.activations(pictures, ['first'])
    const area = first!.shape[2]! * first!.shape[3]!
    return [1, 2, 3].map((unit, i) =>
      first!.data.subarray((i * 8 + unit) * area, (i * 8 + unit + 1) * area).reduce((a, b) => a + b, 0),
    )
  }
  const made = await paint(context(), images, holes, 'first', [1, 2, 3])
  const [before, after] = [await response(images), await response(made.pictures)]
  expect(after.every((value, i) => value >= before[i]!)).toBe(true)
  expect(after.some((value, i) => value > 1.05 * before[i]!)).toBe(true)
  for (const [i, value] of made.pictures.data.entries())
    if (holes.data[i % (size * size)] === 0) expect(value).toBe(images.data[i])
})

describe('representations', () => {
  it('are inverted: in the layer, the picture gets close to the image', async () => {
    // Relus that are at rest in the grey start pass nothing back, so that this small net cannot be inverted wholly.
    const [first, last] = [
      await invert(context({ stepSize: 0.1, steps: 1 }), images, 'first'),
      await invert(context({ stepSize: 0.1, steps: 40 }), images, 'first'),
    ]
    for (const [i, distance] of last.goal.entries()) expect(distance).toBeLessThan(0.5 * first.goal[i]!)
  })

  it('are interpolated: the ends are the inversions of the images', async () => {
    const [from, to] = [rows(images, 0, 1), rows(images, 1, 2)]
    const made = await interpolate(context(), from, to, 'first', 4)
    const ends = await invert(context(), rows(images, 0, 2), 'first')
    const values = 3 * size * size
    expect(made.pictures.shape[0]).toBe(4)
    expect(rows(made.pictures, 0, 1).data).toEqual(rows(ends.pictures, 0, 1).data)
    expect(made.pictures.data.subarray(3 * values)).toEqual(rows(ends.pictures, 1, 2).data)
    await expect(interpolate(context(), from, images, 'first', 4)).rejects.toThrow('pairs of images')
  })
})

describe('visualisation', () => {
  it('raises every unit that can respond, and every class', async () => {
    const units = [0, 1, 2, 3, 4, 5, 6, 7]
    const few = await visualiseUnits(context(), 'first', units, { steps: 1 })
    const made = await visualiseUnits(context(), 'first', units)
    expectInBox(made)
    for (const [i, goal] of made.goal.entries()) expect(goal).toBeLessThan(few.goal[i]!)
    expect(made.starts.data).not.toEqual(made.pictures.data)
    const classes = await visualiseClasses(context(), Int32Array.of(0, 1))
    const logits = await model.logits(classes.pictures)
    expect(logits.data[0]).toBe(Math.max(...logits.data.subarray(0, 5)))
    expect(logits.data[6]).toBe(Math.max(...logits.data.subarray(5, 10)))
  })

  it('shows a unit the same whatever other units go through the network with it', async () => {
    // The noise that a picture starts from follows from its place, so the first is alike in both.
    const one = await visualiseUnits(context(), 'first', [4])
    const many = await visualiseUnits(context(), 'first', [4, 5, 6])
    for (const [i, value] of one.pictures.data.entries()) expect(many.pictures.data[i]).toBeCloseTo(value, 4)
  })
})
