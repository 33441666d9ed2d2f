// Every objective's gradient against central differences, through parametrisation and transforms as well; what
// objectives are worth on cases that can be worked out by hand.

import { afterAll, describe, expect, it } from 'vitest'
import {
  classLogit,
  crossEntropy,
  direction,
  fourier,
  fourierNoise,
  gramDistance,
  gramMatrices,
  type Objective,
  type Optimiser,
  pgd,
  pixelDistance,
  pixels,
  plus,
  representationDistance,
  smallDistance,
  synthesize,
  times,
  totalVariation,
  unit,
} from '../../../src/synth/index.ts'
import { GOAL, NEXT, PICTURE, synthesisStepGraph, VARIABLE } from '../../../src/synth/step.ts'
import { drawTransforms, type Transforms } from '../../../src/synth/transforms.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32, type FloatTensor, float32, rows } from '../../../src/tensor/tensor.ts'
import { attackNet } from '../../support/attack-net.ts'
import { attackNetClassifier } from '../../support/attack-net-classifier.ts'
import { formulaImages } from '../../support/formula-weights.ts'

const { size } = attackNet
const model = await attackNetClassifier()
afterAll(() => model.dispose())
const images = formulaImages([0, 1], size)
const others = formulaImages([7, 8], size)
const first = await model.activations(others, ['first'])
const grams = await gramMatrices(model, others, ['first'])
const labels = Int32Array.of(3, 1)
const masks = float32(
  [2, 1, size, size],
  new Float32Array(2 * size * size).map((_, i) => (i % 3 === 0 ? 1 : 0)),
)

const objectives: readonly (readonly [string, Objective])[] = [
  ['cross-entropy', crossEntropy(model, labels)],
  ['class logit', classLogit(model, labels)],
  ['unit, mean', unit(model, 'first', [1, 2])],
  ['unit, centre', unit(model, 'first', [1, 2], 'centre')],
  ['direction', direction(model, 'first', formulaDirections())],
  ['representation distance', representationDistance(model, 'first', first.first!)],
  ['Gram distance', gramDistance(model, 'first', grams.first!)],
  ['total variation', totalVariation([size, size])],
  ['pixel distance', pixelDistance(others)],
  ['pixel distance under a mask', pixelDistance(others, masks)],
  ['distance of its small form', smallDistance(formulaImages([7, 8], size / 2), [size, size])],
  ['a sum', plus(crossEntropy(model, labels), times(10, pixelDistance(others, masks)))],
]

function formulaDirections(): FloatTensor {
  const random = new Random(3)
  return float32(
    [2, 8],
    Float32Array.from({ length: 16 }, () => random.normal()),
  )
}

/** An optimiser whose next variable is the gradient. */
const gradientItself: Optimiser = {
  name: 'gradient',
  needsPicture: false,
  remembers: [],
  scalars: () => ({}),
  append: ({ gradient }) => ({ next: gradient, memory: {} }),
}

/** The relative difference between the gradient's length and the slope along it, worst of the pictures. */
async function slopeError(
  goal: Objective,
  start: FloatTensor,
  step: number,
  parametrisation = pixels,
  transforms: Transforms = {},
): Promise<number> {
  // As no picture: nothing is clipped.
  const free = { ...parametrisation, isPicture: false }
  const made = { goal, parametrisation: free, transforms, optimiser: gradientItself }
  const session = await model.runtime.load(synthesisStepGraph(model, made))
  const feeds = {
    ...Object.fromEntries(
      Object.entries(goal.feeds).map(([name, value]) => [`synthesis.feed.${name}`, value]),
    ),
    ...drawTransforms(transforms, [size, size], new Random(5)),
  }
  const run = (data: Float32Array) => session.run({ ...feeds, [VARIABLE]: float32(start.shape, data) })
  const values = start.data.length / start.shape[0]!
  const gradient = asFloat32((await run(start.data))[NEXT]!).data
  const lengths = Array.from({ length: start.shape[0]! }, (_, i) =>
    Math.hypot(...gradient.subarray(i * values, (i + 1) * values)),
  )
  const moved = async (sign: number) => {
    const at = start.data.map((v, i) => v + (sign * step * gradient[i]!) / lengths[Math.floor(i / values)]!)
    return asFloat32((await run(at))[GOAL]!).data
  }
  const [up, down] = [await moved(1), await moved(-1)]
  await session.dispose()
  return Math.max(...lengths.map((length, i) => Math.abs((up[i]! - down[i]!) / (2 * step) / length - 1)))
}

