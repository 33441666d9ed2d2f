import { describe, expect, test } from 'vitest'
import type { Distortion } from '../../../src/distort/index.ts'
import { Accuracy, accuracy, accuracyOf, compareAccuracy } from '../../../src/probe/accuracy.ts'
import { deciderFor } from '../../../src/probe/decide.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { stubClassifier } from '../../support/stub-classifier.ts'

const context = () => ({ random: new Random(0), progress: silent })

/** One-pixel images whose red value is the class / 4. */
const values = [0, 1, 2, 3, 3, 2, 1, 0]
const labels = Int32Array.from([0, 1, 2, 3, 0, 2, 1, 1])
const images = float32(
  [8, 3, 1, 1],
  values.flatMap(value => [value / 4, 0, 0]),
)
const data = memoryDataset('eight', images, labels, 4)
const model = stubClassifier(data.classes, 1, pixels => [0, 1, 2, 3].map(k => -Math.abs(k - 4 * pixels[0]!)))

describe('accuracy', () => {
  test('of two networks is compared image by image', () => {
    const of = (decisions: number[]) =>
      accuracyOf({ names: ['a', 'b', 'c', 'd'], labels: [0, 1, 2, 3], decisions }, data.classes)
    const { difference, n, p } = compareAccuracy(of([0, 1, 2, 0]), of([0, 3, 3, 0]))
    expect([difference.value, n, p]).toEqual([0.5, 4, 0.5])
    const fewer = accuracyOf({ names: ['a'], labels: [0], decisions: [0] }, data.classes)
    expect(() => compareAccuracy(of([0, 0, 0, 0]), fewer)).toThrow(
      'a comparison needs the same images, found 4 and 1',
    )
  })

  test('counts right decisions and keeps every single one', async () => {
    const result = await accuracy({ data }).run({ model, ...context() })
    expect(result.accuracy.value).toBe(6 / 8)
    expect(result.perImage.decisions).toEqual(values)
    expect(result.perImage.labels).toEqual([...labels])
    expect(result.perImage.names).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(Accuracy.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  })

  test('distorts images first, and says so in its options', async () => {
    const darken: Distortion = {
      name: 'darken',
      settings: { by: 0.25 },
      apply: ({ shape, data }) =>
        float32(
          shape,
          data.map(value => Math.max(0, value - 0.25)),
        ),
    }
    const probe = accuracy({ data, distortion: darken })
    const result = await probe.run({ model, ...context() })
    expect(result.perImage.decisions).toEqual([0, 0, 1, 2, 2, 1, 0, 0])
    expect(probe.options).toEqual({ distortion: { name: 'darken', by: 0.25 } })
    expect(accuracy({ data }).options).toEqual({ distortion: null })
  })

  test('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(accuracy({ data }).run({ model, ...context(), signal })).rejects.toThrow('stop')
  })
})

describe('deciderFor', () => {
  const logits = float32([2, 3], [0, 1, 2, 5, 1, 2])

  test('matches names, and gives -1 for a class that the data does not have', () => {
    const decider = deciderFor({ name: 'net', classes: ['a', 'b', 'c'] }, ['c', 'b'])
    expect([...decider.decide(logits)]).toEqual([0, -1])
    expect([...decider.outputs!]).toEqual([2, 1])
  })

  test('takes unnamed classes in order', () => {
    const decider = deciderFor({ name: 'net', classes: ['class 0', 'class 1', 'class 2'] }, ['x', 'y', 'z'])
    expect([...decider.decide(logits)]).toEqual([2, 0])
  })

  test('does not take named classes in order', () => {
    expect(() => deciderFor({ name: 'net', classes: ['a', 'b', 'c'] }, ['x', 'b', 'c'])).toThrow(
      'net does not know 1 of the 3 classes of the data (x); its 3 classes are a, b, c',
    )
  })

  test('knows the folders of ImageNet by WordNet id', () => {
    const classes = Array.from({ length: 1000 }, (_, i) => `class ${i}`)
    const decider = deciderFor({ name: 'net', classes }, ['n01443537', 'n01440764'])
    expect([...decider.outputs!]).toEqual([1, 0])
  })
})
