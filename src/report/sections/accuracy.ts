// What is left when a cue is taken away: accuracy under every condition.

import type { Summary } from '../../study/chapters.ts'
import { comparisonChart } from '../charts/comparison.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { both, count, names, percent } from '../text.ts'

type Accuracy = NonNullable<Summary['accuracy']>

const title = 'What is left when a cue is taken away'

export const accuracy: Section<Accuracy> = { title, render }

function render(accuracies: Accuracy, { study }: Page): Html {
  const chart = comparisonChart({
    alt: `Accuracy by condition: ${accuracies.map(row => `${row.label}: ${both(study, role => percent(row[role].value))}`).join('; ')}.`,
    rows: accuracies.map(row => ({
      label: row.label,
      values: { standard: row.standard, robust: row.robust },
    })),
    names: names(study),
    format: percent,
    axis: 'accuracy',
    domain: [0, 1],
    ...(accuracies[0] && { reference: { at: accuracies[0].chance, label: 'chance' } }),
    width: 760,
    labelWidth: 176,
  })
  const sizes = [...new Set(accuracies.map(row => row.images))].sort((a, b) => a - b)
  return html`
<section id="accuracy">
<div class="text"><h2>${title}</h2>
<p>The same networks on images without texture, without shape, with their parts exchanged, and with noise.</p>
<p class="note">${sizes.length > 1 ? `${count(sizes[0]!)} to ${count(sizes.at(-1)!)}` : count(sizes[0]!)} images per condition.</p></div>
<figure>${raw(chart)}<figcaption>Bars: 95 % intervals.</figcaption></figure>
</section>`
}
