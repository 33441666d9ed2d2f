// A PGD attack on ResNet-50, batch 8, fits into a laptop's memory: peak of the whole process, which this file
// has to itself.

import { expect, test } from 'vitest'
import { pgd } from '../../../src/attack/index.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { formulaImages } from '../../support/formula-weights.ts'

test('PGD on ResNet-50 with 8 images stays below 2.5 GB resident', async () => {
  const { graph, preprocessing } = buildNetwork('resnet50', { classes: 1000, random: new Random(0) })
  const classes = Array.from({ length: 1000 }, (_, k) => `${k}`)
  const model = await createClassifier({
    name: 'resnet50',
    graph,
    preprocessing,
    classes,
    runtime: nodeRuntime(),
  })
  const images = formulaImages([0, 1, 2, 3, 4, 5, 6, 7], 224)
  const labels = Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7])
  const result = await pgd(model, { images, labels }, { norm: 'L2', epsilon: 3, steps: 3 })
  await model.dispose()
  expect(Math.max(...result.distance)).toBeCloseTo(3, 3)
  const peak = process.resourceUsage().maxRSS / 1024 ** 2
  console.log(`peak resident memory: ${peak.toFixed(2)} GB`)
  expect(peak).toBeLessThan(2.5)
})
