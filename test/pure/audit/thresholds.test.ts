import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { radiusText } from '../../../src/audit/attacks.ts'
import { Audit } from '../../../src/audit/audit.ts'
import { junitXml } from '../../../src/audit/junit.ts'
import { auditMarkdown } from '../../../src/audit/markdown.ts'
import { checkThresholds, parseThreshold } from '../../../src/audit/thresholds.ts'
import { renderAudit } from '../../../src/report/audit.ts'

const share = (id: string, value: number, images = 100) => ({
  id,
  label: `share ${id}`,
  better: 'higher' as const,
  unit: 'percent' as const,
  images,
  value,
  low: value - 0.05,
  high: value + 0.05,
})

const unmeasurable = {
  id: 'shape-bias',
  label: 'share shape-bias',
  better: 'higher' as const,
  unit: 'percent' as const,
  images: 40,
  value: null,
  reason: 'not measurable: 0 of 40 decisions for shape or texture',
}

const audit: Audit = {
  format: 1,
  model: { name: 'net <1> & "co" | x', fingerprint: 'ab', source: 'net.onnx', classes: 10 },
  data: [
    { name: 'images', images: 1000, fingerprint: 'cd' },
    { name: 'images', images: 200, fingerprint: 'ce' },
  ],
  note: 'Images from somewhere.',
  settings: { seed: 0 },
  measures: [
    share('accuracy', 0.9),
    share('robust-accuracy', 0.213),
    { ...share('calibration-error', 0.08), unit: 'number', better: 'lower' },
    { ...share('lints', 1), unit: 'count', better: 'lower', images: null, value: 1, low: 1, high: 1 },
  ],
  curves: [
    {
      id: 'attack',
      label: 'accuracy under PGD-20 (Linf)',
      axis: 'radius',
      images: 100,
      points: [
        { x: 0, label: 'not attacked', value: 0.9, low: 0.82, high: 0.95 },
        { x: 0.03, label: '8/255', value: 0.2, low: 0.13, high: 0.3 },
      ],
    },
  ],
  corruptions: [
    { name: 'fog', group: 'weather', severities: [{ severity: 3, value: 0.4, low: 0.3, high: 0.5 }] },
  ],
  lints: [{ code: 'no-normalisation', message: 'nobody normalises <this>' }],
  chance: 0.1,
  versions: { silhouette: '0.1.0' },
}

describe('thresholds', () => {
  test('hold or fail by the measured value, and say which, by how much, on how many images', () => {
    const checks = checkThresholds(audit, [
      parseThreshold('robust-accuracy=0.3', 'min'),
      parseThreshold('accuracy=0.9', 'min'),
      parseThreshold('calibration-error=0.05', 'max'),
      parseThreshold('lints=0', 'max'),
    ])
    expect(checks.map(({ passed, sentence }) => [passed, sentence])).toEqual([
      [false, 'robust-accuracy is 21.3 % [16.3, 26.3] on 100 images, below the minimum of 30.0 %'],
      [true, 'accuracy is 90.0 % [85.0, 95.0] on 100 images, at least the minimum of 90.0 %'],
      [false, 'calibration-error is 0.080 [0.030, 0.130] on 100 images, above the maximum of 0.050'],
      [false, 'lints is 1, above the maximum of 0'],
    ])
  })

  test('fail, in one sentence, on what could not be measured', () => {
    const measures = [...audit.measures, unmeasurable]
    const checks = checkThresholds({ measures }, [
      parseThreshold('shape-bias=0', 'min'),
      parseThreshold('shape-bias=1', 'max'),
    ])
    expect(checks.map(({ passed, sentence }) => [passed, sentence])).toEqual([
      [false, `shape-bias is ${unmeasurable.reason}, so that the minimum of 0.0 % does not hold`],
      [false, `shape-bias is ${unmeasurable.reason}, so that the maximum of 100.0 % does not hold`],
    ])
  })

  test.each(['robust-accuracy', 'robust-accuracy=', 'robust-accuracy=x', '=0.3', 'a b=1'])(
    'are not %j',
    text => {
      expect(() => parseThreshold(text, 'min')).toThrow('--min takes a measure and a number')
    },
  )

  test('name a measure that there is', () => {
    expect(() => checkThresholds(audit, [parseThreshold('shape-bias=0.3', 'min')])).toThrow(
      '--min shape-bias: this model and data have no such measure (there are accuracy, robust-accuracy, calibration-error, lints)',
    )
  })
})

describe('what an audit writes', () => {
  const checks = checkThresholds(audit, [
    parseThreshold('robust-accuracy=0.3', 'min'),
    parseThreshold('accuracy=0.5', 'min'),
  ])

  test('as JUnit XML: a test per threshold, well formed whatever the names', () => {
    const xml = junitXml(audit, checks)
    const { document } = parseHTML(xml)
    const suite = document.querySelector('testsuite')!
    expect([suite.getAttribute('tests'), suite.getAttribute('failures')]).toEqual(['2', '1'])
    expect(suite.getAttribute('name')).toBe('silhouette audit net <1> & "co" | x')
    const cases = [...document.querySelectorAll('testcase')]
    expect(cases.map(one => one.getAttribute('name'))).toEqual(['robust-accuracy ≥ 0.3', 'accuracy ≥ 0.5'])
    expect(cases.map(one => one.querySelector('failure')?.getAttribute('message'))).toEqual([
      'robust-accuracy is 21.3 % [16.3, 26.3] on 100 images, below the minimum of 30.0 %',
      undefined,
    ])
    expect(xml.replace(/<[^<>]*>/g, '').trim()).toBe('')
  })

  test('as Markdown: failed thresholds first, names that cannot break the table', () => {
    const text = auditMarkdown(audit, checks)
    expect(text).toContain('**1 of 2 thresholds does not hold:**')
    expect(text.indexOf('below the minimum')).toBeLessThan(text.indexOf('| measure |'))
    const rows = text.split('\n').filter(line => line.startsWith('|'))
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(7)
    expect(text).toContain('net \\<1\\> & "co" \\| x')
  })

  test('as a page: every measure, curve and corruption, escaped, needing nothing else', () => {
    const page = renderAudit(audit, checks).replaceAll('\u00a0', ' ')
    for (const text of ['share accuracy', '21.3 %', 'accuracy under PGD-20 (Linf)', 'fog', '8/255'])
      expect(page).toContain(text)
    expect(page).toContain('net &lt;1&gt; &amp; &quot;co&quot; | x fails: robust-accuracy is 21.3 %')
    expect(page).not.toContain('<this>')
    expect(page).not.toMatch(/<script|<link|src="http/)
  })
})

test('what could not be measured is written as that everywhere', () => {
  const without = Audit.parse({ ...audit, measures: [...audit.measures, unmeasurable] })
  expect(without.measures.at(-1)).toEqual(unmeasurable)
  const property = `<property name="shape-bias" value="${unmeasurable.reason}"/>`
  expect(junitXml(without, [])).toContain(property)
  expect(auditMarkdown(without, [])).toContain(`| share shape-bias | ${unmeasurable.reason} |  | 40 |  |`)
  expect(renderAudit(without, [])).toContain(`<b>${unmeasurable.reason}</b>`)
})

test('radii are written as levels where they are some', () => {
  expect([8 / 255, 1 / 255, 0.5, 3, 0.375 / 255].map(radiusText)).toEqual([
    '8/255',
    '1/255',
    '0.5',
    '3',
    '0.00147',
  ])
})
