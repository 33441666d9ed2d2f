// A study with the prototype's numbers (design/emoji16.md), for tests of the report.

import { maskingChecks } from '../../../src/attack/index.ts'
import { biasesOf } from '../../../src/study/bias.ts'
import type { Summary } from '../../../src/study/chapters.ts'
import { headline } from '../../../src/study/claim.ts'
import type { Pair } from '../../../src/study/pair.ts'
import { findingsOf } from '../../../src/study/plan.ts'
import { poolFindings, type SeedRun } from '../../../src/study/seeds.ts'
import type { Study } from '../../../src/study/study.ts'
import { differenceOf } from '../../support/difference.ts'

const around = (value: number, half = 0.02) => ({
  value,
  low: Math.max(0, value - half),
  high: value + half,
})
const pair = (standard: number, robust: number, half?: number): Pair => ({
  standard: around(standard, half),
  robust: around(robust, half),
})
const names = { standard: 'S', robust: 'R' }
const categories =
  'airplane bear bicycle bird boat bottle car cat chair clock dog elephant keyboard knife oven truck'.split(
    ' ',
  )
const log = (epsilon: number, best: number) =>
  Array.from({ length: 8 }, (_, i) => ({
    epoch: i + 1,
    epsilon: Math.min(epsilon, (epsilon * (i + 1)) / 4),
    loss: 2.7 * 0.6 ** i + (epsilon > 0 ? 0.8 : 0.03),
    accuracy: best * (1 - 0.5 ** (i + 1)),
    validationAccuracy: best * (1 - 0.5 ** (i + 1)),
  }))
const picture = (name: string) => ({ task: 'ab'.repeat(32), name })

/** No sign of a hidden gradient. */
const maskingOf = (
  images: number,
  fallen: readonly number[],
): NonNullable<Summary['masking']>['standard'] => ({
  norm: 'L2',
  epsilon: 3,
  images,
  masked: false,
  checks: maskingChecks.map(name => ({ name, against: 0, of: images, passed: true })),
  curve: fallen.map((share, i) => ({ epsilon: 3 * 2 ** i, fallen: share })),
})

const alike = {
  similarity: pair(0.14, 0.19, 0.01),
  featureDistance: pair(0.31, 0.26),
  labelEntropy: pair(0.8, 1.6, 0.1),
  colourEntropy: pair(2.1, 2.4, 0.1),
}
const needed = { forShape: pair(0.7, 0.9), forTexture: pair(0.9, 0.4), forBoth: pair(0.6, 0.38) }

/** Detectors by category among 384 units, and a fraction of that. */
const detectors = (divisor: number) =>
  (
    [
      ['color', 1, 12],
      ['object', 232, 175],
      ['texture', 41, 17],
    ] as const
  ).map(([category, s, r]) => ({
    category,
    ...pair(s / 384, r / 384, 0.03),
    detectors: { standard: Math.round(s / divisor), robust: Math.round(r / divisor) },
    concepts: { standard: Math.min(s, 11), robust: Math.min(r, 9) },
  }))

type Layers = NonNullable<Summary['smoothness']>['layers']

