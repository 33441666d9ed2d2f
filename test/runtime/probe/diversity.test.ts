// Diversity of units on a data set whose answer is known: pictures in two families, one unit that wants both.

import { describe, expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { Dataset } from '../../../src/data/dataset.ts'
import { nameColours } from '../../../src/image/basic-colours.ts'
import { msSsim, msSsimPyramid } from '../../../src/image/ms-ssim.ts'
import { compareDiversity } from '../../../src/probe/diversity/compare.ts'
import { diversity } from '../../../src/probe/diversity/diversity.ts'
import { TopImages } from '../../../src/probe/top-images.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'

describe('diversity', () => {
  it('keeps the strongest images in order, the first among equals, and no silent ones', () => {
    const top = new TopImages(2, 3)
    const activations = [
      [1, 0],
      [3, -1],
      [2, 0],
      [3, 5],
      [2.5, 0],
    ]
    for (const [image, values] of activations.entries()) top.add(image, Float32Array.from(values), 0, 1)
    expect(top.of(0)).toEqual([
      { image: 1, activation: 3 },
      { image: 3, activation: 3 },
      { image: 4, activation: 2.5 },
    ])
    expect(top.of(1)).toEqual([{ image: 3, activation: 5 }])
  })

  it('reports the mean similarity, feature distance and label entropy of each unit', async () => {
    const random = new Random(9)
    const side = 32
    const size = 3 * side * side
    const n = 12
    // Even images: one noise pattern, slightly varied, label 0. Odd images: unrelated noise, labels 1 and 2.
    const common = Float32Array.from({ length: size }, () => random.uniform())
    const images = float32([n, 3, side, side], new Float32Array(n * size))
    for (let i = 0; i < n; i++) {
      for (let p = 0; p < size; p++) {
        images.data[i * size + p] = i % 2 === 0 ? 0.9 * common[p]! + 0.1 * random.uniform() : random.uniform()
      }
    }
    const labels = Int32Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0 : 1 + (i % 4 > 1 ? 1 : 0)))
    const names = Array.from({ length: n }, (_, i) => `${i}`)
    const data: Dataset = {
      name: 'two families',
      classes: ['a', 'b', 'c'],
      size: n,
      fingerprint: 'x',
      async *batches() {
        yield { images, labels, names }
      },
    }
    const network = buildNetwork('mini-alex', { classes: 3, size: 32, random: new Random(1) })
    const model = await createClassifier({
      ...network,
      name: 'm',
      classes: ['a', 'b', 'c'],
      runtime: nodeRuntime(),
    })
    const probe = diversity({ data, layers: ['conv1', 'conv3'], top: 4, resamples: 100 })
    const result = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
    expect(result.images).toBe(n)
    expect(result.layers.map(layer => layer.layer)).toEqual(['conv1', 'conv3'])

    const luma = (image: number) => {
      const at = (c: number, p: number) => images.data[image * size + (c * size) / 3 + p]!
      return msSsimPyramid(
        Float32Array.from(
          { length: side * side },
          (_, p) => Math.round(255 * (0.299 * at(0, p) + 0.587 * at(1, p) + 0.114 * at(2, p))) / 255,
        ),
        [1, side, side],
      )
    }
    const activations = await model.activations(images, ['conv3'])
    const conv3 = activations.conv3!
    const positions = conv3.shape[2]! * conv3.shape[3]!
    let compared = 0
    for (const unit of result.layers[1]!.units) {
      const peak = (image: number) =>
        Math.max(
          ...conv3.data.subarray((image * conv3.shape[1]! + unit.channel) * positions).subarray(0, positions),
        )
      const expected = names
        .map(Number)
        .filter(i => peak(i) > 0)
        .sort((a, b) => peak(b) - peak(a) || a - b)
        .slice(0, 4)
      expect(unit.images).toEqual(expected)
      if (expected.length < 4) continue
      let similarity = 0
      for (const [i, a] of expected.entries()) {
        for (const b of expected.slice(i + 1)) similarity += msSsim(luma(a), luma(b)) / 6
      }
      expect(unit.similarity).toBeCloseTo(similarity, 6)
      const counts = [0, 1, 2].map(label => expected.filter(i => labels[i] === label).length / 4)
      const bits = counts.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0)
      expect(unit.labelEntropy).toBeCloseTo(bits, 10)
      const colours = new Map<number, number>()
      for (const i of expected) {
        for (const name of nameColours(images.data, side * side, i * size))
          colours.set(name, (colours.get(name) ?? 0) + 1 / (4 * side * side))
      }
      const colourBits = [...colours.values()].reduce((sum, p) => sum - p * Math.log2(p), 0)
      expect(unit.colourEntropy).toBeCloseTo(colourBits, 10)
      compared++
    }
    expect(compared).toBeGreaterThan(20)

    // With the features of another network only the feature distance is another.
    const other = buildNetwork('mini-alex', { classes: 3, size: 32, random: new Random(2) })
    const judge = await createClassifier({
      ...other,
      name: 'judge',
      classes: ['a', 'b', 'c'],
      runtime: nodeRuntime(),
    })
    const options = { data, layers: ['conv1', 'conv3'], top: 4, resamples: 100, features: judge }
    const judged = await diversity(options).run({ model, random: new Random(1), progress: silent })
    expect([result.features, judged.features]).toEqual(['m', 'judge'])
    const last = (await judge.activations(images, ['conv5'])).conv5!
    const spots = last.shape[2]! * last.shape[3]!
    const feature = (image: number) => {
      const means = Array.from({ length: last.shape[1]! }, (_, unit) =>
        last.data.subarray((image * last.shape[1]! + unit) * spots).subarray(0, spots),
      ).map(map => map.reduce((a, b) => a + b, 0))
      const length = Math.hypot(...means)
      return means.map(value => value / length)
    }
    const live = judged.layers[0]!.units.findIndex(unit => unit.images.length === 4)
    const { images: tops, ...measures } = judged.layers[0]!.units[live]!
    const features = tops.map(feature)
    let distance = 0
    for (let a = 0; a < 4; a++)
      for (let b = a + 1; b < 4; b++)
        distance += (1 - features[a]!.reduce((sum, v, k) => sum + v * features[b]![k]!, 0)) / 6
    expect(measures.featureDistance).toBeCloseTo(distance, 6)
    expect(measures.similarity).toBe(result.layers[0]!.units[live]!.similarity)
    await judge.dispose()

    // The two answers differ in the feature distance alone, and there for every unit.
    const comparison = compareDiversity(result, judged, { random: new Random(3), resamples: 500 })
    expect(comparison.every(c => c.paired && c.n > 10)).toBe(true)
    for (const { measure, difference, p } of comparison) {
      if (measure === 'featureDistance') expect(p).toBeLessThan(0.01)
      else expect([difference.value, p]).toEqual([0, 1])
    }
    const fewer = { ...judged, layers: judged.layers.map(l => ({ ...l, units: l.units.slice(1) })) }
    const unpaired = compareDiversity(result, fewer, { random: new Random(3), resamples: 500 })
    expect(unpaired.every(c => !c.paired)).toBe(true)
    for (const { measure, p } of unpaired) {
      if (measure === 'featureDistance') expect(p).toBeLessThan(0.05)
      else expect(p).toBeGreaterThan(0.3)
    }
    await model.dispose()
  })
})
