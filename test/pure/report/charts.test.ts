// Charts are checked by their geometry: where the marks stand, not how the SVG is written.

import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { byLayer } from '../../../src/report/by-layer.ts'
import { comparisonChart } from '../../../src/report/charts/comparison.ts'
import { curveChart } from '../../../src/report/charts/curve.ts'
import { frequencyMap } from '../../../src/report/charts/frequencies.ts'
import { rowsChart } from '../../../src/report/charts/rows.ts'
import { shapeBiasChart } from '../../../src/report/charts/shape-bias.ts'
import { roleStyle } from '../../../src/report/theme.ts'
import { exampleStudy } from './example.ts'

const names = { standard: 'S', robust: 'R' }
const format = (value: number) => `${Math.round(value * 100)} %`

function marks(svg: string) {
  const { document } = parseHTML(svg)
  const at = (element: Element) => {
    const [, x = '', y = ''] =
      /translate\(([-\d.]+),([-\d.]+)\)/.exec(element.getAttribute('transform') ?? '') ?? []
    return { x: Number(x), y: Number(y) }
  }
  const dots = (color: string) =>
    [...document.querySelectorAll(`g[fill="${color}"]`)].flatMap(group =>
      [...group.querySelectorAll('path, circle')].map(dot =>
        dot.tagName.toLowerCase() === 'circle'
          ? { x: Number(dot.getAttribute('cx')), y: Number(dot.getAttribute('cy')) }
          : at(dot),
      ),
    )
  const texts = [...document.querySelectorAll('text')].map(text => ({
    text: text.textContent ?? '',
    ...at(text),
  }))
  return { document, dots, texts }
}

test('a comparison places marks in proportion, S above R, and writes their numbers', () => {
  const svg = comparisonChart({
    alt: 'chart',
    rows: [
      { label: 'first', values: { standard: { value: 0 }, robust: { value: 1 } } },
      { label: 'second', values: { standard: { value: 0.25, low: 0.2, high: 0.3 }, robust: { value: 0.5 } } },
    ],
    names,
    format,
    axis: 'accuracy',
    domain: [0, 1],
    width: 640,
    labelWidth: 150,
  })
  const { dots, texts, document } = marks(svg)
  const standard = dots(roleStyle.standard.color)
  const robust = dots(roleStyle.robust.color)
  // Plot area: from 150 to 640 - 56.
  expect(standard.map(dot => dot.x)).toEqual([150, 150 + 0.25 * 434])
  expect(robust.map(dot => dot.x)).toEqual([584, 150 + 0.5 * 434])
  expect(standard[0]!.y).toBeLessThan(robust[0]!.y)
  expect(robust[0]!.y).toBeLessThan(standard[1]!.y)
  const interval = [...document.querySelectorAll(`g[stroke="${roleStyle.standard.color}"] line`)].at(-1)
  expect([interval?.getAttribute('x1'), interval?.getAttribute('x2')].map(Number)).toEqual([236.8, 280.2])
  expect(texts.map(text => text.text)).toEqual(
    expect.arrayContaining(['first', 'S 25 %', 'R 50 %', 'accuracy']),
  )
  expect(svg).not.toMatch(/NaN|undefined|null/)
})

test('labels at the ends of curves do not overlap', () => {
  const svg = curveChart({
    alt: 'chart',
    curves: (['standard', 'robust'] as const).map((role, i) => ({
      role,
      label: names[role],
      points: [
        { x: 0, y: 0 },
        { x: 1, y: 0.5 + i * 0.001 },
      ],
    })),
    x: { label: 'epoch' },
    y: { label: 'accuracy', domain: [0, 1], format },
  })
  const [s, r] = ['S', 'R'].map(name => {
    const group = [...marks(svg).document.querySelectorAll('g')].find(
      g => g.children.length === 1 && g.textContent === name,
    )
    return Number(/translate\([-\d.]+,([-\d.]+)\)/.exec(group?.getAttribute('transform') ?? '')?.[1])
  })
  expect(Math.abs(s! - r!)).toBeGreaterThanOrEqual(15)
  expect(svg).not.toMatch(/NaN|undefined|null/)
})

test('shape bias: a category where a network chose neither cue has no mark', () => {
  const svg = shapeBiasChart({
    alt: 'chart',
    names,
    overall: { standard: { value: 0.3, low: 0.2, high: 0.4 }, robust: { value: 0.9 } },
    categories: [
      { name: 'cat', values: { standard: 0.25, robust: 0.75 } },
      { name: 'dog', values: { standard: 0.5 } },
    ],
  })
  const { dots, texts } = marks(svg)
  expect(dots(roleStyle.standard.color)).toHaveLength(2)
  expect(dots(roleStyle.robust.color)).toHaveLength(1)
  expect(texts.map(text => text.text)).toEqual(expect.arrayContaining(['S 30 %', 'R 90 %', 'cat', 'dog']))
  expect(svg).not.toMatch(/NaN|undefined|null/)
})

