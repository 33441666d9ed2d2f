import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readStudy, writeReport } from '../../../src/report/file.node.ts'
import { renderReport } from '../../../src/report/report.ts'
import type { Picture } from '../../../src/study/picture.ts'
import { ledgerPicture, runFiles } from '../../../src/study/run-files.node.ts'
import type { Study } from '../../../src/study/study.ts'
import { exampleStudy, exampleStudyOverSeeds } from './example.ts'

const png = ({ name }: Picture) => new TextEncoder().encode(`picture ${name}`)
// Percent signs are tied to their numbers.
const page = (study: Study) => parseHTML(renderReport(study, png).replaceAll('\u00a0', ' ')).document
const source = (name: string) => `data:image/png;base64,${Buffer.from(`picture ${name}`).toString('base64')}`

describe('the report', () => {
  test('needs nothing else: no scripts, no fetches', () => {
    const document = page(exampleStudy())
    expect(document.querySelectorAll('script, link, iframe, object, embed')).toHaveLength(0)
    for (const element of document.querySelectorAll('[src]')) {
      expect(element.getAttribute('src')).toMatch(/^data:image\/(png|webp);base64,/)
    }
    expect(document.querySelector('style')?.textContent).not.toMatch(/url\(|@import/)
    for (const element of document.querySelectorAll('*')) {
      for (const name of element.getAttributeNames()) expect(name).not.toMatch(/^on/)
    }
  })

  test('opens with the verdict in one sentence, then every claim', () => {
    const study = exampleStudy()
    const document = page(study)
    expect(document.querySelector('h1')?.textContent).toBe(study.headline)
    const rows = [...document.querySelectorAll('.findings tbody tr')]
    expect(rows.map(row => row.querySelector('.verdict')?.textContent)).toEqual(
      study.findings.map(finding => finding.verdict),
    )
    expect(rows[0]?.textContent).toContain('35 %')
    expect(rows[0]?.textContent).toContain('86 to 90')
  })

  test('over several seeds tells the means, the values of each seed, and every bias seed by seed', () => {
    const study = exampleStudyOverSeeds()
    const document = page(study)
    const rows = [...document.querySelectorAll('.findings tbody tr')]
    expect(rows.map(row => row.querySelector('.verdict')?.textContent)).toEqual(
      study.seeds?.findings.map(finding => finding.verdict),
    )
    const shape = rows.find(row => row.textContent?.includes('over 3 seeds: R − S is +50 points'))
    expect(shape?.querySelector('.num.standard')?.textContent).toMatch(/^33 %.*seeds: 35, 33, 32$/)
    for (const bias of ['smoothness', 'concepts', 'diversity']) {
      const figure = document.querySelector(`#${bias} .seeds`)
      const own = study.seeds?.findings.filter(finding => finding.bias === bias)
      expect(figure?.querySelectorAll('svg')).toHaveLength(own?.length ?? 0)
      const { verdict } = study.biases.find(one => one.bias === bias)!
      const card = [...document.querySelectorAll('.answers article')].find(
        one => one.querySelector('a')?.getAttribute('href') === `#${bias}`,
      )
      expect(card?.querySelector('.verdict')?.textContent).toBe(verdict)
      expect(card?.querySelector('svg')?.getAttribute('aria-label')).toContain('S ')
    }
    const chart = document.querySelector('#smoothness .seeds svg')?.getAttribute('aria-label')
    expect(chart).toMatch(/seed 0: S 3\.30, R 3\.52; seed 1: S 3\.13, .*; mean: S 3\.1[34], /)
    expect(page(exampleStudy()).querySelectorAll('.seeds')).toHaveLength(0)
  })

  test('answers at once: shape bias and each simplicity bias with verdict, figure and sentence', () => {
    const study = exampleStudy()
    const document = page(study)
    const cards = [...document.querySelectorAll('.answers article')]
    expect(cards.map(card => card.querySelector('.verdict')?.textContent)).toEqual([
      study.findings.find(({ id }) => id === 'shape-bias')?.verdict,
      ...study.biases.map(({ verdict }) => verdict),
    ])
    for (const card of cards) {
      expect(card.querySelectorAll('svg')).toHaveLength(1)
      expect(card.querySelector('.found')?.textContent).toMatch(/^[A-Z0-9].*\.$/)
    }
    const none = page({ ...study, findings: [], biases: [] })
    expect(none.querySelectorAll('.answers')).toHaveLength(0)
  })

  test('calls networks with long names S and R at marks and over columns, and says so', () => {
    const study = exampleStudy()
    const { standard, robust } = study.models
    const named = (s: string, r: string) =>
      page({ ...study, models: { standard: { ...standard, name: s }, robust: { ...robust, name: r } } })
    const long = named('a.long (name)', 'hardened')
    const lede = long.querySelector('.lede')?.textContent?.replace(/\s+/g, ' ')
    expect(lede).toContain(
      'a.long (name) is the standard network, hardened its adversarially trained twin; charts and tables call them S and R.',
    )
    expect([...long.querySelectorAll('.findings th')].slice(-2).map(th => th.textContent)).toEqual(['S', 'R'])
    for (const mark of long.querySelectorAll('svg text')) expect(mark.textContent).not.toContain('a.long')
    const short = named('plain', 'hardened')
    expect(short.querySelector('.lede')?.textContent).not.toContain('call them')
    expect(
      [...short.querySelectorAll('svg text')].some(mark => mark.textContent?.startsWith('hardened 88')),
    ).toBe(true)
  })

  test('leads from every claim and from its contents to a chapter that is there', () => {
    const document = page(exampleStudy())
    const links = [...document.querySelectorAll('a[href^="#"]')]
    expect(links.length).toBeGreaterThan(12 + 10)
    for (const link of links) {
      expect(document.querySelectorAll(`[id="${link.getAttribute('href')?.slice(1)}"]`)).toHaveLength(1)
    }
  })

  test('describes every picture and chart in words', () => {
    const document = page(exampleStudy())
    const pictures = [...document.querySelectorAll('img')]
    // Kernels, samples, attacks, and two units of five layers of both networks, one of them asleep.
    expect(pictures.length).toBe(2 + 12 + 4 * 5 + (5 * 2 * 2 - 1))
    for (const picture of pictures) expect(picture.getAttribute('alt')?.length).toBeGreaterThan(2)
    const charts = [...document.querySelectorAll('svg')]
    expect(charts.length).toBe(21)
    for (const chart of charts) {
      expect(chart.getAttribute('role')).toBe('img')
      expect(chart.getAttribute('aria-label')?.length).toBeGreaterThan(10)
    }
    expect(charts[0]?.getAttribute('aria-label')).toContain('S 35 %, R 88 %')
  })

  test('says out of distribution who is ahead where, and by which test', () => {
    const text = page(exampleStudy()).querySelector('main')?.textContent?.replace(/\s+/g, ' ')
    expect(text).toContain('Only the 1,301 of 1,600 images that both networks classify correctly')
    expect(text).toContain('With texture taken away: R is ahead.')
    expect(text).toContain('With shape taken away: S is ahead.')
    expect(text).toContain('With noise and attack: no difference.')
    expect(text).toMatch(/R − S, points.*\+31 \[\+\d+, \+\d+\].*−17 \[−\d+, −\d+\]/)
    expect(text).toContain('Each: 1,301 images, p < 0.0001.')
    expect(text).toContain('Each: 1,301 images, p = 0.2.')
  })

  test('says whether the attacks are to be trusted, and why not', () => {
    const section = (study: Study) =>
      [...page(study).querySelectorAll('section')].find(s => s.textContent?.includes('to be trusted?'))
    const study = exampleStudy()
    const plain = section(study)
    expect(plain?.textContent).toMatch(/R: no sign of a hidden gradient/)
    expect(plain?.querySelectorAll('.checks tbody tr')).toHaveLength(7)
    const { masking } = study.summary
    const hidden = masking!.robust.checks.map(check =>
      check.name === 'white-box-wins' ? { ...check, against: 9, passed: false } : check,
    )
    const robust = { ...masking!.robust, masked: true, checks: hidden }
    const text = section({
      ...study,
      summary: { ...study.summary, masking: { ...masking!, robust } },
    })?.textContent
    expect(text).toMatch(/R: hides its gradient.*a random search without gradients breaks 9 of 40 images/s)
    expect(text).toMatch(/9 of 40 failed/)
    const none = { ...masking!.robust, images: 0, checks: [], curve: [] }
    const empty = section({
      ...study,
      summary: { ...study.summary, masking: { standard: none, robust: none } },
    })
    expect(empty?.textContent).toMatch(/R: classifies none of the images rightly/)
    expect(empty?.querySelectorAll('svg')).toHaveLength(0)
  })

  test('shows the pictures that the study names, in their places', () => {
    const document = page(exampleStudy())
    const samples = [...document.querySelectorAll('.samples li')]
    expect(samples[3]?.querySelector('img')?.getAttribute('src')).toBe(source('sample-3'))
    expect(samples[1]?.textContent).toMatch(
      /bear shape, car texture\s+S: car \(texture\)\s*R: bear \(shape\)/,
    )
    expect(samples[7]?.textContent).toMatch(/R: bird \(neither\)/)
    const examples = [...document.querySelectorAll('.examples tbody tr')]
    expect([...examples[2]!.querySelectorAll('img')].map(image => image.getAttribute('src'))).toEqual(
      ['original-2', 'perturbation-s-2', 'adversarial-s-2', 'perturbation-r-2', 'adversarial-r-2'].map(
        source,
      ),
    )
    expect(document.querySelector('.filters')?.querySelectorAll('img')[1]?.getAttribute('src')).toBe(
      source('filters-r'),
    )
  })

  test('escapes what comes from outside', () => {
    const study = exampleStudy()
    const evil = '<img src=x onerror="alert(1)">&\'"'
    const text = renderReport(
      {
        ...study,
        name: evil,
        models: { ...study.models, standard: { ...study.models.standard, name: evil, source: evil } },
        config: { name: evil },
      },
      png,
    )
    expect(text).not.toContain('<img src=x')
    expect(text).toContain('&lt;img src=x')
  })

  test('leaves out what was not measured', () => {
    const study = exampleStudy()
    const empty = {
      ...study,
      findings: [],
      summary: {},
      models: {
        standard: { ...study.models.standard, log: [] },
        robust: { ...study.models.robust, log: [] },
      },
    }
    const headings = [...page(empty).querySelectorAll('h2')].map(heading => heading.textContent)
    expect(headings).toEqual(['To repeat it'])
  })

  test('is the same text for the same study', () => {
    expect(renderReport(exampleStudy(), png)).toBe(renderReport(exampleStudy(), png))
  })
})

describe('a run folder', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'report-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('becomes report.html from study.json and the ledger alone', () => {
    const study = exampleStudy()
    mkdirSync(runFiles(folder).ledger)
    renderReport(study, picture => {
      writeFileSync(ledgerPicture(runFiles(folder).ledger, picture.task, picture.name), png(picture))
      return png(picture)
    })
    writeFileSync(runFiles(folder).study, JSON.stringify(study))
    expect(writeReport(folder)).toBe(join(folder, 'report.html'))
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(renderReport(study, png))
  })

  test('says what is missing', () => {
    expect(() => readStudy(folder)).toThrow(/holds no finished study .* finish it with silhouette study/)
    writeFileSync(runFiles(folder).study, '{"format": 1')
    expect(() => readStudy(folder)).toThrow('study.json is not JSON: run the study again')
    writeFileSync(runFiles(folder).study, '{"format": 7}')
    expect(() => readStudy(folder)).toThrow(/was not written by this version of silhouette \(format: /)
    writeFileSync(runFiles(folder).study, JSON.stringify(exampleStudy()))
    expect(() => writeReport(folder)).toThrow(/the picture .* is missing: run the study again/)
  })
})
