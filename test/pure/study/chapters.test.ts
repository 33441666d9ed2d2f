// What chapters make of answers whose truth is known: their numbers, and the verdict on each claim when the truth is
// as the paper has it, when there is no difference, when it is the other way round, and when seeds of training differ.

import { describe, expect, test } from 'vitest'
import type { Ablation } from '../../../src/probe/ablation/ablation.ts'
import { type Accuracy, accuracyOf } from '../../../src/probe/accuracy.ts'
import type { ActivationSmoothness } from '../../../src/probe/activation-smoothness.ts'
import type { Dissection } from '../../../src/probe/dissection/dissection.ts'
import type { Diversity } from '../../../src/probe/diversity/diversity.ts'
import type { GradientMasking } from '../../../src/probe/gradient-masking.ts'
import type { Smoothness } from '../../../src/probe/smoothness.ts'
import { wilson } from '../../../src/probe/statistics.ts'
import type { Chapter } from '../../../src/study/chapter.ts'
import { ablation } from '../../../src/study/chapters/ablation.ts'
import { activations } from '../../../src/study/chapters/activations.ts'
import { concepts } from '../../../src/study/chapters/concepts.ts'
import { distortions } from '../../../src/study/chapters/distortions.ts'
import { diversity } from '../../../src/study/chapters/diversity.ts'
import { masking } from '../../../src/study/chapters/masking.ts'
import { smoothness } from '../../../src/study/chapters/smoothness.ts'
import type { Verdict } from '../../../src/study/claim.ts'
import type { Role } from '../../../src/study/pair.ts'
import { findingsOf, type Plant, planted, pooledOf } from '../../support/planted-answers.ts'

const around = (value: number, half = 0) => ({ value, low: value - half, high: value + half })
const unused = around(0)
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** How far S and R are apart in the direction that the paper reports. */
interface Truth {
  readonly standard: number
  readonly robust: number
}

/** A claim, how answers are made from a truth, and truths for each verdict. */
interface Case {
  readonly id: string
  readonly chapter: Chapter
  readonly settings?: object
  readonly plant: (truth: Truth) => Plant
  readonly asInPaper: Truth
  readonly alike: Truth
}

const layers = ['conv1', 'conv2']

/** Of each layer's 100 units the first `count[category]` detect the category, IoU .2; the others nothing, .03. */
function dissectionOf(count: Readonly<Record<string, number>>): Dissection {
  const detecting = Object.entries(count).flatMap(([category, n]) => range(n).map(() => category))
  const score = (category: string, concept: string, iou: number) => ({
    ...{ category, concept, iou },
    ...{ intersection: 0, truth: 0, activation: 0 },
  })
  return {
    ...{ images: 50, quantile: 0.995, rules: 'definition', minimumIou: 0.04 },
    layers: layers.map(layer => ({
      ...{ layer, detectors: detecting.length, concepts: 0, thresholdError: 0, categories: [] },
      units: range(100).map(channel => ({
        ...{ channel, threshold: 1, top: [] },
        scores:
          channel < detecting.length
            ? [score(detecting[channel]!, `${detecting[channel]} ${channel % 3}`, 0.2)]
            : [score('object', 'object 9', 0.03)],
      })),
    })),
  }
}

const detectors = (category: string) => (truth: Truth) => (role: Role) =>
  dissectionOf({ [category]: truth[role] })

/** Kernels of which the first layer and all together have these total variations. */
function smoothnessOf(first: number, network: number): Smoothness {
  const measured = (value: number) => ({
    raw: unused,
    unitNorm: around(value, 0.1),
    folded: unused,
  })
  const perUnit = { raw: [0, 0], unitNorm: [first, first], folded: [0, 0] }
  return {
    layers: layers.map((layer, i) => ({
      ...{ layer, units: 2, kernel: [3, 3], perUnit },
      ...measured(i === 0 ? first : network),
    })),
    network: measured(network),
  }
}

