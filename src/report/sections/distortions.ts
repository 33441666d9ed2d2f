// Out of distribution: what each network keeps of the images that both classify correctly.

import type { Summary } from '../../study/chapters.ts'
import { comparisonChart } from '../charts/comparison.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { both, count, names, networkName, percent, pValue } from '../text.ts'

type Distortions = NonNullable<Summary['distortions']>
type Row = Distortions['rows'][number]

const title = 'Out of distribution'

export const distortions: Section<Distortions> = { title, render }

const groups: readonly (readonly [Row['takes'], string])[] = [
  ['texture', 'texture taken away'],
  ['shape', 'shape taken away'],
  ['colour', 'colour taken away'],
  ['quality', 'noise and attack'],
]

function render({ both: set, of, rows }: Distortions, page: Page): Html {
  const { study } = page
  return html`
<section id="distortions">
<div class="text"><h2>${title}</h2>
<p>Only the ${count(set)} of ${count(of)} images that both networks classify correctly: both start from 100 %.</p>
${verdicts(rows, page)}
<p class="note">The names of these images are in <code>both-right.txt</code>. Differences by McNemar's exact test on the same
images, p after Holm's correction for the ${rows.length} rows.${
    rows.some(({ id }) => id === 'stylised')
      ? ' Styles are those of images of other classes (Gatys et al. 2016), by the features of a small network with random weights, so that neither network is met by its own.'
      : ''
  }</p></div>
${groups.map(([takes, title]) => {
  const own = rows.filter(row => row.takes === takes)
  if (own.length === 0) return undefined
  const chart = comparisonChart({
    alt: `Accuracy with ${title}: ${own.map(row => `${row.label}: ${both(study, role => percent(row[role].value))}`).join('; ')}.`,
    rows: own.map(row => ({
      label: row.label,
      values: { standard: row.standard, robust: row.robust },
      note: { text: noteOf(row), isStrong: row.ahead !== 'neither' },
    })),
    notes: `${names(study).robust} − ${names(study).standard}, points`,
    names: names(study),
    format: percent,
    axis: 'accuracy',
    domain: [0, 1],
    width: 760,
    labelWidth: 176,
  })
  return html`<figure><h3>${title}</h3>${raw(chart)}<figcaption>${tests(own)}</figcaption></figure>`
})}
</section>`
}

/** Which network is ahead where, by the tests. */
function verdicts(rows: readonly Row[], { study }: Page): Html[] {
  return groups.flatMap(([takes, title]) => {
    const own = rows.filter(row => row.takes === takes)
    if (own.length === 0) return []
    const ahead = (role: Row['ahead']) => own.filter(row => row.ahead === role)
    const parts = [
      ...(['robust', 'standard'] as const).flatMap(role =>
        ahead(role).length > 0
          ? [
              html`${networkName(study, role)} is ahead${
                ahead(role).length === own.length
                  ? ''
                  : ` on ${ahead(role)
                      .map(row => row.label)
                      .join(', ')}`
              }`,
            ]
          : [],
      ),
      ...(ahead('neither').length > 0
        ? [
            html`no difference${
              ahead('neither').length === own.length
                ? ''
                : ` on ${ahead('neither')
                    .map(row => row.label)
                    .join(', ')}`
            }`,
          ]
        : []),
    ]
    return [html`<p>With ${title}: ${parts.map((part, i) => html`${i > 0 ? '; ' : ''}${part}`)}.</p>`]
  })
}

/** `+21 [18, 24]` */
function noteOf({ difference: { difference } }: Row): string {
  const points = (x: number) => {
    const size = Math.abs(100 * x).toFixed(0)
    return size === '0' ? size : `${x < 0 ? '−' : '+'}${size}`
  }
  const { value, low, high } = difference
  return `${points(value)} [${points(low)}, ${points(high)}]`
}

/** How sure the differences are, row by row where rows differ. */
function tests(rows: readonly Row[]): string {
  const parts = new Map<string, string[]>()
  for (const { label, images, corrected } of rows) {
    const test = `${count(images)} images, ${pValue(corrected)}`
    parts.set(test, [...(parts.get(test) ?? []), label])
  }
  if (parts.size === 1) return `Each: ${[...parts.keys()].join()}.`
  return `${[...parts].map(([test, labels]) => `${labels.join(', ')}: ${test}`).join('; ')}.`
}
