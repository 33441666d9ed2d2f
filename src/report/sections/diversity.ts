// Simplicity bias 3: how many kinds of images excite a unit.

import { significanceLevel } from '../../probe/index.ts'
import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { biasSeeds } from '../parts/bias-seeds.ts'
import { biasVerdict } from '../parts/verdict-mark.ts'
import type { Page, Section } from '../section.ts'
import { count, decimal, names, networkName, numberOf } from '../text.ts'
import { roles } from '../theme.ts'

type Diversity = NonNullable<Summary['diversity']>

type Difference = NonNullable<Diversity['layers'][number]['difference']>

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
      { label: 'entropy of their colours (bits)', ...pairOf(role => numberOf(facts[role]?.colourEntropy)) },
    ],
  },
}

const others = [
  ['featureDistance', "distance of the network's own features (0 to 1)"],
  ['labelEntropy', 'entropy of the labels (bits)'],
  ['colourEntropy', 'entropy of the colours (bits)'],
] as const

/** `+0.015 [+0.003, +0.027]` */
function noteOf({ difference: { value, low, high }, corrected }: Difference) {
  const signed = (x: number) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(3)}`
  return {
    text: `${signed(value)} [${signed(low)}, ${signed(high)}]`,
    isStrong: corrected < significanceLevel,
  }
}

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
      ...layers.map(({ layer, similarity, difference }) => ({
        label: layer,
        ...similarity,
        ...(difference && { note: noteOf(difference) }),
      })),
      { label: 'network', ...network.similarity },
    ],
    format: value => value.toFixed(3),
    axis: 'mean pairwise MS-SSIM (larger is more alike)',
    notes: `${names(study).robust} − ${names(study).standard}`,
  })}<figcaption>Bars: 95 % bootstrap intervals over units. At the right: the difference with its interval, bold where a
permutation test over units finds p below 5 % after Holm's correction for the layers.</figcaption></figure>
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
          return html`<td class="num ${role}">${decimal(value)}<br><small>${decimal(low)} to ${decimal(high)}</small></td>`
        }),
      )}</tr>`,
  )}</tbody></table>
<figcaption>Smaller means fewer kinds of images.</figcaption></figure>
</section>`
}