describe('gradients', () => {
  it.each(objectives)('of %s', async (_, goal) => {
    expect(await slopeError(goal, images, 3e-3)).toBeLessThan(0.01)
  })

  it.each<[string, Transforms]>([
    ['nothing', {}],
    ['jitter', { jitter: 3 }],
    ['scale', { scale: [0.8, 1.2] }],
    ['rotation', { rotate: 30 }],
    ['blur', { blur: 1.5 }],
    ['all', { jitter: 2, scale: [0.9, 1.1], rotate: 10, blur: 1 }],
  ])('through Fourier coefficients and %s', async (_, transforms) => {
    // Contrasty pictures: total variation has kinks where neighbours are equal.
    const noise = fourierNoise(2, [size, size], new Random(1))
    const start = float32(
      noise.shape,
      noise.data.map(v => 100 * v),
    )
    for (const goal of [classLogit(model, labels), totalVariation([size, size])])
      expect(await slopeError(goal, start, 1e-3, fourier, transforms)).toBeLessThan(0.01)
  })
})

/** What the objectives are worth at `pictures`. */
async function worth(goal: Objective, pictures: FloatTensor): Promise<number[]> {
  const made = { goal, parametrisation: pixels, transforms: {}, optimiser: gradientItself }
  const session = await model.runtime.load(synthesisStepGraph(model, made))
  const feeds = Object.fromEntries(
    Object.entries(goal.feeds).map(([name, value]) => [`synthesis.feed.${name}`, value]),
  )
  const result = await session.run({ ...feeds, [VARIABLE]: pictures }, [GOAL])
  await session.dispose()
  return [...asFloat32(result[GOAL]!).data]
}

describe('values', () => {
  it('cross-entropy is that of the classifier', async () => {
    const { loss } = await model.lossGradient(images, labels)
    for (const [i, value] of (await worth(crossEntropy(model, labels), images)).entries())
      expect(value).toBeCloseTo(loss.data[i]!, 5)
  })

  it('distances to itself are 0, to others are not', async () => {
    const same = [
      representationDistance(model, 'first', first.first!),
      gramDistance(model, 'first', grams.first!),
      pixelDistance(others),
    ]
    for (const goal of same) {
      for (const value of await worth(goal, others)) expect(value).toBeCloseTo(0, 9)
      for (const value of await worth(goal, images)) expect(value).toBeGreaterThan(1e-6)
    }
  })

  it('a Gram matrix forgets places, a representation does not', async () => {
    // The 12 x 12 pixels in the middle turned by 180 degrees would not do: filters have directions. A tiled picture
    // shifted by its period of two strides shows the same patches at other places.
    const tile = (shift: number) =>
      float32(
        [1, 3, size, size],
        Float32Array.from({ length: 3 * size * size }, (_, i) => (((i % size) + shift) % 4 < 2 ? 0.2 : 0.8)),
      )
    const targets = await gramMatrices(model, tile(0), ['first'])
    const here = await model.activations(tile(0), ['first'])
    const [gram] = await worth(gramDistance(model, 'first', targets.first!), tile(2))
    const [place] = await worth(representationDistance(model, 'first', here.first!), tile(2))
    expect(gram! * 1000).toBeLessThan(place!)
  })

  it('the total variation of a step is its height along the edge', async () => {
    const half = float32(
      [1, 3, size, size],
      Float32Array.from({ length: 3 * size * size }, (_, i) => (i % size < size / 2 ? 0 : 0.5)),
    )
    const [value] = await worth(totalVariation([size, size]), half)
    expect(value).toBeCloseTo((0.5 * 3 * size) / (3 * size * size), 6)
  })

  it('a masked distance sees only what is under the mask', async () => {
    const one = rows(images, 0, 1)
    const mask = float32([1, 1, size, size], new Float32Array(size * size))
    mask.data[5] = 1
    const reference = float32(one.shape, one.data.slice())
    for (let c = 0; c < 3; c++) {
      reference.data[c * size * size + 5]! += 0.1
      reference.data[c * size * size + 6]! += 0.7
    }
    const [value] = await worth(pixelDistance(reference, mask), one)
    expect(value).toBeCloseTo((3 * 0.01) / (3 * size * size), 7)
  })

  it('a direction of one axis is a unit', async () => {
    const axis = float32([2, 8], new Float32Array(16))
    axis.data[1] = 1
    axis.data[8 + 2] = 1
    expect(await worth(direction(model, 'first', axis), images)).toEqual(
      await worth(unit(model, 'first', [1, 2]), images),
    )
  })
})