/**
 * Of 100 channels so many get rougher by a quarter of what S's maps vary on the mean. R's own maps vary ten times
 * less: held against themselves, every channel would pass the noise.
 */
function activationsOf(role: Role, passing: number): ActivationSmoothness {
  const level = role === 'standard' ? 10 : 1
  const clean = range(100).map(() => level)
  const noisy = range(100).map(channel => level + (channel < passing ? 2.5 : 1.5))
  return {
    ...{ images: 50, sigma: 0.08 },
    layers: layers.map(layer => ({
      ...{ layer, clean: around(level), noisy: around(level) },
      channels: { clean, noisy },
    })),
  }
}

/** Units of this mean likeness, spread a little; every tenth is silent. */
function diversityOf(similarity: number): Diversity {
  const units = range(100).map(channel => {
    const value = channel % 10 === 9 ? null : similarity + 0.02 * ((channel % 3) - 1)
    const rest = value === null ? null : 1
    return {
      ...{ channel, images: [], similarity: value },
      ...{ featureDistance: rest, labelEntropy: rest, colourEntropy: rest },
    }
  })
  const estimates = { similarity: around(similarity), featureDistance: around(1) }
  return {
    ...{ images: 500, top: 25, features: 'own' },
    layers: layers.map(layer => ({
      ...{ layer, ...estimates, labelEntropy: around(1), colourEntropy: around(1), silent: 10, units },
    })),
  }
}

/** Of each layer's 100 units so many are needed for both cues, the next ten for shape alone. */
function ablationOf(both: number): Ablation {
  const use = (channel: number) => ({
    channel,
    shape: channel < both + 10 ? 3 : 0,
    texture: channel < both ? 2 : 0,
    shapeBias: 0.5 - channel / 1000,
    shapeBiasChange: around(channel === 42 ? 0.2 : -channel / 1000, 0.01),
    lost: [channel, 1],
    gained: [0, 5],
    changed: [channel % 4, 0, 8],
  })
  return {
    mode: 'zero',
    intact: { images: 240, shape: 100, texture: 100, shapeBias: 0.5 },
    conditions: [
      { name: 'clean', images: 200, right: 190 },
      { name: 'attacked', images: 200, right: 60 },
    ],
    concepts: [
      { concept: 'dog', category: 'object', images: 10 },
      { concept: 'dots', category: 'texture', images: 20 },
      { concept: 'red', category: 'color', images: 40 },
    ],
    layers: layers.map(layer => ({
      ...{ layer, groups: [], forShape: unused, forTexture: unused, forBoth: unused },
      units: range(100).map(use),
    })),
  }
}

/** Of 200 images, all of them right when clean, the first so many stay right. */
function accuracies(
  right: (label: string) => number,
): (role: Role, probe: string, label: string) => Accuracy {
  return (_, __, label) => {
    const names = range(200).map(i => `image ${i}`)
    const labels = range(200).map(() => 0)
    const kept = label === 'clean' ? 200 : right(label)
    return accuracyOf({ names, labels, decisions: labels.map((_label, i) => (i < kept ? 0 : 1)) }, ['0', '1'])
  }
}

const onDistortion =
  (condition: string) =>
  (truth: Truth): Plant =>
  (role, probe, label) =>
    accuracies(asked => (asked === condition ? truth[role] : 100))(role, probe, label)

