import { describe, expect, test } from 'vitest'
import { findings, headline, type Measures, type Pair } from '../../../src/study/findings.ts'

const names = { standard: 'S', robust: 'R' }
const around = (value: number, half = 0.02) => ({ value, low: value - half, high: value + half })
const pair = (standard: number, robust: number, half?: number): Pair => ({
  standard: around(standard, half),
  robust: around(robust, half),
})
const verdicts = (measures: Measures) =>
  Object.fromEntries(findings(measures, names).map(finding => [finding.id, finding.verdict]))

// What the prototype measured (design/emoji16.md).
const prototype: Measures = {
  clean: pair(0.95, 0.82),
  attacked: { ...pair(0.01, 0.38), attack: 'PGD-20 (L2, 3)' },
  shapeBias: pair(0.35, 0.88),
  shapeOnly: pair(0.32, 0.67),
  textureOnly: pair(0.82, 0.37),
  smoothness: [
    { layer: 'conv1', ...pair(7.5, 6.6, 0.1) },
    { layer: 'conv2', ...pair(3.2, 3.21, 0.1) },
    { layer: 'conv3', ...pair(3.25, 3.53, 0.1) },
    { layer: 'conv4', ...pair(3.25, 3.53, 0.1) },
  ],
  networkSmoothness: pair(3.3, 3.55, 0.05),
}

describe('findings', () => {
  test('of the prototype: shape bias and first layer reproduce, smoothness throughout is reversed', () => {
    expect(
      findings(prototype, names).map(({ id, verdict, sentence }) => ({ id, verdict, sentence })),
    ).toMatchSnapshot()
    expect(headline(findings(prototype, names), names)).toBe(
      'R sees shapes where S sees textures: shape bias 88 % [86, 90] against 35 % [33, 37].',
    )
  })

  test('turn around when the networks are swapped', () => {
    const swap = ({ standard, robust }: Pair): Pair => ({ standard: robust, robust: standard })
    expect(
      verdicts({
        shapeBias: swap(prototype.shapeBias!),
        clean: swap(prototype.clean!),
        networkSmoothness: swap(prototype.networkSmoothness!),
        smoothness: [],
      }),
    ).toEqual({ 'shape-bias': 'reversed', 'clean-cost': 'reversed', 'smooth-network': 'reproduced' })
  })

  test('overlapping intervals claim nothing, touching ones neither', () => {
    const touching = {
      standard: { value: 0.4, low: 0.3, high: 0.5 },
      robust: { value: 0.6, low: 0.5, high: 0.7 },
    }
    expect(verdicts({ shapeBias: touching })).toEqual({ 'shape-bias': 'not at this size' })
    expect(headline(findings({ shapeBias: touching }, names), names)).toBe(
      'Adversarial training did not change what decides, shape or texture: shape bias 60 % [50, 70] against 40 % [30, 50].',
    )
  })

  test('the headline says no more than the intervals do', () => {
    const of = (shapeBias: Pair) => headline(findings({ shapeBias }, names), names)
    expect(of(pair(0.3, 0.45))).toMatch(/^Adversarial training moved R towards shape:/)
    expect(of(pair(0.6, 0.4))).toMatch(/^Adversarial training moved R towards texture:/)
  })

  test('say so where intervals overlap', () => {
    const smoothness = [{ layer: 'conv1', ...pair(7.5, 6.6, 0.7) }]
    const [first, network] = findings({ smoothness, networkSmoothness: pair(3.6, 3.7, 0.1) }, names)
    expect(first?.sentence).toBe(
      'the total variation of conv1 is 6.60 in R and 7.50 in S, with intervals that overlap',
    )
    expect(network?.sentence).toMatch(/with intervals that overlap: R is not clearly different in conv1$/)
  })

  test('what was not measured is not claimed', () => {
    expect(findings({}, names)).toEqual([])
  })
})