describe('synthesis', () => {
  const goal = crossEntropy(model, labels)
  const optimiser = pgd({ norm: 'L2', epsilon: 2, stepSize: 0.3 })
  const transforms = { jitter: 2, rotate: 10 }

  it('gives the same bytes for a seed, whatever the batch size', async () => {
    const run = (seed: number, batchSize: number) =>
      synthesize(model, {
        goal,
        optimiser,
        start: images,
        steps: 4,
        transforms,
        batchSize,
        random: new Random(seed),
      })
    const [a, b, c] = [await run(1, 2), await run(1, 1), await run(2, 2)]
    expect(a.pictures.data).toEqual(b.pictures.data)
    expect(a.pictures.data).not.toEqual(c.pictures.data)
  })

  it('shows the pictures before every step and after the last, and stops when told to', async () => {
    const seen: number[] = []
    const stop = new AbortController()
    const run = synthesize(model, {
      goal,
      optimiser,
      start: images,
      steps: 9,
      signal: stop.signal,
      watch({ step, pictures }) {
        seen.push(step)
        if (step === 0) expect(pictures.data).toEqual(images.data)
        if (step === 3) stop.abort()
      },
    })
    await expect(run).rejects.toThrow(/abort/i)
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('with no transform the network sees the picture itself', async () => {
    const made = {
      goal,
      parametrisation: pixels,
      transforms: { jitter: 0, scale: [1, 1], rotate: 0 },
      optimiser,
    } as const
    const session = await model.runtime.load(synthesisStepGraph(model, made))
    expect(session.outputs).toContain(PICTURE)
    await session.dispose()
    const still = await synthesize(model, {
      goal,
      optimiser,
      start: images,
      steps: 3,
      transforms: made.transforms,
      random: new Random(0),
    })
    const plain = await synthesize(model, { goal, optimiser, start: images, steps: 3 })
    for (const [i, value] of still.pictures.data.entries())
      expect(value).toBeCloseTo(plain.pictures.data[i]!, 4)
  })
})

describe('bad input is refused in one sentence', () => {
  const goal = crossEntropy(model, labels)
  const optimiser = pgd({ norm: 'L2', epsilon: 2, stepSize: 0.3 })
  const run = (options: Partial<Parameters<typeof synthesize>[1]>) =>
    synthesize(model, { goal, optimiser, start: images, steps: 1, ...options })

  it.each<[string, () => unknown, string]>([
    [
      'a class',
      () => crossEntropy(model, Int32Array.of(7)),
      'label 0 is 7: the model has 5 classes, from 0 to 4',
    ],
    ['a layer', () => unit(model, 'fifth', [0]), 'unknown layer: fifth (known: first)'],
    ['a unit', () => unit(model, 'first', [8]), 'unit first:8 does not exist: first has units 0 to 7'],
    [
      'directions',
      () => direction(model, 'first', float32([1, 3], [1, 2, 3])),
      'directions in layer first must have shape [n, 8], found [1, 3]',
    ],
    [
      'a mask',
      () => pixelDistance(images, float32([2, 1, 3, 3], new Float32Array(18))),
      'masks for images of 14x14 must have shape [2, 1, 14, 14], found [2, 1, 3, 3]',
    ],
    [
      'a radius',
      () => pgd({ norm: 'L2', epsilon: -1, stepSize: 1 }),
      'epsilon must be a number above 0, found -1',
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ name: 'InputError', message }))
  })

  it.each<[string, Partial<Parameters<typeof synthesize>[1]>, string]>([
    [
      'images of another size',
      { start: formulaImages([0, 1], 16) },
      'synthesis with attack-net starts from pixels of shape [n, 3, 14, 14], found [2, 3, 16, 16]',
    ],
    [
      'another number of pictures',
      { start: rows(images, 0, 1) },
      'cross-entropy is for 2 pictures, but 1 are made',
    ],
    [
      'pixels outside [0, 1]',
      {
        start: float32(
          images.shape,
          images.data.map(v => v + 1),
        ),
      },
      'the start must lie in [0, 1], found',
    ],
    ['no steps', { steps: 0 }, 'steps must be a whole number from 1 on, found 0'],
    [
      'transforms without a seed',
      { transforms: { jitter: 1 } },
      'transforms are drawn at random: pass a Random',
    ],
    [
      'a ball in Fourier space',
      { parametrisation: fourier, start: fourierNoise(2, [size, size], new Random(0)) },
      'L2 PGD keeps pictures in a ball of pixels and cannot move Fourier, decorrelated colours: use Adam',
    ],
  ])('%s', async (_, options, message) => {
    await expect(run(options)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringContaining(message),
    })
  })

  it('an objective without a gradient path', async () => {
    // The layer's values pass through a comparison: nothing flows back.
    const steps: Objective = {
      name: 'step function of first',
      feeds: {},
      append({ builder, layer }) {
        const above = builder.op('CastLike', [
          builder.op('Greater', [layer('first').value, builder.scalar(1)]),
          builder.scalar(0),
        ])
        return builder.op('ReduceMean', [above, builder.ints([1, 2, 3])], { keepdims: 0 })
      },
    }
    await expect(run({ goal: steps })).rejects.toMatchObject({
      name: 'InputError',
      message:
        'attack-net cannot be followed towards step function of first: synthesis.goal does not depend on synthesis.variable in a differentiable way: there is no gradient',
    })
  })
})