const cases: readonly Case[] = [
  {
    id: 'colour-detectors',
    chapter: concepts as Chapter,
    plant: detectors('color'),
    asInPaper: { standard: 2, robust: 20 },
    alike: { standard: 10, robust: 11 },
  },
  {
    id: 'texture-detectors',
    chapter: concepts as Chapter,
    plant: detectors('texture'),
    asInPaper: { standard: 20, robust: 50 },
    alike: { standard: 20, robust: 22 },
  },
  {
    id: 'object-detectors',
    chapter: concepts as Chapter,
    plant: detectors('object'),
    asInPaper: { standard: 60, robust: 20 },
    alike: { standard: 60, robust: 58 },
  },
  {
    id: 'smooth-first-layer',
    chapter: smoothness as Chapter,
    plant: truth => role => smoothnessOf(truth[role], 3),
    asInPaper: { standard: 7.5, robust: 6.5 },
    alike: { standard: 7.5, robust: 7.4 },
  },
  {
    id: 'smooth-network',
    chapter: smoothness as Chapter,
    plant: truth => role => smoothnessOf(7, truth[role]),
    asInPaper: { standard: 3.8, robust: 3.2 },
    alike: { standard: 3.5, robust: 3.6 },
  },
  {
    id: 'blocks-noise',
    chapter: activations as Chapter,
    plant: truth => role => activationsOf(role, truth[role]),
    asInPaper: { standard: 80, robust: 20 },
    alike: { standard: 50, robust: 52 },
  },
  {
    id: 'fewer-types',
    chapter: diversity as Chapter,
    plant: truth => role => diversityOf(truth[role]),
    asInPaper: { standard: 0.11, robust: 0.14 },
    alike: { standard: 0.11, robust: 0.1101 },
  },
  {
    id: 'needed-for-both',
    chapter: ablation as Chapter,
    plant: truth => role => ablationOf(truth[role]),
    asInPaper: { standard: 20, robust: 60 },
    alike: { standard: 40, robust: 42 },
  },
  {
    id: 'ood-texture',
    chapter: distortions as Chapter,
    settings: { stylised: 0 },
    plant: onDistortion('black and white'),
    asInPaper: { standard: 90, robust: 150 },
    alike: { standard: 120, robust: 122 },
  },
  {
    id: 'ood-shape',
    chapter: distortions as Chapter,
    settings: { stylised: 0 },
    plant: onDistortion('quarters exchanged'),
    asInPaper: { standard: 150, robust: 90 },
    alike: { standard: 120, robust: 121 },
  },
]

const swapped = ({ standard, robust }: Truth): Truth => ({ standard: robust, robust: standard })

describe.each(cases)('$id', ({ id, chapter, settings = {}, plant, asInPaper, alike }) => {
  const verdict = (truth: Truth) => findingsOf(chapter, settings, plant(truth))[id]?.verdict
  const overSeeds = (...truths: readonly Truth[]) =>
    pooledOf(chapter, settings, truths.map(plant)).findings[id]
  /** The same truth, the distance between both networks a little smaller. */
  const nearly = ({ standard, robust }: Truth): Truth => ({
    standard,
    robust: Number(
      (robust - 0.05 * (robust - standard)).toFixed(chapter === smoothness || chapter === diversity ? 4 : 0),
    ),
  })

  test('follows what was planted', () => {
    expect(verdict(asInPaper)).toBe('reproduced')
    expect(verdict(alike)).toBe('not at this size')
    expect(verdict(swapped(asInPaper))).toBe('reversed')
  })

  test('over seeds that agree', () => {
    expect(overSeeds(asInPaper, nearly(asInPaper), asInPaper)?.verdict).toBe('reproduced')
    const turned = swapped(asInPaper)
    expect(overSeeds(turned, nearly(turned), turned)?.verdict).toBe('reversed')
    expect(overSeeds(alike, swapped(alike), alike)?.verdict).toBe('not at this size')
  })

  test('over seeds that contradict each other', () => {
    const found = overSeeds(asInPaper, asInPaper, swapped(asInPaper))
    expect(found?.verdict).toBe('not at this size')
    expect(found?.sentence).toMatch(/; reproduced in seeds 0 and 1, reversed in seed 2$/)
  })
})

