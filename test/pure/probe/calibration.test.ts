import { describe, expect, test } from 'vitest'
import { calibration, calibrationOf } from '../../../src/probe/calibration.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { stubClassifier } from '../../support/stub-classifier.ts'

const options = () => ({ random: new Random(0), resamples: 200 })

describe('calibration', () => {
  test('is the gap between confidence and accuracy, bin by bin', () => {
    // Two bins: four images at .95 of which three are right, two at .5 of which none is.
    const { error, overconfidence, bins } = calibrationOf(
      [0.95, 0.95, 0.95, 0.95, 0.5, 0.5],
      [true, true, true, false, false, false],
      options(),
    )
    expect(error.value).toBeCloseTo((4 * 0.2 + 2 * 0.5) / 6, 12)
    expect(overconfidence).toBeCloseTo((4 * 0.95 + 2 * 0.5 - 3) / 6, 12)
    expect(bins).toEqual([
      { images: 2, confidence: 0.5, accuracy: 0 },
      { images: 4, confidence: expect.closeTo(0.95, 12), accuracy: 0.75 },
    ])
  })

  test('does not let bins make up for each other', () => {
    const { error, overconfidence } = calibrationOf([0.9, 0.5], [false, true], options())
    expect(error.value).toBeCloseTo((0.9 + 0.5) / 2, 12)
    expect(overconfidence).toBeCloseTo(0.2, 12)
  })

  test('of a network that is right as often as it says is near 0', () => {
    const random = new Random(3)
    const confidences = Array.from({ length: 20_000 }, () => random.uniform(0.3, 1))
    const { error } = calibrationOf(
      confidences,
      confidences.map(c => random.uniform() < c),
      { random, resamples: 100 },
    )
    expect(error.value).toBeLessThan(0.02)
  })

  test('takes the greatest softmax probability for confidence', async () => {
    const data = memoryDataset('two', float32([2, 3, 1, 1], new Float32Array(6)), Int32Array.from([0, 1]), 2)
    // Logits 1 and 0: confidence e / (e + 1), right on the first image alone.
    const model = stubClassifier(data.classes, 1, () => [1, 0])
    const { bins, images } = await calibration({ data, resamples: 100 }).run({
      model,
      random: new Random(0),
      progress: silent,
    })
    expect(images).toBe(2)
    expect(bins).toEqual([{ images: 2, confidence: expect.closeTo(Math.E / (Math.E + 1), 6), accuracy: 0.5 }])
  })
})
