import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { wilson } from '../../../src/probe/statistics.ts'
import { renderSweep } from '../../../src/report/sweep/page.ts'
import { checkedBy, parseYaml } from '../../../src/study/config.ts'
import { axesOf, gainAlong, labelBeside, seriesAlong } from '../../../src/sweep/axes.ts'
import { capacityGains } from '../../../src/sweep/capacity.ts'
import { compareSchemes } from '../../../src/sweep/comparison.ts'
import { membersOf, SweepConfig } from '../../../src/sweep/config.ts'
import { SweepResult, type SweepRow, sweepCsv } from '../../../src/sweep/result.ts'
import { Random } from '../../../src/tensor/random.ts'
import { Recipe } from '../../../src/train/recipe.ts'

const adversarial = { norm: 'L2', epsilon: 3, steps: 7 }
const config = (settings: object) =>
  SweepConfig.parse({ name: 'test', train: { arch: 'mini-alex', data: 'emoji16', adversarial }, ...settings })

describe('the networks of a sweep', () => {
  it('are all combinations, named by what differs', () => {
    const members = membersOf(config({ over: { width: [8, 16], epsilon: [0, 1.5], seed: [0, 1] } }), 'x')
    expect(members.map(({ name }) => name)).toEqual(
      ['w8-eps0', 'w8-eps1.5', 'w16-eps0', 'w16-eps1.5'].flatMap(group => [
        `${group}-seed0`,
        `${group}-seed1`,
      ]),
    )
    const [standard, , robust] = members.map(({ recipe }) => recipe)
    expect(standard).toEqual(Recipe.parse({ arch: 'mini-alex', data: 'emoji16', width: 8 }))
    expect(robust!.adversarial).toMatchObject({ ...adversarial, epsilon: 1.5 })
  })

  it('take the settings of their scheme', () => {
    const schemes = {
      plain: { adversarial: undefined },
      trades: { adversarial: { ...adversarial, scheme: 'trades' } },
    }
    const members = membersOf(config({ schemes, over: { depth: [4] } }), 'x')
    expect(members.map(({ name, scheme }) => [name, scheme])).toEqual([
      ['plain-d4-seed0', 'plain'],
      ['trades-d4-seed0', 'trades'],
    ])
    expect(members[1]!.recipe.adversarial).toMatchObject({ scheme: 'trades', beta: 6 })
  })

  it('say which of them has a wrong recipe', () => {
    expect(() => membersOf(config({ schemes: { odd: { epochs: 0 } } }), 'a.yaml')).toThrow(
      /^a.yaml: odd: epochs: /,
    )
    expect(() =>
      membersOf(config({ train: { arch: 'mini-alex', data: 'd' }, over: { epsilon: [1] } }), 'x'),
    ).toThrow('a sweep over epsilon needs train.adversarial')
  })

  it('can be compared with one scheme of theirs', () => {
    const schemes = { pgd: {}, trades: {} }
    expect(() => membersOf(config({ schemes, reference: 'fast' }), 'a.yaml')).toThrow(
      'a.yaml: reference must be one of the schemes (pgd, trades), found fast',
    )
    expect(membersOf(config({ schemes, reference: 'pgd' }), 'a.yaml')).toHaveLength(2)
  })

  it('of the examples all have recipes', () => {
    const files = readdirSync('examples').filter(file => /^(capacity|schemes)/.test(file))
    expect(files).toHaveLength(6)
    for (const file of files) {
      const text = readFileSync(`examples/${file}`, 'utf8')
      const members = membersOf(checkedBy(SweepConfig, parseYaml(text, file), file), file)
      expect(new Set(members.map(({ name }) => name)).size).toBe(members.length)
    }
  })
})

/** A network of this width and radius, right on so many of 100 images. */
function row(width: number, epsilon: number, seed: number, right: number): SweepRow {
  const recipe = Recipe.parse({
    arch: 'mini-alex',
    data: 'emoji16',
    width,
    seed,
    ...(epsilon > 0 && { adversarial: { ...adversarial, epsilon } }),
  })
  return {
    name: `w${width}-eps${epsilon}-seed${seed}`,
    group: `w${width}-eps${epsilon}`,
    recipe,
    parameters: 1000,
    epochs: 8,
    secondsPerEpoch: 12,
    clean: wilson(right, 100),
    robust: wilson(Math.floor(right / 2), 100),
    autoAttack: null,
    shapeBias: null,
    smoothness: null,
    detectors: null,
    similarity: null,
    naswot: 512.25,
  }
}
const rows = [row(8, 0, 0, 80), row(8, 0, 1, 84), row(32, 0, 0, 90), row(8, 3, 0, 50), row(32, 3, 0, 75)]

