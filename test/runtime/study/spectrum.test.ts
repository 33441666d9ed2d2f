// The chapter on frequencies, of networks whose filters were made by hand: one lives on fine detail, one on coarse
// form.

import { afterAll, expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { spectrum } from '../../../src/study/chapters/spectrum.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'
import { askedOf, runPlanned } from '../../support/study-chapter.ts'

const side = 16
const checkers = [1, -2, 1, -2, 4, -2, 1, -2, 1]
const mean = Array.from({ length: 9 }, () => 1)
const nothing = Array.from({ length: 9 }, () => 0)

/** Class 1 as soon as the first unit responds: with a checkerboard, to fine detail. */
async function net(name: string, kernels: readonly (readonly number[])[]) {
  const b = new GraphBuilder(name)
  b.input('images', 'float32', ['n', 3, side, side])
  const weights = b.initializer(
    'conv1.weight',
    float32(
      [3, 3, 3, 3],
      kernels.flatMap(kernel => [...kernel, ...kernel, ...kernel]),
    ),
  )
  const maps = b.op('Relu', [b.op('Conv', ['images', weights], { pads: [0, 0, 0, 0] })])
  const pooled = b.op('Flatten', [b.op('GlobalAveragePool', [maps])])
  const logits = b.op('Gemm', [
    pooled,
    b.initializer('fc.weight', float32([3, 2], [0, 1, 0, 0, 0, 0])),
    b.initializer('fc.bias', float32([2], [0.05, 0])),
  ])
  b.output(logits, 'float32', ['n', 2], 'logits')
  return createClassifier({
    graph: b.build(),
    layers: [{ name: 'conv1', value: maps, units: 3 }],
    name,
    classes: ['class 0', 'class 1'],
    runtime: nodeRuntime(),
    preprocessing: plainPreprocessing(side),
  })
}

const models = {
  standard: await net('fine', [checkers, mean, nothing]),
  robust: await net('coarse', [nothing, mean, nothing]),
}
afterAll(async () => {
  await models.standard.dispose()
  await models.robust.dispose()
})
const grey = float32([3, 3, side, side], new Float32Array(3 * 3 * side * side).fill(0.5))
const asked = askedOf(models, memoryDataset('grey', grey, new Int32Array(3), 2), ['conv1'])
const settings = { images: 3, disturbed: 3, steps: 4, norm: 6 }

it('finds which network lives on fine detail, and at which waves it errs', async () => {
  const { summary, units } = await runPlanned(spectrum, asked, settings)
  const { sensitivity, filters, layers, images } = summary
  expect(images).toBe(3)
  // The mean of a live checkerboard and a mean; of the mean alone.
  expect(filters).toMatchObject({ layer: 'conv1', units: 3 })
  expect(filters!.standard.value).toBeGreaterThan(0.4)
  expect(filters!.robust.value).toBeLessThan(0.2)
  // Grey images make constant maps: there is nothing to tell of them.
  expect(layers).toEqual([])
  expect(units.standard).toEqual([
    {
      layer: 'conv1',
      units: [
        { maps: null, filters: expect.closeTo(1, 0) },
        { maps: null, filters: expect.closeTo(0, 0) },
        { maps: null, filters: null },
      ],
    },
  ])
  expect(sensitivity.clean.standard.value).toBe(0)
  expect(sensitivity.high.standard.value).toBeGreaterThan(sensitivity.low.standard.value + 0.2)
  const { worst } = sensitivity
  expect(worst.standard.error).toBe(1)
  expect(Math.hypot(worst.standard.down, worst.standard.across)).toBeGreaterThan(side / 4)
  expect([worst.robust.error, sensitivity.high.robust.value]).toEqual([0, 0])
})

it('is asked of the first pair of networks only, and where there are maps', () => {
  expect(spectrum.plan({ ...asked, evidence: false }, settings)).toBeUndefined()
  expect(spectrum.plan({ ...asked, layers: [] }, settings)).toBeUndefined()
})
