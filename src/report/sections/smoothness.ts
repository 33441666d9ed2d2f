// Inside: how smooth the learned kernels are, layer by layer, and the first layer's as pictures.

import type { Summary } from '../../study/chapters.ts'
import { comparisonChart } from '../charts/comparison.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { both, count, decimal, names, networkName } from '../text.ts'
import { roles } from '../theme.ts'

type Smoothness = NonNullable<Summary['smoothness']>

export const smoothness: Section<Smoothness> = { render }

function render(measured: Smoothness, { study, image }: Page): Html {
  const { filters } = measured
  const rows = [
    ...measured.layers.map(layer => ({ label: layer.layer, units: layer.units, values: layer })),
    { label: 'network', units: undefined, values: measured.network },
  ]
  const bounds = rows.flatMap(({ values }) => roles.flatMap(role => [values[role].low, values[role].high]))
  const [low, high] = [Math.min(...bounds), Math.max(...bounds)]
  const chart = comparisonChart({
    alt: `Total variation by layer: ${rows.map(row => `${row.label}: ${both(study, role => decimal(row.values[role].value))}`).join('; ')}.`,
    rows: rows.map(({ label, values }) => ({
      label,
      values: { standard: values.standard, robust: values.robust },
    })),
    names: names(study),
    format: decimal,
    tick: value => String(value),
    axis: 'total variation of unit-norm kernels (smaller is smoother)',
    domain: [Math.max(0, low - (high - low) * 0.12), high + (high - low) * 0.12],
    width: 760,
    labelWidth: 84,
  })
  return html`
<section>
<div class="text"><h2>Inside: how smooth are the kernels?</h2>
<p>Total variation adds up the differences between neighbouring weights of a kernel, here after scaling the kernel to
length one, so that only its form counts. The network's value is the mean over all its kernels.</p></div>
<figure>${raw(chart)}<figcaption>Bars: 95 % bootstrap intervals over the units of a layer
(${measured.layers.map(layer => `${layer.layer}: ${count(layer.units)}`).join(', ')}).</figcaption></figure>
${
  filters &&
  html`<figure class="filters"><h3>The kernels of ${filters.layer}</h3><div class="pair">${roles.map(
    role =>
      html`<div><img src="${image(filters[role])}" width="368" alt="All kernels of ${filters.layer} of ${study.models[role].name}"><p class="note">${networkName(study, role)}</p></div>`,
  )}</div><figcaption>Every kernel as colours, scaled by itself to the full range around grey.</figcaption></figure>`
}
</section>`
}
