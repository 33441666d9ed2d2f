import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTrialFolders } from '../../../../src/data/trial-files.node.ts'
import type { Trial } from '../../../../src/data/trials.ts'
import { agreement } from '../../../../src/probe/consistency/agreement.ts'
import { benchmark } from '../../../../src/probe/consistency/benchmark.ts'
import { observerBiases } from '../../../../src/probe/consistency/consistency.ts'
import { experimentOf, imageId } from '../../../../src/probe/consistency/experiment.ts'
import { consistencyMatrix } from '../../../../src/probe/consistency/matrix.ts'
import { Random } from '../../../../src/tensor/random.ts'

// Made by the toolbox model-vs-human from its own raw data, see scripts/fixtures/people.py.
interface Golden {
  table: Record<string, Record<string, number>>
  observations: { dataset: string; condition: string | null; images: number; right: Record<string, string> }[]
}
const golden: Golden = JSON.parse(readFileSync('test/fixtures/people/benchmark.json', 'utf8'))
const options = (resamples = 20) => ({ random: new Random(0), resamples })

/** Trials in which everybody is right and wrong where the fixture says so. */
function trialsOf(dataset: string): Trial[] {
  return golden.observations
    .filter(part => part.dataset === dataset)
    .flatMap(({ condition, images, right }) =>
      Object.entries(right).flatMap(([subject, digits]) =>
        Array.from({ length: images }, (_, i) => {
          const hit = (Number.parseInt(digits[Math.floor(i / 4)]!, 16) >> (3 - (i % 4))) & 1
          return trial(subject, `p${String(i).padStart(4, '0')}.png`, hit ? 'cat' : 'dog', condition ?? '0')
        }),
      ),
    )
}

function trial(subject: string, image: string, response: string, condition = '0', category = 'cat'): Trial {
  return { subject, session: 1, trial: 1, reactionTime: Number.NaN, response, category, condition, image }
}

const published = [...new Set(golden.observations.map(({ dataset }) => dataset))]
const experiments = published.map(dataset => experimentOf(dataset, trialsOf(dataset)))

describe('the benchmark of people and networks', () => {
  const result = benchmark(experiments, options())
  const row = (observer: string) => result.rows.find(found => found.observer === observer)!

  test.each([
    // benchmark_table_humanlike.tex and benchmark_table_accuracy.tex of the toolbox: difference, observed, error
    // consistency, mean rank, accuracy.
    ['simclr-resnet50x1', '0.080', '0.667', '0.179', '1.333', '0.596'],
    ['resnet50', '0.087', '0.665', '0.208', '1.667', '0.559'],
    ['bagnet33', '0.156', '0.567', '0.137', '3.000', '0.398'],
  ])('gives the published figures of %s', (name, difference, observed, kappa, rank, accuracy) => {
    const found = row(name)
    expect(found.accuracyDifference.value.toFixed(3)).toBe(difference)
    expect(found.observedConsistency.value.toFixed(3)).toBe(observed)
    expect(found.errorConsistency.value.toFixed(3)).toBe(kappa)
    expect(found.meanRank?.toFixed(3)).toBe(rank)
    expect(found.accuracy.value.toFixed(3)).toBe(accuracy)
  })

  test.each(Object.entries(golden.table))('equals the toolbox for %s', (name, expected) => {
    const found = row(name === 'humans' ? 'people' : name.replaceAll('_', '-'))
    expect(found.accuracy.value).toBeCloseTo(expected.accuracy!, 12)
    expect(found.accuracyDifference.value).toBeCloseTo(expected['accuracy difference']!, 12)
    expect(found.observedConsistency.value).toBeCloseTo(expected['observed consistency']!, 12)
    expect(found.errorConsistency.value).toBeCloseTo(expected['error consistency']!, 12)
  })

  test('counts pictures and people, ranks networks, and puts people last', () => {
    expect(result.datasets).toHaveLength(17)
    expect(result.datasets.find(({ name }) => name === 'contrast')).toEqual({
      name: 'contrast',
      conditions: 5,
      images: 800,
      people: 4,
    })
    expect(result.rows.map(({ observer }) => observer)).toEqual([
      'simclr-resnet50x1',
      'resnet50',
      'bagnet33',
      'people',
    ])
  })

  test('has intervals that hold the values they belong to and shrink with more pictures', () => {
    const whole = benchmark(experiments, options(200)).rows[0]!.accuracy
    const few = benchmark([experimentOf('edge', trialsOf('edge'))], options(200)).rows[0]!.accuracy
    for (const { value, low, high } of [whole, few]) {
      expect(low).toBeLessThan(value)
      expect(high).toBeGreaterThan(value)
    }
    expect(whole.high - whole.low).toBeLessThan(few.high - few.low)
  })

  test('leaves out what not everybody did, and says so', () => {
    const own = experimentOf('own', [trial('resnet50', 'a.png', 'cat')])
    expect(benchmark([...experiments, own], options(1)).leftOut).toEqual(['own'])
    expect(() => benchmark([own], options(1))).toThrow(
      'no data set has answers of people and of every network',
    )
  })
})