function exampleSummary(layers: Layers): Summary {
  return {
    activations: {
      images: 400,
      sigma: 0.08,
      layers: layers.map(({ layer, units }, i) => ({
        layer,
        units,
        clean: pair(20 / (i + 1), 18 / (i + 1), 1),
        noisy: pair(31 / (i + 1), 19 / (i + 1), 1),
        passing: pair(0.8 - 0.1 * i, 0.1, 0.08),
      })),
    },
    concepts: {
      images: 1840,
      minimumIou: 0.04,
      quantile: 0.995,
      units: 384,
      categories: detectors(1),
      layers: layers.map(({ layer }) => ({ layer, units: 96, categories: detectors(4) })),
    },
    spectrum: {
      filters: { layer: 'conv1', units: 96, ...pair(0.3, 0.23, 0.07) },
      images: 100,
      layers: layers.map(({ layer }, i) => ({ layer, units: 96, ...pair(0.28, 0.22 + 0.04 * i) })),
      sensitivity: {
        images: 64,
        norm: 7.76,
        rows: [-32, 0, 32],
        columns: [0, 32],
        errors: {
          standard: [
            [0.02, 0],
            [0.3, 0.1],
            [0.02, 0.04],
          ],
          robust: [
            [0.12, 0.12],
            [0.14, 0.11],
            [0.12, 0.13],
          ],
        },
        clean: pair(0, 0.12),
        low: pair(0.14, 0.13),
        high: pair(0.01, 0.14),
        worst: {
          standard: { down: 0, across: 0, error: 0.3 },
          robust: { down: 0, across: 0, error: 0.14 },
        },
      },
    },
    visualisation: {
      steps: 16,
      layers: layers.map(({ layer }, i) => ({
        layer,
        units: 96,
        asleep: { standard: i === 1 ? 1 : 0, robust: 0 },
        shown: {
          standard: [
            { picture: picture('visualisation-0.webp') },
            i === 1 ? {} : { picture: picture('visualisation-1.webp') },
          ],
          robust: [
            { picture: picture('visualisation-0.webp') },
            { picture: picture('visualisation-1.webp') },
          ],
        },
      })),
    },
    diversity: {
      images: 1600,
      top: 25,
      layers: layers.map(({ layer, units }, i) => ({
        layer,
        units,
        ...alike,
        difference: { ...differenceOf(alike.similarity, 90), corrected: i === 0 ? 0.4 : 0.0025 },
      })),
      network: alike,
    },
    ablation: {
      intact: {
        standard: { images: 240, shape: 75, texture: 140, shapeBias: 75 / 215 },
        robust: { images: 240, shape: 165, texture: 22, shapeBias: 165 / 187 },
      },
      conditions: [
        { name: 'clean', images: 240, right: { standard: 228, robust: 197 } },
        { name: 'attacked', images: 240, right: { standard: 4, robust: 90 } },
      ],
      layers: layers.map(({ layer, units }) => ({ layer, units, ...needed })),
      network: needed,
      strongest: {
        standard: [
          {
            ...{ layer: 'conv5', channel: 7, shape: 9, texture: 2, accuracy: [-0.017, 0.004] },
            change: { value: -0.041, low: -0.06, high: -0.02 },
            concepts: [{ concept: 'dog', share: 0.25 }],
          },
        ],
        robust: [
          {
            ...{ layer: 'conv3', channel: 12, shape: 3, texture: 5, accuracy: [-0.008, -0.021] },
            change: null,
            concepts: [],
          },
        ],
      },
    },
    accuracy: [
      ['clean', 'clean', pair(0.95, 0.82, 0.012)],
      ['shape-only', 'shape only', pair(0.32, 0.67, 0.026)],
      ['texture-only', 'texture only', pair(0.82, 0.37, 0.03)],
      ['scrambled', 'parts exchanged', pair(0.71, 0.44, 0.03)],
      ['noise', 'Gaussian noise, sigma 0.1', pair(0.93, 0.82, 0.015)],
    ].map(([id, label, values]) => ({
      id: String(id),
      label: String(label),
      images: 1600,
      chance: 1 / 16,
      difference: differenceOf(values as Pair),
      ...(values as Pair),
    })),
    distortions: {
      both: 1301,
      of: 1600,
      rows: (
        [
          ['silhouette', 'silhouettes', 'texture', pair(0.31, 0.62), 'robust'],
          ['scrambled', 'quarters exchanged', 'shape', pair(0.42, 0.25), 'standard'],
          ['noise-0.08', 'noise, sigma 0.08', 'quality', pair(0.97, 0.975), 'neither'],
        ] as const
      ).map(([id, label, takes, values, ahead]) => ({
        id,
        label,
        takes,
        images: 1301,
        ...values,
        difference: differenceOf(values, 1301),
        corrected: ahead === 'neither' ? 0.2 : 3e-9,
        ahead,
      })),
    },
    robustness: {
      norm: 'L2',
      steps: 20,
      images: 320,
      epsilon: 3,
      difference: differenceOf(pair(0.006, 0.38, 0.05)),
      points: [
        { epsilon: 0, ...pair(0.95, 0.82, 0.03) },
        { epsilon: 0.5, ...pair(0.72, 0.79, 0.045) },
        { epsilon: 1, ...pair(0.29, 0.71, 0.05) },
        { epsilon: 2, ...pair(0.04, 0.57, 0.05) },
        { epsilon: 3, ...pair(0.006, 0.38, 0.05) },
        { epsilon: 4, ...pair(0, 0.21, 0.04) },
      ],
      examples: {
        amplification: 4,
        rows: Array.from({ length: 4 }, (_, i) => {
          const side = (role: string, distance: number, after: string) => ({
            label: categories[i]!,
            before: categories[i]!,
            after,
            distance,
            image: picture(`adversarial-${role}-${i}`),
            perturbation: picture(`perturbation-${role}-${i}`),
          })
          return {
            original: picture(`original-${i}`),
            standard: side('s', 2.98, categories[i + 4]!),
            robust: side('r', 3, i % 2 ? categories[i + 7]! : categories[i]!),
          }
        }),
      },
    },
    masking: { standard: maskingOf(46, [1, 1, 1]), robust: maskingOf(40, [0.6, 0.95, 1]) },
    shapeBias: {
      ...pair(0.35, 0.88, 0.022),
      images: 1920,
      difference: differenceOf(pair(0.35, 0.88, 0.022)),
      decisions: {
        standard: { shape: 590, texture: 1096, other: 234 },
        robust: { shape: 1310, texture: 178, other: 432 },
      },
      categories: categories.map((name, i) => ({
        name,
        standard: 0.35 + 0.25 * Math.sin(i * 1.7),
        robust: i === 12 ? null : Math.min(1, 0.86 + 0.13 * Math.sin(i * 2.3)),
      })),
      samples: {
        pictures: Array.from({ length: 12 }, (_, i) => picture(`sample-${i}`)),
        decisions: Array.from({ length: 12 }, (_, i) => ({
          shape: categories[i]!,
          texture: categories[(i + 5) % 16]!,
          standard: categories[i % 3 === 0 ? i : (i + 5) % 16]!,
          robust: categories[i === 7 ? 3 : i]!,
        })),
      },
    },
    smoothness: {
      layers,
      network: pair(3.3, 3.52, 0.02),
      filters: { layer: 'conv1', standard: picture('filters-s'), robust: picture('filters-r') },
    },
  }
}

