// The pages of layers and units, from facts that were made up: who is linked with whom, what stands where a fact is
// missing, and that no name gets out of its quotes.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { writeReport } from '../../../src/report/file.node.ts'
import { unitPageNames } from '../../../src/report/unit-page-names.ts'
import { renderUnitPages } from '../../../src/report/unit-pages.ts'
import type { UnitFacts } from '../../../src/study/chapters.ts'
import { ledgerPicture, runFiles } from '../../../src/study/run-files.node.ts'
import type { Study } from '../../../src/study/study.ts'
import type { StudiedUnits } from '../../../src/study/units.ts'
import { exampleStudy, exampleStudyOverSeeds } from './example.ts'

const picture = (name: string) => ({ task: 'ab'.repeat(32), name })

/** A unit that everything is known of. */
const known = (channel: number): UnitFacts => ({
  smoothness: { variation: 3.25 },
  activations: { clean: 12, noisy: 13 },
  spectrum: { maps: 0.31, filters: 0.062 },
  concepts: {
    scores: [
      { concept: 'stripes', category: 'texture', iou: 0.21 },
      { concept: 'red', category: 'color', iou: 0.02 },
    ],
    detects: true,
    picture: picture(`unit-0-${channel}.webp`),
  },
  diversity: { similarity: 0.133, featureDistance: 0.2, labelEntropy: 1.5, colourEntropy: 2.25 },
  visualisation: { picture: picture(`visualisation-${channel}.webp`) },
  ablation: {
    shape: 3,
    texture: 0,
    change: { value: -0.031, low: -0.05, high: -0.01 },
    accuracy: [-0.0125, 0.025],
    concepts: [
      { concept: 'stripes', share: 0.2 },
      { concept: 'dog', share: 0.08 },
    ],
  },
})
/** Never above 0 on any image, and no picture wakes it. */
const dead: UnitFacts = {
  spectrum: { maps: null },
  concepts: { scores: [], detects: false },
  diversity: { similarity: null, featureDistance: null, labelEntropy: null, colourEntropy: null },
  visualisation: {},
  ablation: { shape: 0, texture: 0, change: null, accuracy: [0, 0], concepts: [] },
}

function pagesOf(layers: StudiedUnits['layers'], study: Study = exampleStudy()) {
  const names = unitPageNames(layers.map(({ layer, units }) => ({ layer, units: units.length })))
  const texts = renderUnitPages({
    study,
    units: { format: 1, layers },
    names,
    report: '../report.html',
    image: ({ name }) => `data:image/webp;base64,${name}`,
  })
  const page = (layer: string, channel?: number) =>
    parseHTML(texts.get(names.of(layer, channel) ?? '') ?? expect.fail(`no page of ${layer}:${channel}`))
      .document
  return { texts, names, page }
}

const text = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim()

/** The table of a unit's page: row label to cells. */
function facts(document: Document): Record<string, (string | undefined)[]> {
  return Object.fromEntries(
    [...document.querySelectorAll('.facts tbody tr')].map(row => [
      text(row.querySelector('th')),
      [...row.querySelectorAll('td')].map(text),
    ]),
  )
}

describe('a unit page', () => {
  const { page } = pagesOf([
    {
      layer: 'conv1',
      units: [
        { standard: known(0), robust: known(0) },
        { standard: dead, robust: known(1) },
        { standard: known(2), robust: {} },
      ],
    },
  ])

  it('shows what was made for the unit, then its top images, of both networks side by side', () => {
    const columns = [...page('conv1', 0).querySelectorAll('.pair > div')]
    expect(columns.map(column => text(column.querySelector('h2')))).toEqual(['S', 'R'])
    for (const column of columns) {
      expect([...column.querySelectorAll('img')].map(image => image.getAttribute('src'))).toEqual([
        'data:image/webp;base64,visualisation-0.webp',
        'data:image/webp;base64,unit-0-0.webp',
      ])
      expect(text(column)).toContain('stripes (texture), IoU 0.210')
    }
    expect(facts(page('conv1', 0))).toMatchObject({
      'best colour, IoU': ['red 0.020', 'red 0.020'],
      'change of shape bias without it (points)': ['−3.1 [−5.0, −1.0]', '−3.1 [−5.0, −1.0]'],
      'change of accuracy without it (points): attacked': ['+2.5', '+2.5'],
      'images decided otherwise without it, by concept': [
        'stripes 20 %, dog 8.0 %',
        'stripes 20 %, dog 8.0 %',
      ],
    })
    const rows = Object.entries(facts(page('conv1', 0)))
    const find = (part: string) => rows.find(([label]) => label.includes(part))?.[1]
    expect(find('kernels (energy')).toEqual(['6.2 %', '6.2 %'])
    expect(find('maps (energy')).toEqual(['31 %', '31 %'])
    expect(find('entropy of their colours')).toEqual(['2.25', '2.25'])
  })

  it('says so where a unit is dead: no images, no picture, dashes for numbers, never NaN or null', () => {
    const document = page('conv1', 1)
    const [standard, robust] = [...document.querySelectorAll('.pair > div')]
    expect(standard?.querySelectorAll('img')).toHaveLength(0)
    expect(text(standard!)).toContain('no picture wakes it')
    expect(text(standard!)).toContain('the unit is silent on all of them')
    expect(robust?.querySelectorAll('img')).toHaveLength(2)
    expect(facts(document)['MS-SSIM of its top images']).toEqual(['–', '0.133'])
    expect(facts(document)['best texture, IoU']).toEqual(['–', 'stripes 0.210'])
    expect(text(document.body)).not.toMatch(/NaN|null|undefined/)
  })

  it('stands where only one network has the unit', () => {
    const document = page('conv1', 2)
    expect(document.querySelectorAll('.pair > div')).toHaveLength(2)
    for (const [standard, robust] of Object.values(facts(document))) {
      expect(standard).not.toBe('–')
      expect(robust).toBe('–')
    }
    expect(text(document.body)).not.toMatch(/NaN|null|undefined/)
  })

  it('leads to its layer, the report and the units beside it', () => {
    const links = (channel: number) =>
      [...page('conv1', channel).querySelectorAll('nav a')].map(link => link.getAttribute('href'))
    expect(links(0)).toEqual(['../report.html', 'conv1.html', 'conv1-1.html'])
    expect(links(1)).toEqual(['../report.html', 'conv1.html', 'conv1-0.html', 'conv1-2.html'])
    expect(links(2)).toEqual(['../report.html', 'conv1.html', 'conv1-1.html'])
  })
})

