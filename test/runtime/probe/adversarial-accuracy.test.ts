import { afterAll, describe, expect, test } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { Dataset } from '../../../src/data/dataset.ts'
import { accuracy } from '../../../src/probe/accuracy.ts'
import {
  AdversarialAccuracy,
  type AdversarialAccuracyOptions,
  adversarialAccuracy,
} from '../../../src/probe/adversarial-accuracy.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { attackNet, attackNetGraph } from '../../support/attack-net.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const classes = ['a', 'b', 'c', 'd', 'e']
const model = await createClassifier({
  name: 'attack-net',
  graph: attackNetGraph(),
  runtime: nodeRuntime({ threads: 1 }),
  preprocessing: plainPreprocessing(attackNet.size),
  classes,
})
afterAll(() => model.dispose())

const count = 48
const random = new Random(1)
const images = float32(
  [count, 3, attackNet.size, attackNet.size],
  Float32Array.from({ length: count * 3 * attackNet.size ** 2 }, () => random.uniform()),
)
const { perImage } = await accuracy({
  data: { ...memoryDataset('unlabelled', images, new Int32Array(count), 5), classes },
}).run({ model, random: new Random(0), progress: silent })
// Right for all images but every fourth.
const labels = Int32Array.from(perImage.decisions, (decision, i) =>
  i % 4 === 3 ? (decision + 1) % 5 : decision,
)
const data: Dataset = { ...memoryDataset('noise', images, labels, 5), classes }

const run = (options: Partial<AdversarialAccuracyOptions>, seed = 0) =>
  adversarialAccuracy({ data, norm: 'L2', epsilon: 0.5, steps: 5, ...options }).run({
    model,
    random: new Random(seed),
    progress: silent,
  })

describe('adversarial accuracy', () => {
  test('is the clean accuracy at radius 0 and falls with the radius', async () => {
    const none = await run({ epsilon: 0 })
    expect(none.accuracy.value).toBe(0.75)
    expect(none.perImage.decisions).toEqual(perImage.decisions)
    const [some, more] = [await run({ epsilon: 0.3 }), await run({ epsilon: 3 })]
    expect(some.accuracy.value).toBeLessThan(0.75)
    expect(some.accuracy.value).toBeGreaterThan(more.accuracy.value)
    expect(more.accuracy.value).toBe(0)
    expect([some.cleanAccuracy, more.cleanAccuracy]).toEqual([0.75, 0.75])
    expect(AdversarialAccuracy.parse(JSON.parse(JSON.stringify(some)))).toEqual(some)
  })

  test('stays inside the ball', async () => {
    const { distances } = await run({ norm: 'Linf', epsilon: 4 / 255 })
    expect(distances).toHaveLength(count)
    for (const distance of distances) {
      expect(distance).toBeGreaterThan(3 / 255)
      expect(distance).toBeLessThanOrEqual(4 / 255 + 1e-6)
    }
  })

  test('attacks the same images whatever the seed, in the order of the data', async () => {
    const [first, second] = [await run({ images: 10 }), await run({ images: 10 }, 9)]
    expect(first.perImage.names).toEqual(second.perImage.names)
    expect(first.images).toBe(10)
    const places = first.perImage.names.map(Number)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toEqual([...places.keys()])
    for (const [i, place] of places.entries()) expect(first.perImage.labels[i]).toBe(labels[place])
  })

  test('follows class names, not numbers', async () => {
    const order = [3, 1, 4, 0, 2]
    const renamed: Dataset = {
      ...memoryDataset(
        'renamed',
        images,
        labels.map(label => order.indexOf(label)),
        5,
      ),
      classes: order.map(k => classes[k]!),
    }
    const [direct, mapped] = [await run({}), await run({ data: renamed })]
    expect(mapped.accuracy).toEqual(direct.accuracy)
    expect(mapped.perImage.decisions.map(k => order[k])).toEqual(direct.perImage.decisions)
  })

  test('puts everything that matters into its options', () => {
    expect(adversarialAccuracy({ data, norm: 'L2', epsilon: 2, images: 500 }).options).toEqual({
      attack: 'pgd',
      norm: 'L2',
      epsilon: 2,
      steps: 20,
      stepSize: 0.25,
      restarts: 1,
      images: count,
    })
    expect(() => adversarialAccuracy({ data, norm: 'L2', epsilon: 2, images: 0 })).toThrow('found 0')
  })
})
