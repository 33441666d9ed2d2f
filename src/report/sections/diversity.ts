// Simplicity bias 3: how many kinds of images excite a unit.

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { biasSeeds } from '../parts/bias-seeds.ts'
import { biasVerdict } from '../parts/verdict-mark.ts'
import type { Page, Section } from '../section.ts'
import { count, decimal, networkName, numberOf } from '../text.ts'
import { roles } from '../theme.ts'

type Diversity = NonNullable<Summary['diversity']>

type Unit = NonNullable<UnitFacts['diversity']>

const title = 'Simplicity 3: how many kinds of images excite a unit?'

export const diversity: Section<Diversity, Unit> = {
  title,
  render,
  unit: {
    rows: facts => [
      {
        label: 'MS-SSIM of its top images',
        ...pairOf(role => numberOf(facts[role]?.similarity, 3)),
      },
      { label: 'distance between their features', ...pairOf(role => numberOf(facts[role]?.featureDistance)) },
      { label: 'entropy of their labels (bits)', ...pairOf(role => numberOf(facts[role]?.labelEntropy)) },
    ],
  },
}

const others = [
  ['featureDistance', "distance between the network's own features (0 to 1)"],
  ['labelEntropy', 'entropy of the labels (bits)'],
] as const

function render({ images, top, layers, network }: Diversity, { study }: Page): Html {
  return html`
<section id="diversity">
<div class="text"><h2>${title}</h2>
${biasVerdict(study, 'diversity')}
<p>For each unit the ${top} of ${count(images)} images that excite it most are compared pair by pair. The more alike they
are (MS-SSIM, 1 is identical), the fewer kinds of images the unit responds to.</p></div>
${biasSeeds(study, 'diversity')}
<figure>${byLayer(study, {
    what: `Mean pairwise MS-SSIM of the top ${top} images`,
    rows: [
      ...layers.map(({ layer, similarity }) => ({ label: layer, ...similarity })),
      { label: 'network', ...network.similarity },
    ],
    format: value => value.toFixed(3),
    axis: 'mean pairwise MS-SSIM (larger is more alike)',
  })}<figcaption>Bars: 95 % bootstrap intervals over units.</figcaption></figure>
<figure><h3>Other measures of the same images</h3>
<table class="numbers"><thead><tr><th></th>${others.map(
    ([, label]) => html`<th colspan="2" scope="colgroup">${label}</th>`,
  )}</tr><tr><th></th>${others.map(() =>
    roles.map(role => html`<th scope="col">${networkName(study, role)}</th>`),
  )}</tr></thead>
<tbody>${[...layers, { layer: 'network', ...network }].map(
    layer =>
      html`<tr><th scope="row">${layer.layer}</th>${others.map(([measure]) =>
        roles.map(role => {
          const { value, low, high } = layer[measure][role]
          return html`<td class="num ${role}">${decimal(value)} <small>${decimal(low)} to ${decimal(high)}</small></td>`
        }),
      )}</tr>`,
  )}</tbody></table>
<figcaption>Smaller means fewer kinds of images.</figcaption></figure>
</section>`
}