test('a comparison by layer keeps an interval that reaches below zero within the plot', () => {
  const estimate = { value: 0.09, low: -0.04, high: 0.21 }
  const rows = [{ label: 'mean', standard: estimate, robust: estimate }]
  const { text } = byLayer(exampleStudy(), { what: 'Likeness', rows, format: String, axis: 'likeness' })
  const lines = [...parseHTML(text).document.querySelectorAll('line')]
  const bars = lines
    .filter(line => line.closest('g')?.getAttribute('stroke-opacity') === '0.55')
    .map(line => Number(line.getAttribute('x1')))
  expect(bars).toHaveLength(2)
  expect(Math.min(...bars)).toBeGreaterThanOrEqual(84)
})

test('a comparison has a stroke for each seed and notes at the right, and keeps the digits of its numbers', () => {
  const svg = comparisonChart({
    alt: 'chart',
    rows: [
      {
        label: 'likeness',
        values: { standard: { value: 0.104, low: 0.1, high: 0.11, each: [0, 0.25, 1] } },
        note: { text: '+3 [1, 5]', isStrong: true },
      },
    ],
    names,
    format: value => value.toFixed(3),
    notes: 'R − S',
    axis: 'likeness',
    domain: [0, 1],
    width: 589,
    labelWidth: 50,
  })
  const { document, texts } = marks(svg)
  const strokes = [...document.querySelectorAll(`g[stroke="${roleStyle.standard.color}"] line`)].filter(
    line => line.getAttribute('x1') === line.getAttribute('x2'),
  )
  expect(strokes.map(line => Number(line.getAttribute('x1')))).toEqual([50, 150, 450])
  expect(texts.map(({ text }) => text)).toEqual(expect.arrayContaining(['S 0.104', 'R − S', '+3 [1, 5]']))
})

test('a map of frequencies shows every wave where it is and mirrored, as strong as its value', () => {
  const svg = frequencyMap({
    alt: 'map',
    role: 'standard',
    rows: [-2, 0, 2],
    columns: [0, 2],
    values: [
      [0.1, 0.4],
      [0, -0.3],
      [0.1, 0.2],
    ],
    full: 0.4,
  })
  const { document } = marks(svg)
  const cells = [...document.querySelectorAll('rect[fill-opacity]')].map(cell => ({
    x: Number(cell.getAttribute('x')),
    y: Number(cell.getAttribute('y')),
    strength: Number(cell.getAttribute('fill-opacity')),
  }))
  const [left, top] = [Math.min(...cells.map(({ x }) => x)), Math.min(...cells.map(({ y }) => y))]
  const [right, bottom] = [Math.max(...cells.map(({ x }) => x)), Math.max(...cells.map(({ y }) => y))]
  const at = (x: number, y: number) => cells.find(cell => cell.x === x && cell.y === y)?.strength
  expect(cells).toHaveLength(9)
  // Two down in the negative, two across: at the top right, and mirrored at the bottom left.
  expect([at(right, top), at(left, bottom)]).toEqual([1, 1])
  expect([at(right, bottom), at(left, top)]).toEqual([0.5, 0.5])
  // What a wave mends is not drawn.
  expect(cells.filter(({ x, strength }) => (x === left || x === right) && strength === 0)).toHaveLength(2)
})

test('rows have a dot per point in proportion, the points of one row apart, and a line at the mark', () => {
  const svg = rowsChart({
    alt: 'chart',
    title: 'accuracy',
    rows: [
      { name: 'plain', points: [{ x: 0.2 }] },
      { name: 'robust', points: [{ x: 0.6, low: 0.5, high: 0.7 }, { x: 1 }] },
      { name: 'many', points: Array.from({ length: 9 }, () => ({ x: 0.3 })) },
    ],
    format,
    domain: [0, 1],
    color: '#0b62a4',
    mark: 0.6,
  })
  const { document, dots, texts } = marks(svg)
  const [plain, first, second, ...many] = dots('#0b62a4')
  expect(many).toHaveLength(9)
  expect((first!.x - plain!.x) / (second!.x - plain!.x)).toBeCloseTo(0.5, 2)
  expect(plain!.y).toBeLessThan(first!.y)
  expect(first!.y).toBeLessThan(second!.y)
  expect(texts.find(({ text }) => text === 'robust')!.y).toBeCloseTo((first!.y + second!.y) / 2, 1)
  // However many: the last row's are nearer to its middle than to the row above.
  const middle = texts.find(({ text }) => text === 'many')!.y
  for (const { y } of many) expect(Math.abs(y - middle)).toBeLessThan((middle - second!.y) / 2)
  const line = (group: string) => {
    const found = document.querySelector(`g[${group}] line`)!
    return [Number(found.getAttribute('x1')), Number(found.getAttribute('x2'))]
  }
  expect(line('stroke-dasharray="3,3"')).toEqual([first!.x, first!.x])
  const [low, high] = line('stroke-opacity="0.5"').sort((a, b) => a - b)
  expect(high! - first!.x).toBeCloseTo((second!.x - first!.x) / 4, 1)
  expect(first!.x - low!).toBeCloseTo((second!.x - first!.x) / 4, 1)
})