it('knows what varies, and what a network is called beside it', () => {
  expect(axesOf(rows)).toEqual(['width', 'epsilon'])
  expect([...seriesAlong('width', rows)].map(([label, own]) => [label, own.length])).toEqual([
    ['S', 3],
    ['R 3', 2],
  ])
  expect(labelBeside(undefined, rows[3]!, axesOf(rows))).toBe('width 8, R 3')
})

it('gives what is gained along an axis with the interval of Newcombe', () => {
  const { value, low, high } = gainAlong('width', rows.slice(3), one => one.clean)!
  expect(value).toBeCloseTo(0.25, 12)
  // From Wilson's [0.657, 0.825] for 75/100 and [0.404, 0.596] for 50/100.
  expect(low).toBeCloseTo(0.1163, 3)
  expect(high).toBeCloseTo(0.3719, 3)
  expect(gainAlong('width', rows.slice(0, 3), one => one.clean)!.value).toBeCloseTo(0.08, 12)
  expect(gainAlong('width', rows.slice(0, 2), one => one.clean)).toBeUndefined()
})

it('compares what robust and standard networks gain from width', () => {
  const [gain, ...others] = capacityGains('width', rows)
  expect(others).toEqual([])
  expect(gain).toMatchObject({ label: 'R 3', from: 8, to: 32 })
  expect(gain!.standard).toEqual(gainAlong('width', rows.slice(0, 3), one => one.clean))
  expect(gain!.more.value).toBeCloseTo(0.25 - 0.08, 12)
  // The gains alone are known to -0.1337, +0.1219 and about 0.07 either way.
  expect(gain!.more.low).toBeCloseTo(0.17 - Math.hypot(0.1337, gain!.standard.high - 0.08), 3)
  expect(gain!.more.high).toBeCloseTo(0.17 + Math.hypot(0.1219, 0.08 - gain!.standard.low), 3)
  expect(capacityGains('width', rows.slice(3))).toEqual([])
  expect(capacityGains('width', rows.slice(0, 4))).toEqual([])
})

const result = SweepResult.parse({
  format: 1,
  name: 'widths & more',
  measure: { norm: 'L2', epsilon: 3, steps: 20 },
  images: { clean: 100, attacked: 100, autoAttacked: 0, cueConflict: 0 },
  rows,
  comparisons: [],
  versions: {},
})

it('becomes a table with a row per network', () => {
  const lines = sweepCsv(result).trim().split('\n')
  expect(lines).toHaveLength(6)
  const cells = lines[5]!.split(',')
  const at = (name: string) => cells[lines[0]!.split(',').indexOf(name)]
  expect([at('width'), at('epsilon'), at('clean'), at('shape_bias'), at('naswot')]).toEqual([
    '32',
    '3',
    '0.75',
    '',
    '512.25',
  ])
})

it('becomes a page with a chart per measure and axis, and every number in a table', () => {
  const page = renderSweep(result, '1.0')
  expect(page).toContain('widths &amp; more: 5 networks')
  // Two measures are there, along two axes.
  expect(page.match(/<svg /g)).toHaveLength(4)
  expect(page).toContain('+25.0 points [11.6, 37.2]')
  expect(page).toMatch(
    /From width 8 to 32 clean accuracy changes by .* for R 3 and by \+8.0 points .* for S, a difference of \+17.0 points/,
  )
  expect(page).toContain('clean accuracy by width: S 82 %, 90 %; R 3 50 %, 75 %.')
  expect(page.match(/<small>seed [01]<\/small>/g)).toHaveLength(5)
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
})

it('sets schemes side by side, and takes their radii for no axis', () => {
  const scheme = (name: string, epsilon: number, seed: number, right: number): SweepRow => ({
    ...row(16, epsilon, seed, right),
    ...{ name: `${name}-seed${seed}`, group: name, scheme: name },
  })
  const schemes = [
    scheme('standard', 0, 0, 90),
    scheme('standard', 0, 1, 92),
    scheme('pgd', 3, 0, 60),
    scheme('pgd', 3, 1, 66),
  ]
  expect(axesOf(schemes)).toEqual([])
  const right = { clean: [true, false], robust: [true, false], autoAttack: [] }
  const members = schemes.map(one => ({ row: one, right }))
  const comparisons = compareSchemes(members, 'pgd', new Random(0))
  const page = renderSweep({ ...result, rows: schemes, comparisons }, '1.0')
  expect(page).toContain('clean accuracy: standard 90 %, 92 %; pgd 60 %, 66 %.')
  expect(page).not.toContain('Along ')
  const figures = page.split('<h2>Side by side</h2>')[1]!.split('</section>')[0]!
  expect(figures.match(/<svg /g)).toHaveLength(2)
  expect(figures).toContain('The dashed line is the mean of pgd.')
})
