// What each unit is for, in a network where the answer is known.

import { expect, it } from 'vitest'
import { predictions } from '../../../src/attack/criterion.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { ConceptDataset } from '../../../src/data/concepts.ts'
import { readCsv } from '../../../src/data/csv.ts'
import type { CueConflictDataset } from '../../../src/data/dataset.ts'
import { ablation } from '../../../src/probe/ablation/ablation.ts'
import { ablationCsv } from '../../../src/probe/ablation/ablation-csv.ts'
import { greedyAblation } from '../../../src/probe/ablation/greedy.ts'
import { adversarialAccuracy } from '../../../src/probe/adversarial-accuracy.ts'
import { attackedImages } from '../../../src/probe/attacked.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { attackNet } from '../../support/attack-net.ts'
import { attackNetClassifier } from '../../support/attack-net-classifier.ts'
import { colourNet } from '../../support/colour-net.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

/** Plain images of the given colours; the first cue is their label, the second their texture. */
function flat(
  colours: readonly (readonly [number, number, number])[],
  labels: number[],
  textures: number[],
): CueConflictDataset {
  const pixels = colours.flatMap(colour => colour.flatMap(level => [level, level, level, level]))
  return {
    name: 'flat',
    classes: ['red', 'green', 'blue'],
    size: colours.length,
    fingerprint: 'x',
    textures: Int32Array.from(textures),
    async *batches() {
      yield {
        images: float32([colours.length, 3, 2, 2], pixels),
        labels: Int32Array.from(labels),
        names: labels.map(String),
      }
    },
  }
}

it('counts the decisions that break without each unit', async () => {
  const model = await createClassifier(colourNet(2))
  // Decided red (shape), blue (texture), red (shape), green (neither).
  const cueConflict = flat(
    [
      [0.9, 0.1, 0.5],
      [0.4, 0.1, 0.8],
      [0.7, 0.6, 0.1],
      [0.1, 0.9, 0.2],
    ],
    [0, 0, 0, 0],
    [2, 2, 2, 2],
  )
  const images = flat(
    [
      [0.9, 0.1, 0.2],
      [0.1, 0.9, 0.2],
      [0.9, 0.1, 0.2],
    ],
    [0, 1, 2],
    [0, 0, 0],
  )
  const groups = [{ name: 'warm', layer: 'colour', channels: [0, 1] }]
  const probe = ablation({
    cueConflict,
    images,
    adversarial: images,
    layers: ['colour'],
    groups,
    concepts: masked(),
    resamples: 200,
  })
  const result = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
  expect(result.intact).toEqual({ images: 4, shape: 2, texture: 1, shapeBias: 2 / 3 })
  expect(result.conditions).toEqual([
    { name: 'clean', images: 3, right: 2 },
    { name: 'adversarial', images: 3, right: 2 },
  ])
  const [{ units, groups: together, forShape, forTexture, forBoth } = expect.fail()] = result.layers
  expect(units.map(({ channel, shape, texture, lost }) => [channel, shape, texture, lost])).toEqual([
    [0, 2, 0, [1, 1]],
    [1, 0, 0, [1, 1]],
    [2, 0, 1, [0, 0]],
  ])
  // Without red, the image that is red but labelled blue is blue.
  expect(units.map(({ gained }) => gained)).toEqual([
    [1, 1],
    [0, 0],
    [0, 0],
  ])
  // Without red: blue (texture), blue (texture), green, green.
  expect(units[0]!.shapeBias).toBe(0)
  // Without blue: red, red, red, green.
  expect(units[2]!.shapeBias).toBe(1)
  expect(units[2]!.shapeBiasChange!.value).toBeCloseTo(1 / 3, 12)
  // Without green the last image is blue: one more decision by texture.
  expect(units[1]!.shapeBiasChange!.value).toBeCloseTo(2 / 4 - 2 / 3, 12)
  expect([forShape.value, forTexture.value, forBoth.value]).toEqual([1 / 3, 1 / 3, 0])
  // Without red and green all is blue; with them alone the answers are red, red, red, green.
  expect(together.map(({ name, kind, shape, texture }) => [name, kind, shape, texture])).toEqual([
    ['warm', 'without', 2, 0],
    ['warm', 'only', 0, 1],
  ])
  expect(together[1]!.shapeBias).toBe(1)
  // The images that show "sky" are blue, those that show "grass" green; "rare" is on too few to be counted.
  expect(result.concepts.map(({ concept, images: shown }) => [concept, shown])).toEqual([
    ['sky', 12],
    ['grass', 10],
  ])
  expect(units.map(({ changed }) => changed)).toEqual([
    [0, 0],
    [0, 10],
    [12, 0],
  ])

  const rows = readCsv(ablationCsv(result), ['layer', 'unit', 'shape_bias_change', 'adversarial_change'], '')
  expect(rows.map(row => [row.layer, row.unit])).toEqual([
    ['colour', '0'],
    ['colour', '1'],
    ['colour', '2'],
    ['colour', 'warm'],
    ['colour', 'only warm'],
  ])
  expect(Number(rows[2]!.shape_bias_change)).toBeCloseTo(1 / 3, 12)
  expect(Number(rows[1]!.adversarial_change)).toBeCloseTo(-1 / 3, 12)

  // Cue-conflict images alone give the same of what is about them.
  const alone = await ablation({ cueConflict, layers: ['colour'], resamples: 200 }).run({
    ...{ model, random: new Random(1), progress: silent },
  })
  expect([alone.conditions, alone.concepts]).toEqual([[], []])
  expect(alone.layers[0]!.units).toEqual(units.map(unit => ({ ...unit, lost: [], gained: [], changed: [] })))

  const greedy = greedyAblation({ cueConflict, layer: 'colour', cue: 'shape' })
  const steps = greedy.schema.parse(await greedy.run({ model, random: new Random(1), progress: silent }))
  // Red alone carries what is decided by shape.
  expect(steps.intact).toMatchObject({ shape: 2, texture: 1 })
  expect(steps.steps.map(({ channel, shape }) => [channel, shape])).toEqual([[0, 0]])
  await model.dispose()
})

