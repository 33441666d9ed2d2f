// The chapter of pictures made for units, on a network of three: one that likes red, one that no picture wakes, one
// that likes blue.

import { afterAll, expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { Pixels } from '../../../src/image/pixels.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { visualisation } from '../../../src/study/chapters/visualisation.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'
import { askedOf, runPlanned } from '../../support/study-chapter.ts'

const side = 8

async function net(name: string, bias: readonly number[]) {
  const b = new GraphBuilder(name)
  b.input('images', 'float32', ['n', 3, side, side])
  const weights = b.initializer('w', float32([3, 3, 1, 1], [1, -1, -1, 1, 1, 1, -1, -1, 1]))
  const maps = b.op('Relu', [b.op('Conv', ['images', weights, b.initializer('b', float32([3], bias))])])
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', [maps])]), 'float32', ['n', 3], 'logits')
  return createClassifier({
    graph: b.build(),
    layers: [{ name: 'a/1', value: maps, units: 3 }],
    name,
    classes: ['a', 'b', 'c'],
    runtime: nodeRuntime(),
    preprocessing: plainPreprocessing(side),
  })
}

const models = {
  standard: await net('dead', [0.6, -9, 0.6]),
  robust: await net('live', [0.6, 0, 0.6]),
}
afterAll(async () => {
  await models.standard.dispose()
  await models.robust.dispose()
})
const noImages = memoryDataset(
  'none',
  float32([1, 3, side, side], new Float32Array(3 * side * side)),
  new Int32Array(1),
  3,
)
const drawn: Pixels[] = []
const asked = {
  ...askedOf(models, noImages, ['a/1']),
  encodeWebp: (image: Pixels) => Promise.resolve(Uint8Array.of(drawn.push(image) - 1)),
}
const settings = { steps: 24, learningRate: 0.2, shown: 2 }

it('draws what each unit likes, and says which no picture woke', async () => {
  const { summary, units, pictures } = await runPlanned(visualisation, asked, settings)
  const [layer] = summary.layers
  expect(layer).toMatchObject({ layer: 'a/1', units: 3, asleep: { standard: 1, robust: 0 } })
  expect(layer?.shown.standard.map(({ picture }) => picture?.name)).toEqual([
    'visualisation-0.webp',
    undefined,
  ])
  const [first, dead, last] = units.standard[0]!.units
  expect(dead).toEqual({})
  const colourOf = (unit: typeof first) => {
    const [place = expect.fail()] = pictures(unit!.picture!)
    const { data } = drawn[place]!
    return [0, 1, 2].map(channel => data.filter((_, i) => i % 3 === channel).reduce((a, b) => a + b) / 64)
  }
  const [red, blue] = [colourOf(first), colourOf(last)]
  expect(red[0]).toBeGreaterThan(red[2]! + 20)
  expect(blue[2]).toBeGreaterThan(blue[0]! + 20)
})

it('is one task for each layer of each network, so that a stopped study goes on at the next', () => {
  const planned = visualisation.plan(asked, settings)
  expect(planned?.tasks.map(({ label }) => label)).toEqual(['what excites a/1 of S', 'what excites a/1 of R'])
  expect(visualisation.plan({ ...asked, evidence: false }, settings)).toBeUndefined()
})