describe('trials', () => {
  const edge = readTrialFolders(['test/fixtures/people/edge'])
  const expected: {
    subjects: string[]
    accuracy: number[]
    pairs: Record<'expected-consistency' | 'observed-consistency' | 'error-consistency', number>[][]
  } = JSON.parse(readFileSync('test/fixtures/people/matrix.json', 'utf8'))

  test('of people and networks, read from the published CSV files, agree as the toolbox says', () => {
    const [{ dataset, trials } = { dataset: '', trials: [] }] = edge
    const { observers, accuracies, images, pairs } = consistencyMatrix(
      experimentOf(dataset, trials),
      options(),
    )
    expect([dataset, images]).toEqual(['edge', 48])
    const place = (name: string) => expected.subjects.indexOf(name)
    for (const [i, name] of observers.entries()) expect(accuracies[i]).toBe(expected.accuracy[place(name)])
    expect(pairs).toHaveLength(15)
    for (const { first, second, observed, expected: byChance, errorConsistency } of pairs) {
      const theirs = expected.pairs[place(first)]![place(second)]!
      expect(observed).toBeCloseTo(theirs['observed-consistency'], 12)
      expect(byChance).toBeCloseTo(theirs['expected-consistency'], 12)
      expect(errorConsistency.value).toBeCloseTo(theirs['error-consistency'], 12)
    }
  })

  test('name their pictures whoever saw them', () => {
    expect(imageId('0000_cl_s01_bw_boat_40_n02951358_5952.JPEG')).toBe('n02951358_5952.JPEG')
    expect(imageId('0001_edg_s01_0_oven_00_oven10.png')).toBe('oven10.png')
    expect(imageId('oven/oven10.png')).toBe('oven10.png')
  })

  test('that cannot be compared are refused', () => {
    const both = [trial('subject-01', 'a.png', 'cat'), trial('net', 'a.png', 'dog')]
    expect(() => experimentOf('edge', [...both, trial('net', 'a.png', 'cat')])).toThrow(
      'net answers twice on a.png of edge',
    )
    expect(() => experimentOf('edge', [...both, trial('net', 'b.png', 'cat')])).toThrow(
      'subject-01 saw 1 of the 2 pictures of edge that others saw (not b.png)',
    )
    const turned = [trial('subject-01', 'a.png', 'cat', '90'), trial('net', 'a.png', 'cat', '180')]
    expect(() => experimentOf('rotation', turned)).toThrow('net has no trials under condition 90 of rotation')
  })

  test('count only the conditions of the published benchmark', () => {
    const names = experimentOf('rotation', [
      trial('subject-01', 'a.png', 'cat', '0'),
      trial('subject-01', 'a.png', 'cat', '90'),
    ]).conditions.map(({ condition }) => condition)
    expect(names).toEqual(['90'])
    const blurred = [
      trial('subject-01', 'a.png', 'cat', '3'),
      trial('net', 'a.png', 'cat', '3.0'),
      trial('net', 'b.png', 'cat', '0.4'),
    ]
    expect(experimentOf('high-pass', blurred).conditions).toMatchObject([
      { condition: '3.0', images: ['a.png'] },
    ])
    // People's CSV files write `false`, networks' `False`.
    const colours = [
      trial('subject-01', 'a.png', 'cat', 'false'),
      trial('net', 'a.png', 'cat', 'False'),
      trial('net', 'b.png', 'cat', 'True'),
    ]
    expect(experimentOf('false-colour', colours).conditions).toMatchObject([
      { condition: 'False', images: ['a.png'] },
    ])
  })
})

