import { describe, expect, test } from 'vitest'
import type { Summary } from '../../../src/study/chapters.ts'
import { headline } from '../../../src/study/claim.ts'
import type { Pair } from '../../../src/study/pair.ts'
import { findingsOf } from '../../../src/study/plan.ts'
import { differenceOf } from '../../support/difference.ts'

const names = { standard: 'S', robust: 'R' }
const around = (value: number, half = 0.02) => ({ value, low: value - half, high: value + half })
const pair = (standard: number, robust: number, half?: number): Pair => ({
  standard: around(standard, half),
  robust: around(robust, half),
})
const biasOf = (values: Pair) => ({
  ...values,
  images: 1920,
  difference: differenceOf(values),
  decisions: { standard: { shape: 1, texture: 1, other: 0 }, robust: { shape: 1, texture: 1, other: 0 } },
  categories: [],
})
const condition = (id: string, values: Pair) => ({
  id,
  label: id,
  images: 1600,
  chance: 1 / 16,
  ...values,
  difference: differenceOf(values),
})
const layer = (name: string, values: Pair) => ({ layer: name, units: 32, ...values })
const verdicts = (summary: Summary) =>
  Object.fromEntries(findingsOf(summary, names).map(finding => [finding.id, finding.verdict]))

// What the prototype measured (design/emoji16.md).
const prototype: Summary = {
  accuracy: [
    condition('clean', pair(0.95, 0.82)),
    condition('shape-only', pair(0.32, 0.67)),
    condition('texture-only', pair(0.82, 0.37)),
  ],
  robustness: {
    norm: 'L2',
    steps: 20,
    epsilon: 3,
    images: 320,
    difference: differenceOf(pair(0.01, 0.38)),
    points: [
      { epsilon: 0, ...pair(0.95, 0.82) },
      { epsilon: 3, ...pair(0.01, 0.38) },
    ],
  },
  shapeBias: biasOf(pair(0.35, 0.88)),
  smoothness: {
    layers: [
      layer('conv1', pair(7.5, 6.6, 0.1)),
      layer('conv2', pair(3.2, 3.21, 0.1)),
      layer('conv3', pair(3.25, 3.53, 0.1)),
      layer('conv4', pair(3.25, 3.53, 0.1)),
    ],
    network: pair(3.3, 3.55, 0.05),
  },
}

describe('findings', () => {
  test('of the prototype: shape bias and first layer reproduce, smoothness throughout is reversed', () => {
    expect(
      findingsOf(prototype, names).map(({ id, verdict, sentence }) => ({ id, verdict, sentence })),
    ).toMatchSnapshot()
    expect(headline(findingsOf(prototype, names), names)).toBe(
      'R sees shapes where S sees textures: shape bias 88 % [86, 90] against 35 % [33, 37].',
    )
  })

  test('turn around when the networks are swapped', () => {
    const swap = <P extends Pair>(values: P): P => ({
      ...values,
      standard: values.robust,
      robust: values.standard,
    })
    const { accuracy, smoothness } = prototype
    expect(
      verdicts({
        shapeBias: biasOf(swap(pair(0.35, 0.88))),
        accuracy: accuracy!.slice(0, 1).map(({ id, ...values }) => condition(id, swap(values))),
        smoothness: { layers: [], network: swap(smoothness!.network) },
      }),
    ).toEqual({ 'shape-bias': 'reversed', 'clean-cost': 'reversed', 'smooth-network': 'reproduced' })
  })

  test('follow the test on the same images, not the intervals of each network alone', () => {
    // Overlapping intervals, yet the networks differ image by image; and the other way round.
    const overlapping = biasOf(pair(0.5, 0.52))
    const certain = { ...overlapping, difference: { ...overlapping.difference, p: 1e-4 } }
    expect(verdicts({ shapeBias: certain })).toEqual({ 'shape-bias': 'reproduced' })
    const apart = biasOf(pair(0.3, 0.5))
    const undecided = { ...apart, difference: { ...apart.difference, p: 0.06 } }
    expect(verdicts({ shapeBias: undecided })).toEqual({ 'shape-bias': 'not at this size' })
  })

  test('are corrected for how many were asked', () => {
    const at = (p: number) => {
      const bias = biasOf(pair(0.5, 0.52))
      const clean = condition('clean', pair(0.95, 0.82))
      return findingsOf(
        {
          shapeBias: { ...bias, difference: { ...bias.difference, p } },
          accuracy: [{ ...clean, difference: { ...clean.difference, p: 0.5 } }],
        },
        names,
      ).map(({ verdict, difference }) => [verdict, difference?.corrected])
    }
    expect(at(0.02)).toEqual([
      ['reproduced', 0.04],
      ['not at this size', 0.5],
    ])
    expect(at(0.03)).toEqual([
      ['not at this size', 0.06],
      ['not at this size', 0.5],
    ])
  })

  test('overlapping intervals claim nothing, touching ones neither', () => {
    const touching = {
      standard: { value: 0.4, low: 0.3, high: 0.5 },
      robust: { value: 0.6, low: 0.5, high: 0.7 },
    }
    expect(verdicts({ shapeBias: biasOf(touching) })).toEqual({ 'shape-bias': 'not at this size' })
    expect(headline(findingsOf({ shapeBias: biasOf(touching) }, names), names)).toBe(
      'Adversarial training did not change what decides, shape or texture: shape bias 60 % [50, 70] against 40 % [30, 50].',
    )
  })

  test('the headline says no more than the intervals do', () => {
    const of = (shapeBias: Pair) => headline(findingsOf({ shapeBias: biasOf(shapeBias) }, names), names)
    expect(of(pair(0.3, 0.45))).toMatch(/^Adversarial training moved R towards shape:/)
    expect(of(pair(0.6, 0.4))).toMatch(/^Adversarial training moved R towards texture:/)
  })

  test('say nothing of shape bias where a network decided for neither cue', () => {
    const shapeBias = { ...biasOf(pair(0.35, 0.88)), robust: null, difference: null }
    expect(verdicts({ shapeBias })).toEqual({})
    expect(headline(findingsOf({ shapeBias }, names), names)).toBe(
      'S and R beside each other; shape bias was not measured.',
    )
  })

  test('say so where intervals overlap', () => {
    const smoothness = { layers: [layer('conv1', pair(7.5, 6.6, 0.7))], network: pair(3.6, 3.7, 0.1) }
    const [first, network] = findingsOf({ smoothness }, names)
    expect(first?.sentence).toBe(
      'the total variation of conv1 is 6.60 in R and 7.50 in S, with intervals that overlap',
    )
    expect(network?.sentence).toMatch(/with intervals that overlap: R is not clearly different in conv1$/)
  })

  test('what was not measured is not claimed', () => {
    expect(findingsOf({}, names)).toEqual([])
  })
})
