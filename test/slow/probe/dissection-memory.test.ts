// Dissecting every stage of ResNet-50 keeps to a laptop's memory, however many images come: peak of the whole
// process, which this file has to itself. The images are few; what 2,000 would add to the thresholds is reserved
// by announcing that many.

import { expect, test } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { ConceptDataset } from '../../../src/data/concepts.ts'
import { TopQuantile } from '../../../src/probe/dissection/top-quantile.ts'
import { dissection } from '../../../src/probe/index.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { formulaImages } from '../../support/formula-weights.ts'

const stages = [
  ['conv1', 64, 112],
  ['layer1', 256, 56],
  ['layer2', 512, 28],
  ['layer3', 1024, 14],
  ['layer4', 2048, 7],
] as const

test('ResNet-50 stays below 1.5 GB resident', async () => {
  const { graph, preprocessing, layers } = buildNetwork('resnet50', { classes: 1000, random: new Random(0) })
  const classes = Array.from({ length: 1000 }, (_, k) => `${k}`)
  const runtime = nodeRuntime()
  const model = await createClassifier({ name: 'resnet50', graph, layers, preprocessing, classes, runtime })
  const size = 28
  const side = 112
  const data: ConceptDataset = {
    name: 'formula',
    size,
    fingerprint: 'x',
    categories: ['object'],
    concepts: [
      { number: 1, name: 'left', category: 'object' },
      { number: 2, name: 'right', category: 'object' },
    ],
    async *batches({ batchSize }) {
      for (let from = 0; from < size; from += batchSize) {
        const indices = Array.from({ length: Math.min(batchSize, size - from) }, (_, i) => from + i)
        const map = Uint16Array.from({ length: side * side }, (_, p) => (p % side < side / 2 ? 1 : 2))
        yield {
          images: formulaImages(indices, 224),
          names: indices.map(String),
          masks: indices.map(() => ({ height: side, width: side, maps: [map], whole: [] })),
        }
      }
    },
  }
  // The thresholds of 2,000 images, filled as far as they can be, stay in memory beside the run.
  const reserved = stages.map(([, units, cells]) => {
    const top = new TopQuantile(units, 2000 * cells * cells, 0.995)
    const values = new Float32Array(2 * Math.ceil(0.005 * 2000 * cells * cells)).fill(1)
    for (let unit = 0; unit < units; unit++) top.add(unit, values)
    return top
  })
  const options = { layers: stages.map(([name]) => name) }
  const result = await dissection(data, options).run({ model, random: new Random(0), progress: silent })
  await model.dispose()
  expect(result.layers.map(layer => layer.units.length)).toEqual(stages.map(([, units]) => units))
  expect(result.layers.every(layer => layer.thresholdError === 0)).toBe(true)
  expect(reserved).toHaveLength(stages.length)
  const peak = process.resourceUsage().maxRSS / 1024 ** 2
  console.log(`peak resident memory: ${peak.toFixed(2)} GB`)
  expect(peak).toBeLessThan(1.5)
})