describe('a layer page', () => {
  it('begins with a sheet of what was made for its units, each at its place, leading to its page', () => {
    const { page } = pagesOf([
      {
        layer: 'conv1',
        units: [
          { standard: known(0), robust: known(0) },
          { standard: dead, robust: known(1) },
        ],
      },
    ])
    const document = page('conv1')
    const sheets = [...document.querySelectorAll('.tiles')]
    for (const sheet of sheets) {
      const links = [...sheet.querySelectorAll('a')]
      expect(links.map(link => link.getAttribute('href'))).toEqual(['conv1-0.html', 'conv1-1.html'])
    }
    const shown = sheets.map(sheet => [...sheet.querySelectorAll('img')].length)
    expect(shown).toEqual([1, 2])
    expect(sheets[0]?.querySelectorAll('.none')).toHaveLength(1)
    expect([...document.querySelectorAll('.units tbody tr')]).toHaveLength(2)
  })

  it('has no sheet where nothing was made', () => {
    const { page } = pagesOf([{ layer: 'conv1', units: [{ standard: {}, robust: {} }] }])
    expect(page('conv1').querySelectorAll('.tiles')).toHaveLength(0)
    expect([...page('conv1').querySelectorAll('h2')].map(text)).toEqual([
      'The images that excite each unit most',
    ])
  })

  it('is the same for a study over seeds', () => {
    const layers = [{ layer: 'conv1', units: [{ standard: known(0), robust: known(0) }] }]
    expect(pagesOf(layers, exampleStudyOverSeeds()).texts).toEqual(pagesOf(layers).texts)
  })
})

describe('names', () => {
  const evil = '<img src=x onerror=alert(1)>"\'&'

  it('are escaped wherever they stand', () => {
    const units = [
      {
        standard: {
          ...known(0),
          concepts: {
            scores: [{ concept: evil, category: evil, iou: 0.3 }],
            detects: true,
            picture: picture('unit-0-0.webp'),
          },
        },
        robust: known(0),
      },
    ]
    const study = exampleStudy()
    const { standard } = study.models
    const { texts, page } = pagesOf([{ layer: evil, units }], {
      ...study,
      name: evil,
      models: { ...study.models, standard: { ...standard, name: evil } },
    })
    expect(texts.size).toBe(2)
    for (const [file, written] of texts) {
      expect(file).toMatch(/^[A-Za-z0-9._-]+\.html$/)
      expect(written).not.toContain('<img src=x')
    }
    expect(text(page(evil, 0).querySelector('h1'))).toBe(`${evil}, unit 0`)
    for (const image of page(evil, 0).querySelectorAll('img'))
      expect(image.getAttribute('onerror')).toBeNull()
  })

  it('become files of their own, whatever layers are called', () => {
    const called = ['a/b', 'a_b', 'A_B', 'a', 'a-1', '..', `${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`]
    const names = unitPageNames(called.map(layer => ({ layer, units: 2 })))
    const files = called.flatMap(layer => [names.of(layer), names.of(layer, 0), names.of(layer, 1)])
    expect(new Set(files.map(file => file?.toLowerCase())).size).toBe(3 * called.length)
    for (const file of files) expect(file).toMatch(/^[A-Za-z0-9._-]{1,150}\.html$/)
    expect(names.of('a')).toBe('a.html')
    expect([names.of('a', 2), names.of('a', -1), names.of('b')]).toEqual([undefined, undefined, undefined])
  })
})

it('a run folder gets a page for every layer and unit, and the report leads to them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'units-'))
  try {
    const files = runFiles(folder)
    mkdirSync(files.ledger)
    const study = { ...exampleStudy(), summary: { visualisation: exampleStudy().summary.visualisation } }
    const layers = [{ layer: 'conv1', units: [{ standard: known(0), robust: known(0) }] }]
    writeFileSync(files.study, JSON.stringify(study))
    writeFileSync(files.units, JSON.stringify({ format: 1, layers }))
    for (const name of ['visualisation-0.webp', 'visualisation-1.webp', 'unit-0-0.webp']) {
      writeFileSync(ledgerPicture(files.ledger, picture('').task, name), name)
    }
    const report = writeReport(folder)
    expect(readdirSync(join(folder, 'report')).sort()).toEqual(['conv1-0.html', 'conv1.html'])
    const { document } = parseHTML(readFileSync(report, 'utf8'))
    const links = [...document.querySelectorAll('.gallery a')].map(link => link.getAttribute('href'))
    expect(links).toEqual(['report/conv1.html', 'report/conv1-0.html', 'report/conv1-0.html'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
