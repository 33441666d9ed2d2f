import { describe, expect, test } from 'vitest'
import { studentMean, studentPoint } from '../../../src/probe/student.ts'
import { biasesOf } from '../../../src/study/bias.ts'
import { type Bias, type Finding, verdictOf } from '../../../src/study/claim.ts'
import { poolFindings, type SeedRun } from '../../../src/study/seeds.ts'
import { seedPath } from '../../../src/study/study-pair.node.ts'

const names = { standard: 'S', robust: 'R' }
const around = (value: number, half = 0.02) => ({ value, low: value - half, high: value + half })

function finding(standard: number, robust: number, more: Partial<Finding> = {}): Finding {
  const pair = { standard: around(standard), robust: around(robust) }
  const higher = more.higher ?? 'robust'
  return {
    id: 'claim',
    claim: 'R has more',
    measure: 'a share',
    unit: 'percent',
    higher,
    verdict: verdictOf(pair, higher),
    sentence: 'one seed',
    ...pair,
    ...more,
  }
}

const runs = (...findings: Finding[]): SeedRun[] =>
  findings.map((one, seed) => {
    const model = { source: `s-${seed}`, fingerprint: String(seed) }
    return { seed, models: { standard: model, robust: model }, findings: [one] }
  })

describe("Student's interval", () => {
  test('has the tabulated points', () => {
    const table = { 1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 9: 2.26216, 19: 2.09302 }
    for (const [freedom, point] of Object.entries(table)) {
      expect(studentPoint(Number(freedom))).toBeCloseTo(point, 4)
    }
  })

  test('of three values', () => {
    const { value, low, high } = studentMean([1, 2, 4])
    expect(value).toBeCloseTo(7 / 3, 12)
    // s = sqrt(7/3), half = 4.30265 * s / sqrt(3).
    expect(high - value).toBeCloseTo(4.30265 * Math.sqrt(7 / 9), 4)
    expect(value - low).toBeCloseTo(high - value, 12)
    expect(() => studentMean([1])).toThrow('at least two runs')
  })
})

describe('findings over seeds', () => {
  test('are decided by the difference within each seed, not by how the seeds lie', () => {
    // The networks of one seed differ more from those of another than S from R, but R is always ahead.
    const [pooled] = poolFindings(runs(finding(0.2, 0.3), finding(0.5, 0.61), finding(0.8, 0.89)), names)
    expect(pooled).toMatchObject({ verdict: 'reproduced', each: { standard: [0.2, 0.5, 0.8] } })
    expect(pooled?.change.value).toBeCloseTo(0.1, 12)
    expect(pooled?.sentence).toBe(
      '60 % in R, 50 % in S over 3 seeds: R − S is +10 points [+8, +12]; reproduced in every seed',
    )
    // Shares stay shares.
    expect(pooled?.standard.low).toBe(0)
    expect(pooled?.standard.high).toBe(1)
  })

  test('are reversed when every seed says so', () => {
    const [pooled] = poolFindings(runs(finding(0.5, 0.4), finding(0.5, 0.41), finding(0.5, 0.39)), names)
    expect(pooled?.verdict).toBe('reversed')
  })

  test('say nothing when seeds contradict each other, however large the mean difference', () => {
    const [pooled] = poolFindings(runs(finding(0.1, 0.9), finding(0.1, 0.9), finding(0.5, 0.4)), names)
    expect(pooled?.verdict).toBe('not at this size')
    expect(pooled?.sentence).toMatch(/; reproduced in seeds 0 and 1, reversed in seed 2$/)
  })

  test('say nothing when the spread over seeds is as large as the difference', () => {
    const [pooled] = poolFindings(runs(finding(0.1, 0.2), finding(0.1, 0.4), finding(0.1, 0.9)), names)
    expect(pooled?.verdict).toBe('not at this size')
    expect(pooled?.sentence).toMatch(/reproduced in every seed$/)
  })

  test('pool the parts alike and leave out a claim that one seed did not decide', () => {
    const part = (s: number, r: number) => ({
      label: 'conv1',
      standard: around(s),
      robust: around(r),
      verdict: 'reproduced' as const,
    })
    const [pooled] = poolFindings(
      runs(finding(0.2, 0.3, { parts: [part(0.1, 0.3)] }), finding(0.2, 0.31, { parts: [part(0.1, 0.31)] })),
      names,
    )
    expect(pooled?.parts?.[0]).toMatchObject({ label: 'conv1', each: { robust: [0.3, 0.31] } })
    expect(poolFindings(runs(finding(0.2, 0.3), finding(0.2, 0.3, { id: 'another' })), names)).toEqual([])
  })
})

describe('a simplicity bias', () => {
  const verdict = (...verdicts: Finding['verdict'][]) =>
    biasesOf(
      verdicts.map(own => finding(0.1, 0.2, { bias: 'concepts' satisfies Bias, verdict: own })),
      names,
    )[0]?.verdict

  test('is reproduced when all its claims are, reversed when one is and none is reproduced', () => {
    expect(verdict('reproduced', 'reproduced')).toBe('reproduced')
    expect(verdict('reproduced', 'not at this size')).toBe('not at this size')
    expect(verdict('reproduced', 'reversed')).toBe('not at this size')
    expect(verdict('not at this size', 'reversed')).toBe('reversed')
    expect(verdict('not at this size', 'not at this size')).toBe('not at this size')
    expect(biasesOf([finding(0.1, 0.2)], names)).toEqual([])
  })

  test('says what came of each of its claims', () => {
    const [bias] = biasesOf(
      [
        finding(0.1, 0.2, { bias: 'concepts', topic: 'colour detectors' }),
        finding(0.1, 0.2, { bias: 'concepts', topic: 'object detectors', higher: 'standard' }),
      ],
      names,
    )
    expect(bias?.sentence).toBe(
      'colour detectors: 20 % in R, 10 % in S (reproduced); object detectors: 20 % in R, 10 % in S (reversed)',
    )
  })
})

test('the networks of further seeds lie beside the first', () => {
  expect(seedPath('checkpoints/s', 0)).toBe('checkpoints/s')
  expect(seedPath('checkpoints/s', 2)).toBe('checkpoints/s-2')
  expect(seedPath('nets/plain.onnx', 1)).toBe('nets/plain-1.onnx')
})
