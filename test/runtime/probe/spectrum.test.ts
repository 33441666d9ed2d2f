// Spectra of filters and activations of a network whose filters were made by hand.

import { expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { energy } from '../../../src/probe/spectrum/energy.ts'
import { spectrum } from '../../../src/probe/spectrum/spectrum.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const side = 16

/** A checkerboard (all energy high), a mean (mostly low), and nothing. */
const kernels = [
  [1, -1, 1, -1, 1, -1, 1, -1, 1],
  [1, 1, 1, 1, 1, 1, 1, 1, 1],
  [0, 0, 0, 0, 0, 0, 0, 0, 0],
]

it('tells high-frequency filters and maps from low ones', async () => {
  const b = new GraphBuilder('filters')
  b.input('images', 'float32', ['n', 3, side, side])
  const weights = b.initializer(
    'conv1.weight',
    float32(
      [3, 3, 3, 3],
      kernels.flatMap(kernel => [...kernel, ...kernel, ...kernel]),
    ),
  )
  const maps = b.op('Relu', [b.op('Conv', ['images', weights], { pads: [1, 1, 1, 1] })])
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', [maps])]), 'float32', ['n', 3], 'logits')
  const model = await createClassifier({
    graph: b.build(),
    layers: [{ name: 'conv1', value: maps, units: 3 }],
    name: 'filters',
    classes: ['a', 'b', 'c'],
    runtime: nodeRuntime(),
    preprocessing: plainPreprocessing(side),
  })
  const random = new Random(2)
  const images = float32(
    [4, 3, side, side],
    Float32Array.from({ length: 4 * 3 * side * side }, () => random.uniform()),
  )
  const data = memoryDataset('noise', images, new Int32Array(4), 3)
  const probe = spectrum({ data, layers: ['conv1'], resamples: 50 })
  const result = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
  const [checkers = 0, mean = 0, nothing] = result.filters!.perUnit.map(share => share ?? undefined)
  expect(result.filters!.layer).toBe('conv1')
  expect(checkers).toBeGreaterThan(0.9)
  expect(mean).toBeLessThan(0.2)
  expect(nothing).toBeUndefined()

  const [layer = expect.fail()] = result.layers
  const { conv1 } = await model.activations(images, ['conv1'])
  const shares = [0, 1, 2].map(channel => {
    const found = [0, 1, 2, 3].map(i =>
      energy(conv1!.data, side, side, { offset: (3 * i + channel) * side * side }),
    )
    const sum = (key: 'total' | 'high') => found.reduce((all, part) => all + part[key], 0)
    return sum('total') > 0 ? sum('high') / sum('total') : null
  })
  expect([result.images, layer.channels]).toEqual([4, shares])
  expect(shares[0]).toBeGreaterThan(2 * shares[1]!)
  expect(layer.high!.value).toBeCloseTo((shares[0]! + shares[1]!) / 2, 12)
  await model.dispose()
})
