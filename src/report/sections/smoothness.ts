// Inside: how smooth the learned kernels are, layer by layer, and the first layer's as pictures.

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { biasSeeds } from '../parts/bias-seeds.ts'
import { biasVerdict } from '../parts/verdict-mark.ts'
import type { Page, Section } from '../section.ts'
import { count, decimal, networkName, numberOf } from '../text.ts'
import { roles } from '../theme.ts'

type Smoothness = NonNullable<Summary['smoothness']>

type Unit = NonNullable<UnitFacts['smoothness']>

const title = 'Simplicity 1: how smooth are the kernels?'

export const smoothness: Section<Smoothness, Unit> = {
  title,
  render,
  unit: {
    rows: facts => [
      {
        label: 'total variation of its unit-norm kernels',
        ...pairOf(role => numberOf(facts[role]?.variation)),
      },
    ],
  },
}

function render(measured: Smoothness, { study, image }: Page): Html {
  const { filters } = measured
  return html`
<section id="smoothness">
<div class="text"><h2>${title}</h2>
${biasVerdict(study, 'smoothness')}
<p>Total variation adds up the differences between neighbouring weights of a kernel, here after scaling the kernel to
length one, so that only its form counts. The network's value is the mean over all its kernels.</p></div>
${biasSeeds(study, 'smoothness')}
<figure>${byLayer(study, {
    what: 'Total variation by layer',
    rows: [
      ...measured.layers.map(({ layer, standard, robust }) => ({ label: layer, standard, robust })),
      { label: 'network', ...measured.network },
    ],
    format: decimal,
    axis: 'total variation of unit-norm kernels (smaller is smoother)',
  })}<figcaption>Bars: 95 % bootstrap intervals over the units of a layer
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
