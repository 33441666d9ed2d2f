// The page of one network's dissection, from a dissection that was made up.

import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import type { Dissection } from '../../../src/probe/index.ts'
import { type DissectionPage, renderDissection } from '../../../src/report/dissection.ts'

const evil = '<img src=x onerror=alert(1)>'
const score = (concept: string, category: string, iou: number) => ({
  concept,
  category,
  iou,
  intersection: 1,
  truth: 2,
  activation: 3,
})
const unit = (channel: number, ...scores: ReturnType<typeof score>[]) => ({
  channel,
  threshold: 1,
  top: [{ image: 0, activation: 2 }],
  scores,
})
const counted = (category: string, detectors: number, concepts: number) => ({
  category,
  detectors,
  concepts,
  share: { value: detectors / 4, low: 0, high: 1 },
})
const dissection: Dissection = {
  images: 1840,
  quantile: 0.995,
  rules: 'definition',
  minimumIou: 0.04,
  layers: [
    {
      layer: evil,
      detectors: 3,
      concepts: 2,
      thresholdError: 0,
      categories: [counted('color', 2, 1), counted('texture', 1, 1)],
      units: [
        unit(0, score('red', 'color', 0.3), score('dots', 'texture', 0.1)),
        unit(1, score('dots', 'texture', 0.2)),
        unit(2, score('red', 'color', 0.05)),
        // Below the limit, and of a silent unit nothing is known.
        unit(3, score('dots', 'texture', 0.04)),
      ],
    },
    {
      layer: 'last',
      detectors: 0,
      concepts: 0,
      thresholdError: 0.0125,
      categories: [counted('color', 0, 0), counted('texture', 0, 0)],
      units: [unit(0)],
    },
  ],
}
const page = (changes: Partial<DissectionPage> = {}) =>
  parseHTML(
    renderDissection({ model: 'net', data: 'pictures', dissection, shown: [], version: '1', ...changes }),
  ).document
const text = (element: Element | null | undefined) => element?.textContent?.replace(/\s+/g, ' ').trim()

describe('the page of a dissection', () => {
  it('counts detectors by layer, category and concept', () => {
    const document = page()
    expect(text(document.querySelector('h1'))).toBe('net: 3 of 5 units detect a concept')
    const cells = [...document.querySelectorAll('.numbers tbody tr')].map(row =>
      [...row.querySelectorAll('td')].map(cell => text(cell)),
    )
    expect(cells[0]).toEqual(['4', '3 (2)75 %, 30 to 95', '2 (1)50 %, 0 to 100', '1 (1)25 %, 0 to 100'])
    expect(cells[1]?.slice(0, 2)).toEqual(['1', '0 (0)0 %, 0 to 79'])
    expect(document.querySelector('svg')?.getAttribute('aria-label')).toBe('Units by concept: red 2, dots 1.')
    expect(text(document.querySelector('main'))).toContain('Thresholds are off by at most 0.013 in last.')
  })

  it('shows the units that there are pictures of, and says which detect nothing', () => {
    const source = 'data:image/png;base64,AAAA'
    const shown = [
      { layer: evil, channel: 1, source },
      { layer: evil, channel: 3, source },
      { layer: 'last', channel: 0, source },
    ]
    const captions = [...page({ shown }).querySelectorAll('.units-shown small')].map(text)
    expect(captions).toEqual([
      'unit 1: dots (texture), IoU 0.200',
      'unit 3: dots (texture), IoU 0.040: no detector',
      'unit 0: no concept',
    ])
  })

  it('escapes names, and needs neither scripts nor the network', () => {
    const document = page({ model: evil, data: evil })
    expect(document.querySelectorAll('img, script, link')).toHaveLength(0)
    expect(text(document.querySelector('h1'))).toBe(`${evil}: 3 of 5 units detect a concept`)
  })

  it('has no figure where no unit detects anything', () => {
    const [, last] = dissection.layers
    const document = page({ dissection: { ...dissection, layers: [last!] } })
    expect(document.querySelectorAll('svg')).toHaveLength(0)
    expect(text(document.querySelector('h1'))).toBe('net: 0 of 1 units detect a concept')
  })
})