describe('the verdict on a bias', () => {
  const biasOf = (chapter: Chapter, ...plants: readonly Plant[]) => pooledOf(chapter, {}, plants).biases
  const concept = (color: Truth, texture: Truth, object: Truth) => (role: Role) =>
    dissectionOf({ color: color[role], texture: texture[role], object: object[role] })
  const [more, fewer, same] = [
    { standard: 5, robust: 25 },
    { standard: 25, robust: 5 },
    { standard: 15, robust: 15 },
  ]

  test.each<[string, Truth, Truth, Truth, Verdict]>([
    ['all three as in the paper', more, more, fewer, 'reproduced'],
    ['textures against it', more, fewer, fewer, 'not at this size'],
    ['one as in the paper, nothing else', same, same, fewer, 'not at this size'],
    ['one against it, nothing else', same, fewer, same, 'reversed'],
    ['nothing', same, same, same, 'not at this size'],
  ])('of concepts: %s', (_, color, texture, object, wanted) => {
    const plant = concept(color, texture, object)
    expect(biasOf(concepts as Chapter, plant, plant, plant)).toEqual({ concepts: wanted })
  })

  test('of kernels over the whole network, whatever the first layer does', () => {
    const rougher: Plant = role => (role === 'standard' ? smoothnessOf(7.5, 3.2) : smoothnessOf(6.5, 3.8))
    expect(biasOf(smoothness as Chapter, rougher, rougher)).toEqual({ smoothness: 'reversed' })
  })

  test('of seeds that contradict each other is none', () => {
    const [one, other]: [Plant, Plant] = [
      role => diversityOf(role === 'standard' ? 0.11 : 0.14),
      role => diversityOf(role === 'standard' ? 0.14 : 0.11),
    ]
    expect(biasOf(diversity as Chapter, one, other)).toEqual({ diversity: 'not at this size' })
  })
})

