import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CueConflictDataset } from '../../../src/data/dataset.ts'
import { sixteenIndices } from '../../../src/data/imagenet.ts'
import {
  compareShapeBias,
  noShapeBias,
  ShapeBias,
  shapeBias,
  shapeBiasOf,
} from '../../../src/probe/shape-bias.ts'
import { wilson } from '../../../src/probe/statistics.ts'
import { readTrials, trialsPath, writeTrials } from '../../../src/probe/trials.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { stubClassifier } from '../../support/stub-classifier.ts'

// Decisions of people and networks by Geirhos et al. (2019), see scripts/fixtures/probe.py.
const golden: {
  classes: string[]
  shapes: string
  textures: string
  observers: Record<string, { decisions: string; shapeHits: number; textureHits: number }>
} = JSON.parse(readFileSync('test/fixtures/probe/cue-conflict.json', 'utf8'))
const { classes } = golden
const indices = (letters: string) => [...letters].map(c => (c === '-' ? -1 : c.charCodeAt(0) - 97))
const names = [...golden.shapes].map((_, i) => `image ${i}`)
const options = () => ({ random: new Random(0), resamples: 100 })
const measured = (observer: string) =>
  shapeBiasOf(
    {
      names,
      shapes: indices(golden.shapes),
      textures: indices(golden.textures),
      decisions: indices(golden.observers[observer]!.decisions),
    },
    classes,
    options(),
  )

describe('the decisions of Geirhos et al.', () => {
  test.each(Object.keys(golden.observers))('%s', observer => {
    const { shapeHits, textureHits } = golden.observers[observer]!
    const result = measured(observer)
    expect(result.hits).toEqual({
      shape: shapeHits,
      texture: textureHits,
      other: 1200 - shapeHits - textureHits,
    })
    const { value, low, high } = result.shapeBias!
    expect(value).toBe(shapeHits / (shapeHits + textureHits))
    expect(low).toBeLessThan(value)
    expect(high).toBeGreaterThan(value)
  })

  test('people pool to 9236 of 9634, subject-01 to 829 of 862, AlexNet to 42.9 %', () => {
    const people = Object.keys(golden.observers).filter(name => name.startsWith('subject'))
    const hits = people.map(name => measured(name).hits)
    const shape = hits.reduce((sum, h) => sum + h.shape, 0)
    const texture = hits.reduce((sum, h) => sum + h.texture, 0)
    expect([shape, shape + texture]).toEqual([9236, 9634])
    expect(measured('subject-01').hits).toMatchObject({ shape: 829, texture: 862 - 829 })
    expect(measured('alexnet').shapeBias?.value).toBeCloseTo(0.429, 3)
  })

  test('categories and confusions add up to the whole', () => {
    const { categories, confusions, hits } = measured('alexnet')
    for (const kind of ['shape', 'texture', 'other'] as const) {
      expect(categories.reduce((sum, c) => sum + c.hits[kind], 0)).toBe(hits[kind])
    }
    expect(confusions.flat().reduce((a, b) => a + b, 0)).toBe(1200)
    expect(confusions.map((row, i) => row[i])).toEqual(categories.map(c => c.hits.shape))
  })

  test('the interval is about as wide as theory says', () => {
    // alexnet: 283 of 659; standard error sqrt(p (1 - p) / 659) = .0193
    const result = shapeBiasOf(measured('alexnet').perImage, classes, {
      random: new Random(5),
      resamples: 2000,
    })
    const { low, high } = result.shapeBias!
    expect((high - low) / (2 * 1.96 * 0.0193)).toBeGreaterThan(0.93)
    expect((high - low) / (2 * 1.96 * 0.0193)).toBeLessThan(1.07)
  })
})

/** Images of one pixel: red names the shape, green the texture (as class / 100). */
function conflicts(pairs: readonly (readonly [shape: number, texture: number])[]): CueConflictDataset {
  const images = pairs.flatMap(([shape, texture]) => [shape / 100, texture / 100, 0])
  const labels = Int32Array.from(pairs, ([shape]) => shape)
  const data = memoryDataset('pairs', float32([pairs.length, 3, 1, 1], images), labels, classes.length)
  return { ...data, classes, textures: Int32Array.from(pairs, ([, texture]) => texture) }
}
const oneHot = (count: number, at: number) => Array.from({ length: count }, (_, i) => (i === at ? 5 : 0))
const cueOf = (pixels: Float32Array, channel: number) => Math.round(100 * pixels[channel]!)
const context = { random: new Random(0), progress: silent }

describe('two observers on the same images', () => {
  const compare = (first: string, second: string) =>
    compareShapeBias(measured(first), measured(second), { random: new Random(0), resamples: 400 })

  test('differ where people are laid beside a network', () => {
    const { difference, n, p } = compare('subject-01', 'alexnet')!
    expect(difference.value).toBeCloseTo(
      measured('subject-01').shapeBias!.value - measured('alexnet').shapeBias!.value,
      12,
    )
    expect(difference.low).toBeGreaterThan(0.4)
    expect(n).toBe(1200)
    expect(p).toBe(1 / 401)
  })

  test('do not differ from themselves', () => {
    expect(compare('alexnet', 'alexnet')).toMatchObject({ difference: { value: 0, low: 0, high: 0 }, p: 1 })
  })

  test('must have seen the same images', () => {
    const other = { ...measured('alexnet') }
    other.perImage = { ...other.perImage, names: names.map(name => `other ${name}`) }
    expect(() => compareShapeBias(measured('alexnet'), other, options())).toThrow(
      'a comparison needs the same images, found image 0 and other image 0 in place 1',
    )
  })
})

