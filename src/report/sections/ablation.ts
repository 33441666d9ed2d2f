// What each unit is for: what breaks without it.

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { count, networkName, numberOf, percent, signedPoints } from '../text.ts'
import { type Role, roles } from '../theme.ts'

type Ablation = NonNullable<Summary['ablation']>

type Unit = NonNullable<UnitFacts['ablation']>

export const ablation: Section<Ablation, Unit> = {
  render,
  unit: {
    rows: facts => [
      {
        label: 'change of shape bias without it (points)',
        ...pairOf(role => signedPoints(facts[role]?.change ?? null)),
      },
      { label: 'decisions by shape lost without it', ...pairOf(role => numberOf(facts[role]?.shape, 0)) },
      { label: 'decisions by texture lost without it', ...pairOf(role => numberOf(facts[role]?.texture, 0)) },
      {
        label: 'images lost without it: clean, with noise',
        ...pairOf(role => facts[role]?.lost.join(', ') ?? '–'),
      },
    ],
  },
}

function render(part: Ablation, page: Page): Html {
  const { study } = page
  const { intact, network } = part
  return html`
<section>
<div class="text"><h2>What is each unit for?</h2>
<p>Every unit is switched off by itself. It is needed for shape when one of ${count(intact.standard.images)} cue-conflict
images that were decided by shape no longer is, and likewise for texture.</p></div>
<figure>${byLayer(study, {
    what: 'Share of units that are needed',
    rows: [
      { label: 'for shape', ...network.forShape },
      { label: 'for texture', ...network.forTexture },
      { label: 'for both', ...network.forBoth },
    ],
    format: percent,
    axis: 'units of the network',
    fromZero: true,
    labelWidth: 96,
  })}<figcaption>Bars: 95 % intervals over units.</figcaption></figure>
${roles.map(role => strongestTable(part, role, page))}
</section>`
}

function strongestTable({ intact, conditions, strongest }: Ablation, role: Role, page: Page): Html {
  const { shape, texture, shapeBias } = intact[role]
  return html`<figure><h3>The units of ${networkName(page.study, role)} that move its shape bias most</h3>
<table class="numbers"><thead><tr><th scope="col">without</th><th scope="col">shape bias</th>
<th scope="col">by shape, lost</th><th scope="col">by texture, lost</th>${conditions.map(
    ({ name }) => html`<th scope="col">${name}, lost</th>`,
  )}</tr></thead>
<tbody>${strongest[role].map(
    unit =>
      html`<tr><th scope="row">${page.link(unit.layer, unit.channel)}</th><td class="num">${signedPoints(unit.change)}</td>
<td class="num">${unit.shape}</td><td class="num">${unit.texture}</td>${unit.lost.map(
        lost => html`<td class="num">${lost}</td>`,
      )}</tr>`,
  )}</tbody></table>
<figcaption>In points of shape bias (${shapeBias === null ? 'none' : percent(shapeBias)} with all units), and in images: of ${count(shape)} decided by
shape, ${count(texture)} by texture${conditions.map(
    ({ name, images, right }) => `, ${count(right[role])} of ${count(images)} right under ${name}`,
  )}.</figcaption></figure>`
}