describe('summaries', () => {
  test('of concepts count units by the category of their best concept, and what they detect once', () => {
    const { summary, plan, answers } = planted(concepts, {}, role =>
      role === 'standard' ? dissectionOf({ color: 2, object: 30 }) : dissectionOf({ texture: 7 }),
    )
    expect(summary.units).toBe(200)
    expect(summary.categories.map(({ category, detectors: d, concepts: c }) => [category, d, c])).toEqual([
      ['color', { standard: 4, robust: 0 }, { standard: 2, robust: 0 }],
      ['object', { standard: 60, robust: 0 }, { standard: 3, robust: 0 }],
      ['texture', { standard: 0, robust: 14 }, { standard: 0, robust: 3 }],
    ])
    expect(summary.categories[1]!.standard).toEqual(wilson(60, 200))
    expect(summary.layers[1]!.categories[2]!.robust).toEqual(wilson(7, 100))
    const [{ units } = expect.fail()] = plan.units!(answers, 'robust')
    expect(units.map(({ detects }) => detects)).toEqual(range(100).map(channel => channel < 7))
  })

  test('of activations hold both networks against the maps of S', () => {
    const { summary } = planted(activations, {}, role => activationsOf(role, role === 'standard' ? 80 : 20))
    for (const { passing } of summary.layers) {
      expect(passing).toEqual({ standard: wilson(80, 100), robust: wilson(20, 100) })
    }
  })

  test('of diversity weigh live units alike and leave out layers that one network is silent in', () => {
    const silent = (answer: Diversity): Diversity => ({
      ...answer,
      layers: answer.layers.map((layer, i) => (i === 0 ? layer : { ...layer, similarity: null })),
    })
    const { summary } = planted(diversity, {}, role =>
      role === 'standard' ? diversityOf(0.2) : silent(diversityOf(0.3)),
    )
    expect(summary.layers.map(({ layer, units }) => [layer, units])).toEqual([['conv1', 100]])
    expect(summary.network.similarity.standard.value).toBeCloseTo(0.2, 12)
    expect(summary.network.similarity.robust.value).toBeCloseTo(0.3, 12)
    expect(summary.network.featureDistance.standard).toEqual(around(1))
    expect(summary.network.colourEntropy.robust).toEqual(around(1))
  })

  test('of diversity test R against S by permuting the units that live in both', () => {
    const apart = planted(diversity, {}, role => diversityOf(role === 'standard' ? 0.11 : 0.14)).summary
    for (const { difference } of apart.layers) {
      expect(difference?.difference.value).toBeCloseTo(0.03, 12)
      expect(difference?.n).toBe(90)
      expect(difference?.corrected).toBeLessThan(0.05)
      expect(difference?.corrected).toBeGreaterThan(difference?.p ?? 1)
    }
    expect(apart.layers.length).toBeGreaterThan(1)
    const alike = planted(diversity, {}, () => diversityOf(0.11)).summary
    expect(alike.layers.map(({ difference }) => difference?.corrected)).toEqual(alike.layers.map(() => 1))
  })

  test('of ablation: shares of needed units, and the units that move shape bias most with all they change', () => {
    const { summary, plan, answers } = planted(ablation, { strongest: 2 }, () => ablationOf(30), true)
    expect(summary.network.forShape.standard).toEqual(wilson(80, 200))
    expect(summary.network.forTexture.standard).toEqual(wilson(60, 200))
    expect(summary.network.forBoth.robust).toEqual(wilson(60, 200))
    expect(summary.layers[0]!.forBoth.robust).toEqual(wilson(30, 100))
    const strongest = summary.strongest.robust.map(({ layer, channel }) => [layer, channel])
    expect(strongest).toEqual([
      ['conv1', 42],
      ['conv2', 42],
    ])
    expect(summary.strongest.robust[0]).toMatchObject({
      change: around(0.2, 0.01),
      accuracy: [-42 / 200, 4 / 200],
      // Of ten images with a dog two are decided otherwise, of forty with red eight: equal shares keep their order.
      concepts: [
        { concept: 'dog', share: 0.2 },
        { concept: 'red', share: 0.2 },
      ],
    })
    const tables = plan.files!(answers)
    expect(Object.keys(tables)).toEqual(['ablation-S.csv', 'ablation-R.csv'])
    const [header, first] = tables['ablation-R.csv']!.split('\n')
    expect(header).toContain(
      'shape_bias_change,shape_bias_change_low,shape_bias_change_high,clean_change,attacked_change',
    )
    expect(header).toMatch(/object: dog,texture: dots,color: red$/)
    expect(first).toMatch(/^conv1,0,/)
  })

  test('of ablation: a study without evidence asks about cue-conflict images alone', () => {
    const options = (evidence: boolean) =>
      planted(ablation, {}, () => ablationOf(30), evidence).plan.tasks.map(({ identity }) => identity.options)
    const attack = { norm: 'L2', epsilon: 3, steps: 20 }
    for (const asked of options(true)) expect(asked).toMatchObject({ attack, distortions: [{ sigma: 0.1 }] })
    for (const asked of options(false)) expect(asked).not.toHaveProperty('attack')
  })

  test('of masking are each of their network, with the other as the source of foreign images', () => {
    const check = (name: GradientMasking['checks'][number]['name'], against: number) => ({
      ...{ name, against, of: 40, passed: against < 2 },
    })
    const { summary, plan } = planted(
      masking,
      {},
      (role): GradientMasking => ({
        ...{ norm: 'L2', epsilon: 3, images: 40, masked: role === 'robust' },
        checks: [check('gradient-there', role === 'robust' ? 12 : 0)],
        curve: [{ epsilon: 3, fallen: role === 'robust' ? 0.1 : 1 }],
      }),
      true,
    )
    expect([summary.standard.masked, summary.robust.masked]).toEqual([false, true])
    expect([summary.standard, summary.robust].map(({ checks }) => checks[0]!.against)).toEqual([0, 12])
    const sources = plan.tasks.map(({ identity: { models, options } }) => [models.model, options])
    expect(sources).toMatchObject([
      ['standard network', { surrogate: 'robust network', norm: 'L2', epsilon: 3 }],
      ['robust network', { surrogate: 'standard network', norm: 'L2', epsilon: 3 }],
    ])
    expect(() => planted(masking, {}, () => undefined)).toThrow('did not plan')
  })
})
