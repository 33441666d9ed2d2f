// The whole probe against NetDissect-Lite's own code on a fixed network (scripts/fixtures/netdissect.py).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createClassifier } from '../../../src/classifier/create.ts'
import { openBroden } from '../../../src/data/broden.node.ts'
import { readCsv } from '../../../src/data/csv.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { dissection } from '../../../src/probe/dissection/dissection.ts'
import { tallyCsv } from '../../../src/probe/dissection/tally-csv.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { formulaWeight } from '../../support/formula-weights.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const folder = join(import.meta.dirname, '../../fixtures/netdissect')
const expected = z
  .object({
    quantile: z.number(),
    imageSize: z.number(),
    thresholds: z.array(z.number()),
    categories: z.array(z.string()),
    tally: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
  })
  .parse(JSON.parse(readFileSync(join(folder, 'net.json'), 'utf8')))

function network(side: number) {
  const b = new GraphBuilder('small')
  b.input('images', 'float32', ['n', 3, side, side])
  const layer = (input: string, name: string, shape: readonly number[], pad: number) => {
    const [weight, bias] = [`${name}.weight`, `${name}.bias`]
    const inputs = [input, b.initializer(weight, formulaWeight(weight, shape))]
    inputs.push(b.initializer(bias, formulaWeight(bias, [shape[0]!])))
    return b.op('Relu', [b.op('Conv', inputs, { strides: [2, 2], pads: [pad, pad, pad, pad] })])
  }
  const first = layer('images', 'conv1', [8, 3, 7, 7], 3)
  const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }
  const maps = layer(b.op('MaxPool', [first], window), 'conv2', [12, 8, 3, 3], 1)
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', [maps])]), 'float32', ['n', 12], 'logits')
  return { graph: b.build(), layers: [{ name: 'conv2', value: maps, units: 12 }] }
}

it("gives NetDissect-Lite's thresholds, labels and IoUs for every unit, under its rules", async () => {
  const { imageSize, categories, tally } = expected
  const model = await createClassifier({
    ...network(imageSize),
    name: 'small',
    classes: Array.from({ length: 12 }, (_, i) => String(i)),
    runtime: nodeRuntime(),
    preprocessing: plainPreprocessing(imageSize),
  })
  const data = await openBroden(join(folder, 'broden'), [imageSize, imageSize])
  const options = { layers: ['conv2'], quantile: 1 - expected.quantile }
  const run = async (rules: 'definition' | 'netdissect-lite') => {
    const context = { model, random: new Random(0), progress: silent }
    const { layers } = await dissection(data, { ...options, rules }).run(context)
    return layers[0]!
  }
  const layer = await run('netdissect-lite')
  expect(layer.units).toHaveLength(tally.length)
  for (const row of tally) {
    const { threshold, scores } = layer.units[Number(row.unit) - 1]!
    const reference = expected.thresholds[Number(row.unit) - 1]!
    expect(Math.abs(threshold - reference)).toBeLessThanOrEqual(1e-3 * reference)
    expect([scores[0]!.category, scores[0]!.concept]).toEqual([row.category, row.label])
    for (const category of categories) {
      const score = scores.find(s => s.category === category)!
      expect(Math.abs(score.iou - Number(row[`${category}-iou`]))).toBeLessThan(1e-3)
      if (score.iou > 0.01) expect(score.concept).toBe(row[`${category}-label`])
    }
  }
  // Its table has the same columns, and units counted from 1.
  const columns = ['unit', 'category', 'label', 'score', ...categories.map(c => `${c}-iou`)]
  const ours = readCsv(tallyCsv(layer, categories), columns, 'ours')
  expect(ours.map(row => Number(row.unit)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
  // The definition is not the same: the rules make a difference on this network.
  const definition = await run('definition')
  const differing = definition.units.filter(
    ({ scores }, unit) => Math.abs(scores[0]!.iou - layer.units[unit]!.scores[0]!.iou) > 1e-3,
  )
  expect(differing.length).toBeGreaterThan(6)
  await model.dispose()
})