/** The example study. */
export function exampleStudy(): Study {
  const smooth = [
    ['conv1', 96, 7.5, 6.6, 0.25],
    ['conv2', 2048, 3.2, 3.21, 0.06],
    ['conv3', 6144, 3.25, 3.53, 0.03],
    ['conv4', 9216, 3.3, 3.5, 0.03],
    ['conv5', 9216, 3.31, 3.52, 0.03],
  ] as const
  const layers = smooth.map(([layer, units, s, r, half]) => ({ layer, units, ...pair(s, r, half) }))
  const summary = exampleSummary(layers)
  const found = findingsOf(summary, names)
  const model = (name: string, epsilon: number, best: number) => ({
    name,
    fingerprint: (name === 'S' ? '3f9a' : 'c07e').repeat(16),
    source: `checkpoints/emoji16-${name.toLowerCase()}`,
    architecture: 'mini-alex',
    provenance: {
      recipe: {
        arch: 'mini-alex',
        data: 'emoji16',
        epochs: 8,
        ...(epsilon && { adversarial: { norm: 'L2', epsilon } }),
      },
    },
    log: log(epsilon, best),
  })
  return {
    format: 2,
    name: 'emoji16',
    seed: 0,
    headline: headline(found, names),
    findings: found,
    biases: biasesOf(found, names),
    summary,
    models: { standard: model('S', 0, 0.96), robust: model('R', 3, 0.83) },
    data: [
      { name: 'emoji16 clean', images: 1600, fingerprint: '71bd'.repeat(16) },
      { name: 'emoji16 cue conflict', images: 1920, fingerprint: '02e4'.repeat(16) },
    ],
    note: 'Only the gap between two networks on the same images means something.',
    config: { name: 'emoji16', seed: 0, attack: { norm: 'L2', epsilon: 3, steps: 20, images: 320 } },
    versions: { silhouette: '0.1.0', 'onnxruntime-node': '1.30.0', node: '20.20.2' },
    tasks: [],
  }
}

/** The example study over three seeds: each further seed has 5 % (S) and 5.5 % (R) of the first's numbers less. */
export function exampleStudyOverSeeds(): Study {
  const study = exampleStudy()
  const scaled = ({ value, low, high }: Pair['standard'], by: number) => ({
    value: value * by,
    low: low * by,
    high: high * by,
  })
  const runs = [0, 1, 2].map((seed): SeedRun => {
    const { standard, robust } = study.models
    const findings = study.findings.map(one => ({
      ...one,
      standard: scaled(one.standard, 1 - 0.05 * seed),
      robust: scaled(one.robust, 1 - 0.055 * seed),
    }))
    return { seed, models: { standard, robust }, findings }
  })
  const findings = poolFindings(runs, names)
  return {
    ...study,
    headline: headline(findings, names),
    biases: biasesOf(findings, names),
    seeds: { runs, findings },
  }
}