describe('the probe', () => {
  const pairs = [
    [0, 1],
    [2, 3],
    [4, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ] as const

  test('counts decisions of a network with the classes by name, in another order', async () => {
    const reversed = classes.toReversed()
    // Decides by texture for odd textures below 6, by shape for shape 5, for class 15 otherwise.
    const model = stubClassifier(reversed, 1, pixels => {
      const [shape, texture] = [cueOf(pixels, 0), cueOf(pixels, 1)]
      const decision = texture % 2 === 1 && texture < 6 ? texture : shape === 5 ? shape : 15
      return oneHot(16, 15 - decision)
    })
    const result = await shapeBias({ data: conflicts(pairs), resamples: 100 }).run({ model, ...context })
    expect(result.hits).toEqual({ shape: 1, texture: 2, other: 2 })
    expect(result.images).toBe(5)
    expect(result.shapeBias?.value).toBeCloseTo(1 / 3, 12)
    expect(result.perImage.decisions).toEqual([1, 3, 5, 15, 15])
    expect(ShapeBias.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  })

  test('lets an ImageNet network decide among sixteen by mean probability', async () => {
    const wnids = Array.from({ length: 1000 }, (_, i) => `wnid ${i}`)
    // One dog class is highest, but the mean over all dogs is lower than that of the single airplane class.
    const model = stubClassifier(wnids, 1, () => {
      const logits = new Array<number>(1000).fill(0)
      logits[sixteenIndices[classes.indexOf('dog')]![0]!] = 3
      logits[sixteenIndices[classes.indexOf('airplane')]![0]!] = 2
      return logits
    })
    const data = conflicts([[0, 10]])
    const result = await shapeBias({ data, resamples: 100 }).run({ model, ...context })
    expect(result.perImage.decisions).toEqual([0])
  })

  test('says when classes do not fit', async () => {
    const foreign = stubClassifier(['apple', 'pear'], 1, () => [1, 0])
    await expect(shapeBias({ data: conflicts(pairs) }).run({ model: foreign, ...context })).rejects.toThrow(
      'stub does not know 16 of the 16 classes of the data (airplane, bear, bicycle, bird, ...); its 2 classes are apple, pear',
    )
  })

  test('finds none, and nothing to compare with, where no decision was for a cue', async () => {
    const of = (decision: number) =>
      shapeBias({ data: conflicts(pairs), resamples: 100 }).run({
        model: stubClassifier(classes, 1, () => oneHot(16, decision)),
        ...context,
      })
    const [neither, shapes] = [await of(15), await of(5)]
    expect(neither).toMatchObject({ shapeBias: null, images: 5, hits: { shape: 0, texture: 0, other: 5 } })
    expect(ShapeBias.parse(JSON.parse(JSON.stringify(neither)))).toEqual(neither)
    expect(noShapeBias(neither.images)).toBe('not measurable: 0 of 5 decisions for shape or texture')
    // One decision, for the shape: no certainty.
    expect(shapes.shapeBias).toMatchObject({ value: 1, low: wilson(1, 1).low, high: 1 })
    expect(compareShapeBias(shapes, neither, options())).toBeNull()
    expect(compareShapeBias(neither, shapes, options())).toBeNull()
  })

  test('stops when told to', async () => {
    const model = stubClassifier(classes, 1, () => oneHot(16, 0))
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(shapeBias({ data: conflicts(pairs) }).run({ model, ...context, signal })).rejects.toThrow(
      'stop',
    )
  })
})

describe('trials', () => {
  test('of the original experiment are read', () => {
    const csv = readFileSync('test/fixtures/probe/subject-01-head.csv', 'utf8')
    const trials = readTrials(csv, classes)
    const [first] = trials.names
    expect(first).toBe('0002_s5n_s01_0_bird_00_bird2-clock3.png') // the first row, bird3-bird2, has one cue
    expect([trials.shapes[0], trials.textures[0], trials.decisions[0]].map(i => classes[i!])).toEqual([
      'bird',
      'clock',
      'bird',
    ])
    const sameCue = csv.split('\n').filter(line => /([a-z]+)\d+-\1\d+\.png/.test(line)).length
    expect(trials.names).toHaveLength(40 - sameCue)
  })

  test('come back from what was written', () => {
    const perImage = {
      names: ['cat/cat1-bird3.png', 'dog/dog2-truck1.png'],
      shapes: [7, 10],
      textures: [3, 15],
      decisions: [3, -1],
    }
    const csv = writeTrials({ perImage, classes }, 'my_net')
    expect(csv).toBe(
      'subj,session,trial,rt,object_response,category,condition,imagename\n' +
        'my-net,1,1,NaN,bird,cat,0,cat1-bird3.png\nmy-net,1,2,NaN,na,dog,0,dog2-truck1.png\n',
    )
    expect(readTrials(csv, classes)).toEqual({ ...perImage, names: ['cat1-bird3.png', 'dog2-truck1.png'] })
    expect(trialsPath('cue-conflict', 'my_net')).toBe(
      'raw-data/cue-conflict/cue-conflict_my-net_session-1.csv',
    )
  })

  test('say what is wrong with them', () => {
    expect(() => readTrials('subj,trial\n', classes, 'a.csv')).toThrow('a.csv lacks the columns session, rt')
    const header = 'subj,session,trial,rt,object_response,category,condition,imagename'
    expect(() => readTrials(`${header}\nx,1,1,NaN,cat,cat,0,cat.png\n`, classes, 'a.csv')).toThrow(
      'row 2 of a.csv does not name a cue-conflict image',
    )
  })
})
