// Inside: do the layers block noise?

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { count, decimal, networkName, numberOf, percent } from '../text.ts'
import { roles } from '../theme.ts'

type Activations = NonNullable<Summary['activations']>

type Unit = NonNullable<UnitFacts['activations']>

const title = 'Do the layers block noise?'

export const activations: Section<Activations, Unit> = {
  title,
  render,
  unit: {
    rows: facts => [
      { label: 'total variation of its maps', ...pairOf(role => numberOf(facts[role]?.clean)) },
      { label: 'the same with noise', ...pairOf(role => numberOf(facts[role]?.noisy)) },
    ],
  },
}

function render({ images, sigma, layers }: Activations, { study }: Page): Html {
  return html`
<section id="activations">
<div class="text"><h2>${title}</h2>
<p>Gaussian noise (sigma ${sigma}) on ${count(images)} images. A channel passes it on when the total variation of its map
changes by at least a fifth of what maps of its layer vary by in ${networkName(study, 'standard')}.</p></div>
<figure>${byLayer(study, {
    what: 'Share of channels that pass noise on',
    rows: layers.map(({ layer, passing }) => ({ label: layer, ...passing })),
    format: percent,
    axis: 'channels that pass noise on',
    fromZero: true,
  })}<figcaption>Bars: 95 % intervals over channels.</figcaption></figure>
<figure><h3>Total variation of the maps themselves, clean and with noise</h3>
<table class="numbers"><thead><tr><th></th>${roles.map(
    role =>
      html`<th scope="col">${networkName(study, role)}, clean</th><th scope="col">${networkName(study, role)}, noise</th>`,
  )}</tr></thead>
<tbody>${layers.map(
    layer =>
      html`<tr><th scope="row">${layer.layer}</th>${roles.map(
        role =>
          html`<td class="num">${decimal(layer.clean[role].value)}</td><td class="num">${decimal(layer.noisy[role].value)}</td>`,
      )}</tr>`,
  )}</tbody></table></figure>
</section>`
}
