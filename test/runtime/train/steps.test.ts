// Two training steps of every scheme, optimiser, activation and denoising block against PyTorch: what each weight
// and running statistic moved by (scripts/fixtures/training.py). Attacked images come from a formula, so that the
// update is tested by itself; the attack of TRADES has a test of its own.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { ascend } from '../../../src/attack/loop.ts'
import { labelTensor } from '../../../src/attack/step.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { asFloat32, type FloatTensor, float32, type Tensor } from '../../../src/tensor/tensor.ts'
import { CLEAN_IMAGES } from '../../../src/train/passes.ts'
import { Recipe } from '../../../src/train/recipe.ts'
import { schemeOf } from '../../../src/train/schemes/of-recipe.ts'
import { loadSessions } from '../../../src/train/sessions.ts'
import { currentWeights, initialState } from '../../../src/train/state.ts'
import { nextName } from '../../../src/train/training-form.ts'
import { scalarsAt } from '../../../src/train/update/update.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { formulaImages, formulaNoise, withFormulaWeights } from '../../support/formula-weights.ts'

const Case = z.object({
  name: z.string(),
  scheme: z.enum(['trades', 'advprop']).optional(),
  optimiser: z.literal('adamw').optional(),
  gamma: z.number().optional(),
  beta: z.number().optional(),
  gradientPenalty: z.number().optional(),
  labelSmoothing: z.number().optional(),
  ema: z.number().optional(),
  activation: z.string().optional(),
  denoise: z.string().optional(),
  /** Number of the first image. */
  first: z.int(),
  losses: z.array(z.number()),
  moves: z.record(z.string(), z.tuple([z.number(), z.number()])),
})
const { cases, divergenceStep } = z
  .object({ cases: z.array(Case), divergenceStep: z.tuple([z.number(), z.number()]) })
  .parse(JSON.parse(readFileSync('test/fixtures/training/steps.json', 'utf8')))

const [few, size, rate] = [8, 32, 0.02]
const runtime = nodeRuntime({ threads: 1 })
const labels = Int32Array.from({ length: few }, (_, i) => i % 16)

/** Images, and the same moved as an attack might. */
function imagesFrom(first: number): { clean: FloatTensor; moved: FloatTensor } {
  const clean = formulaImages(
    Array.from({ length: few }, (_, i) => first + i),
    size,
  )
  const shift = formulaNoise('attack', clean.data.length)
  const data = clean.data.map((value, i) => Math.min(1, Math.max(0, value + 0.05 * shift[i]!)))
  return { clean, moved: float32(clean.shape, data) }
}

function recipeOf(golden: z.infer<typeof Case>): Recipe {
  const { scheme, beta, gamma, optimiser, name: _, first: __, losses: ___, moves: ____, ...same } = golden
  return Recipe.parse({
    ...same,
    arch: 'mini-alex',
    width: 4,
    data: 'formula',
    learningRate: rate,
    ...(optimiser && { optimiser: { kind: optimiser } }),
    ...(gamma && { weightPerturbation: { gamma } }),
    ...(scheme && { adversarial: { norm: 'L2', epsilon: 1, scheme, ...(beta && { beta }) } }),
  })
}

function networkOf({ width = 4, activation, denoise }: Recipe) {
  const options = { ...(activation && { activation }), ...(denoise && { denoise }) }
  const network = buildNetwork('mini-alex', { classes: 16, size, width, ...options })
  return { ...network, graph: withFormulaWeights(network) }
}

/** Length of `after - before`, and its product with the noise called `name`. */
function measured(after: FloatTensor, before: FloatTensor, name: string): [number, number] {
  const noise = formulaNoise(name, after.data.length)
  let [square, product] = [0, 0]
  for (let i = 0; i < noise.length; i++) {
    const move = after.data[i]! - before.data[i]!
    square += move * move
    product += move * noise[i]!
  }
  return [Math.sqrt(square), product]
}

it.each(cases)('two steps with $name move every weight as in PyTorch', async golden => {
  const recipe = recipeOf(golden)
  const network = networkOf(recipe)
  const scheme = schemeOf(recipe, network)
  const sessions = await loadSessions(network, recipe, scheme, runtime)
  const start = initialState(network, recipe)
  const { clean, moved } = imagesFrom(golden.first)
  let state: Record<string, Tensor> = Object.fromEntries([...start.weights, ...start.slots])
  for (const step of [1, 2]) {
    const scalars = scalarsAt(recipe, { step, done: 0.5, learningRate: rate })
    const result = await sessions.update.run({
      ...state,
      ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, float32([], [value])])),
      ...(golden.scheme ? { [CLEAN_IMAGES]: clean, images: moved } : { images: clean }),
      labels: labelTensor(labels),
    })
    state = Object.fromEntries(Object.keys(state).map(name => [name, result[nextName(name)]!]))
  }
  await sessions.dispose()
  const values = new Map(Object.entries(state).map(([name, value]) => [name, asFloat32(value)]))
  const end = golden.ema
    ? currentWeights({ weights: values, slots: values }, [...start.weights.keys()])
    : values
  expect(Object.keys(golden.moves).sort()).toEqual([...start.weights.keys()].sort())
  for (const [name, [length, product]] of Object.entries(golden.moves)) {
    const [ours, projected] = measured(end.get(name)!, start.weights.get(name)!, `probe ${name}`)
    // Float32 sums in another order: within a thousandth of the move, and of what rounding does to a weight.
    const allowed = 1e-3 * length + 2e-6
    expect(Math.abs(ours - length), `${name}: length ${ours}, PyTorch ${length}`).toBeLessThan(allowed)
    expect(Math.abs(projected - product), `${name}: ${projected}, PyTorch ${product}`).toBeLessThan(allowed)
  }
})

it("takes TRADES' attack up the divergence from the answers on the clean images", async () => {
  const recipe = recipeOf({ ...cases[0]!, scheme: 'trades' })
  const network = networkOf(recipe)
  const scheme = schemeOf(recipe, network)
  const sessions = await loadSessions(network, recipe, scheme, runtime)
  const { weights } = initialState(network, recipe)
  const { clean, moved } = imagesFrom(0)
  const feeds = Object.fromEntries(weights)
  let taken: FloatTensor | undefined
  // The scheme starts from its own noise: a start of ours goes in through the loaded step.
  await scheme.feeds({
    images: clean,
    labels,
    strength: 1,
    random: { normal: () => 0 } as never,
    infer: images => sessions.infer(feeds, images),
    async attack(values) {
      const session = await sessions.attack(feeds, values)
      const options = { originals: clean, start: moved, labels, epsilon: 1, stepSize: 0.5, steps: 1 }
      taken = await ascend(session, options)
      return session
    },
  })
  await sessions.dispose()
  const [length, product] = measured(taken!, clean, 'probe step')
  expect(length).toBeCloseTo(divergenceStep[0], 4)
  expect(product).toBeCloseTo(divergenceStep[1], 3)
})