it('judges images that were attacked once, on the whole network', async () => {
  const model = await attackNetClassifier()
  const [n, side, seed] = [24, attackNet.size, 5]
  const noise = new Random(2)
  const images = float32(
    [n, 3, side, side],
    Float32Array.from({ length: n * 3 * side * side }, () => noise.uniform()),
  )
  const data = {
    ...memoryDataset('noise', images, predictions(await model.logits(images)), 5),
    classes: model.classes,
  }
  const attack = { norm: 'L2', epsilon: 0.3, steps: 4 } as const
  const context = { model, random: new Random(seed), progress: silent }
  const cueConflict = { ...data, textures: new Int32Array(n) }
  const result = await ablation({ cueConflict, images: data, attack, layers: ['first'] }).run(context)
  expect(result.conditions.map(({ name }) => name)).toEqual(['clean', 'attacked'])

  // The same draws give the accuracy under attack that the probe of that name measures.
  const attacked = await attackedImages({ model, random: new Random(seed) }, data, n, attack)
  const { accuracy } = await adversarialAccuracy({ data, ...attack }).run({
    ...context,
    random: new Random(seed),
  })
  const [, { right } = expect.fail()] = result.conditions
  expect(right).toBe(Math.round(accuracy.value * n))
  expect(right).toBeGreaterThan(0)
  expect(right).toBeLessThan(n)
  const changes = []
  for await (const { images: shown, labels } of attacked.batches({ batchSize: n })) {
    for (const { channel } of result.layers[0]!.units) {
      const without = model.without([{ layer: 'first', channel }])
      const decided = predictions(await without.logits(shown))
      changes.push(decided.filter((decision, i) => decision === labels[i]).length - right)
      await without.dispose()
    }
  }
  expect(result.layers[0]!.units.map(({ gained, lost }) => gained[1]! - lost[1]!)).toEqual(changes)
  expect(changes.some(change => change !== 0)).toBe(true)
  await model.dispose()
})

/** Twelve blue images that show `sky`, ten green ones that show `grass`, one of which shows `rare` as well. */
function masked(): ConceptDataset {
  const colours = Array.from({ length: 22 }, (_, i) => (i < 12 ? [0.1, 0.2, 0.9] : [0.1, 0.9, 0.2]))
  const pixels = colours.flatMap(colour => colour.flatMap(level => [level, level, level, level]))
  return {
    name: 'masked',
    size: 22,
    fingerprint: 'x',
    categories: ['object'],
    concepts: ['sky', 'grass', 'rare'].map((name, i) => ({ number: i + 1, name, category: 'object' })),
    async *batches() {
      yield {
        images: float32([22, 3, 2, 2], pixels),
        names: colours.map((_, i) => String(i)),
        masks: colours.map((_, i) => ({
          height: 1,
          width: 2,
          maps: [Uint16Array.of(0, i < 12 ? 1 : 2)],
          whole: i === 20 ? [3] : [],
        })),
      }
    },
  }
}
