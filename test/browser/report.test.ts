// The report as a reader sees it: nothing runs out of the page on a desk, on a tablet or on a telephone, whatever the
// networks are called; what is printed is there without a click.

import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { unitPageNames } from '../../src/report/unit-page-names.ts'
import { renderUnitPages } from '../../src/report/unit-pages.ts'
import type { UnitFacts } from '../../src/study/chapters.ts'
import type { Study } from '../../src/study/study.ts'
import { exampleStudy, exampleStudyOverSeeds } from '../pure/report/example.ts'
import { executablePath, skipReason } from './chromium.ts'

/** One grey pixel, stretched to the size of any picture. */
const png = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=='),
  character => character.charCodeAt(0),
)

function named(study: Study, standard: string, robust: string): Study {
  const { models } = study
  return {
    ...study,
    models: { standard: { ...models.standard, name: standard }, robust: { ...models.robust, name: robust } },
  }
}

const unit: UnitFacts = {
  concepts: {
    scores: [{ concept: 'a concept of many words', category: 'texture', iou: 0.21 }],
    detects: true,
    picture: { task: 'ab'.repeat(32), name: 'strip' },
  },
  visualisation: { picture: { task: 'ab'.repeat(32), name: 'made' } },
  diversity: { similarity: 0.133, featureDistance: 0.2, labelEntropy: 1.5, colourEntropy: 2 },
}
const layers = [{ layer: 'a/layer/of/some/network', units: Array(40).fill({ standard: unit, robust: unit }) }]
const pages = (study: Study) => [
  ...renderUnitPages({
    study,
    units: { format: 1, layers },
    names: unitPageNames(layers.map(({ layer, units }) => ({ layer, units: units.length }))),
    report: '../report.html',
    image: () => `data:image/png;base64,${btoa(String.fromCharCode(...png))}`,
  }).values(),
]

const documents: Record<string, string> = {
  'one pair': renderReport(exampleStudy(), () => png),
  seeds: renderReport(exampleStudyOverSeeds(), () => png),
  'names of eight letters': renderReport(named(exampleStudy(), 'standard', 'hardened'), () => png),
  'long names': renderReport(
    named(exampleStudyOverSeeds(), 'ResNet-50 of torchvision', 'ResNet-50, L2 eps 3'),
    () => png,
  ),
  'a layer': pages(exampleStudy())[0]!,
  'a unit': pages(exampleStudy())[1]!,
}

describe.skipIf(skipReason !== undefined)(`pages in Chromium${skipReason ? ` (${skipReason})` : ''}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu'],
    })
  })
  afterAll(() => browser?.close())

  it.each(Object.keys(documents))(
    '%s: nothing runs out of the page, nor labels out of their figures',
    async name => {
      for (const width of [1280, 900, 390]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } })
        await page.setContent(documents[name]!)
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth),
          `at ${width}`,
        ).toBeLessThanOrEqual(width)
        if (width === 1280) {
          const outside = await page.evaluate(() =>
            [...document.querySelectorAll('svg text')].flatMap(text => {
              const [own, around] = [
                text.getBoundingClientRect(),
                text.closest('figure')!.getBoundingClientRect(),
              ]
              return own.left < around.left - 12 || own.right > around.right + 12 ? [text.textContent] : []
            }),
          )
          expect(outside).toEqual([])
        }
        await page.close()
      }
    },
  )

  it('prints the config though it is folded on a screen, and no navigation', async () => {
    const page = await browser.newPage({ viewport: { width: 680, height: 900 } })
    await page.setContent(documents['one pair']!)
    const heights = () =>
      page.evaluate(() =>
        ['details pre', '.contents'].map(
          part => document.querySelector(part)!.getBoundingClientRect().height,
        ),
      )
    expect((await heights())[1]).toBeGreaterThan(20)
    await page.emulateMedia({ media: 'print' })
    const [config, contents] = await heights()
    expect(config).toBeGreaterThan(20)
    expect(contents).toBe(0)
    await page.close()
  })
})
