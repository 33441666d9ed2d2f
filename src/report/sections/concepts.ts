// Simplicity bias 2: what the units detect.

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { biasSeeds } from '../parts/bias-seeds.ts'
import { biasVerdict } from '../parts/verdict-mark.ts'
import type { Page, Section } from '../section.ts'
import { categoryName, count, networkName, percent } from '../text.ts'
import { roles } from '../theme.ts'

type Concepts = NonNullable<Summary['concepts']>

type Unit = NonNullable<UnitFacts['concepts']>

const title = 'Simplicity 2: what do the units detect?'

export const concepts: Section<Concepts, Unit> = {
  title,
  render,
  unit: {
    brief({ scores: [best], detects }) {
      if (best === undefined) return undefined
      return `${best.concept} (${categoryName(best.category)}), IoU ${best.iou.toFixed(3)}${detects ? '' : ': no detector'}`
    },
    picture({ picture, scores: [best] }) {
      const alt = `its top images${best === undefined ? '' : `; it covers ${best.concept} best`}`
      return picture && { picture, alt }
    },
    rows(facts) {
      const categories = new Set(
        roles.flatMap(role => facts[role]?.scores.map(score => score.category) ?? []),
      )
      return [...categories].sort().map(category => ({
        label: `best ${categoryName(category)}, IoU`,
        ...pairOf(role => {
          const score = facts[role]?.scores.find(candidate => candidate.category === category)
          return score === undefined ? '–' : `${score.concept} ${score.iou.toFixed(3)}`
        }),
      }))
    },
  },
}

function render(part: Concepts, page: Page): Html {
  const { study } = page
  const { images, minimumIou, quantile, units, categories } = part
  return html`
<section id="concepts">
<div class="text"><h2>${title}</h2>
${biasVerdict(study, 'concepts')}
<p>A unit is on where its map exceeds the level that it reaches at ${percent(1 - quantile)} of all places. It detects the
concept whose masks it covers best, if intersection over union is above ${minimumIou} (Network Dissection).</p>
<p class="note">${count(units)} units of each network, ${count(images)} images with masks.</p></div>
${biasSeeds(study, 'concepts')}
<figure>${byLayer(study, {
    what: 'Share of units that detect a concept, by category',
    rows: categories.map(({ category, standard, robust }) => ({
      label: categoryName(category),
      standard,
      robust,
    })),
    format: percent,
    axis: 'units that detect such a concept',
    fromZero: true,
  })}<figcaption>Bars: 95 % intervals over units.</figcaption></figure>
<figure><h3>Detectors by layer, and how many different concepts they detect</h3>${layerTable(part, page)}</figure>
</section>`
}

function layerTable({ layers, categories, units }: Concepts, { study, link }: Page): Html {
  const numbers = (own: Concepts['categories']) =>
    own.map(category =>
      roles.map(
        role =>
          html`<td class="num ${role}">${category.detectors[role]} <small>(${category.concepts[role]})</small></td>`,
      ),
    )
  return html`<table class="numbers"><thead>
<tr><th rowspan="2" scope="col">layer</th><th rowspan="2" scope="col">units</th>${categories.map(
    ({ category }) => html`<th colspan="2" scope="colgroup">${categoryName(category)}</th>`,
  )}</tr>
<tr>${categories.map(() => roles.map(role => html`<th scope="col">${networkName(study, role)}</th>`))}</tr></thead>
<tbody>${layers.map(
    layer =>
      html`<tr><th scope="row">${link(layer.layer)}</th><td class="num">${layer.units}</td>${numbers(layer.categories)}</tr>`,
  )}
<tr class="total"><th scope="row">all</th><td class="num">${units}</td>${numbers(categories)}</tr></tbody></table>`
}