describe('agreement', () => {
  const answers = fc.array(fc.tuple(fc.nat(1), fc.nat(1), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 60,
  })

  test('is symmetric, 1 with oneself, and counts a weight as so many pictures', () => {
    fc.assert(
      fc.property(answers, list => {
        const side = (k: 0 | 1) => Uint8Array.from(list, row => row[k])
        const weights = Uint32Array.from(list, row => row[2])
        const there = agreement(side(0), side(1), weights)
        expect(agreement(side(1), side(0), weights).errorConsistency).toBeCloseTo(there.errorConsistency, 12)
        expect(agreement(side(0), side(0)).errorConsistency).toBe(1)
        const many = (k: 0 | 1) => Uint8Array.from(list.flatMap(row => Array(row[2]).fill(row[k])))
        const spelt = agreement(many(0), many(1))
        expect(spelt.observed).toBeCloseTo(there.observed, 12)
        expect(spelt.errorConsistency).toBeCloseTo(there.errorConsistency, 9)
        expect(there.errorConsistency).toBeLessThanOrEqual(1)
        expect(there.errorConsistency).toBeGreaterThanOrEqual(-1 - 1e-9)
      }),
    )
  })
})

test('shape bias by observer equals the toolbox, people pooled', () => {
  // Every decision of ten people and three networks on the cue conflicts, one letter each: scripts/fixtures/probe.py.
  const raw: {
    classes: string[]
    shapes: string
    textures: string
    observers: Record<string, { decisions: string }>
  } = JSON.parse(readFileSync('test/fixtures/probe/cue-conflict.json', 'utf8'))
  const theirs: Record<string, { overall: number; categories: Record<string, number> }> = JSON.parse(
    readFileSync('test/fixtures/people/shape-bias.json', 'utf8'),
  )
  const named = (letter: string) => raw.classes[letter.charCodeAt(0) - 97] ?? 'na'
  const trials = Object.entries(raw.observers).flatMap(([observer, { decisions }]) =>
    [...decisions].map((decision, i) => {
      const [shape, texture] = [named(raw.shapes[i]!), named(raw.textures[i]!)]
      return trial(observer, `${shape}1-${texture}${i}.png`, named(decision), '0', shape)
    }),
  )
  const biases = observerBiases(trials, options())
  const people = biases.at(-1)!
  expect(people.observer).toBe('people')
  expect(people.shapeBias?.value).toBeCloseTo(theirs.humans!.overall, 12)
  expect(people.shapeBias?.value).toBeCloseTo(9236 / 9634, 12)
  for (const { name, shapeBias } of people.categories)
    expect(shapeBias).toBeCloseTo(theirs.humans!.categories[name]!, 12)
})

test('an observer that never decides for either cue has no shape bias', () => {
  const trials = ['cat', 'dog'].map(shape => trial('net', `${shape}1-bird2.png`, 'na', '0', shape))
  const [bias] = observerBiases([...trials, trial('net', 'bird1-cat1.png', 'dog', '0', 'bird')], options())
  expect(bias).toMatchObject({ trials: 3, shapeBias: null })
})
