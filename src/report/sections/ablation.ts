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

type Change = Unit['change']

const title = 'What is each unit for?'

export const ablation: Section<Ablation, Unit> = {
  title,
  render,
  unit: {
    rows: (facts, study) => [
      {
        label: 'change of shape bias without it (points)',
        ...pairOf(role => points(facts[role]?.change)),
      },
      { label: 'decisions by shape lost without it', ...pairOf(role => numberOf(facts[role]?.shape, 0)) },
      { label: 'decisions by texture lost without it', ...pairOf(role => numberOf(facts[role]?.texture, 0)) },
      ...(study.summary.ablation?.conditions ?? []).map(({ name }, i) => ({
        label: `change of accuracy without it (points): ${name}`,
        ...pairOf(role => signedPoints(facts[role]?.accuracy[i] ?? null)),
      })),
      {
        label: 'images decided otherwise without it, by concept',
        ...pairOf(role => conceptsOf(facts[role]) || '–'),
      },
    ],
  },
}

/** `−3.1 [−5.2, −1.0]` */
function points(change: Change | undefined): string {
  if (change === null || change === undefined) return '–'
  const { value, low, high } = change
  return `${signedPoints(value)} [${signedPoints(low)}, ${signedPoints(high)}]`
}

/** The same in a column: the interval below. */
function pointsCell(change: Change | undefined): Html {
  if (change === null || change === undefined) return html`–`
  const { value, low, high } = change
  return html`${signedPoints(value)}<br><small>${signedPoints(low)} to ${signedPoints(high)}</small>`
}

/** `dog 20 %, stripes 8 %` */
function conceptsOf(unit: Unit | undefined): string {
  return (unit?.concepts ?? []).map(({ concept, share }) => `${concept} ${percent(share)}`).join(', ')
}

function render(part: Ablation, page: Page): Html {
  const { study } = page
  const { intact, network } = part
  return html`
<section id="ablation">
<div class="text"><h2>${title}</h2>
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

/** What the units do that matter most for shape bias: one row per unit, one column per thing that changes without it. */
function strongestTable({ intact, conditions, strongest }: Ablation, role: Role, page: Page): Html {
  const { shape, texture, shapeBias } = intact[role]
  return html`<figure><h3>The units of ${networkName(page.study, role)} that move its shape bias most</h3>
<table class="numbers causal"><thead><tr><th rowspan="2" scope="col">without</th><th rowspan="2" scope="col">shape bias</th>
<th colspan="2" scope="colgroup">decisions lost</th>${
    conditions.length > 0
      ? html`<th colspan="${conditions.length}" scope="colgroup">accuracy</th>`
      : undefined
  }<th rowspan="2" scope="col">decided otherwise</th></tr>
<tr><th scope="col">shape</th><th scope="col">texture</th>${conditions.map(
    ({ name }) => html`<th scope="col">${name === 'gaussian-noise' ? 'noise' : name}</th>`,
  )}</tr></thead>
<tbody>${strongest[role].map(
    unit =>
      html`<tr><th scope="row">${page.link(unit.layer, unit.channel)}</th><td class="num">${pointsCell(unit.change)}</td>
<td class="num">${unit.shape}</td><td class="num">${unit.texture}</td>${unit.accuracy.map(
        change => html`<td class="num">${signedPoints(change)}</td>`,
      )}<td><small>${conceptsOf(unit)}</small></td></tr>`,
  )}</tbody></table>
<figcaption>Shape bias (${shapeBias === null ? 'none' : percent(shapeBias)} with all units; 95 % intervals over images) and accuracy${conditions.map(
    ({ name, images, right }) =>
      html`${name === conditions[0]?.name ? ' (' : ', '}${name}: ${count(right[role])} of ${count(images)} right`,
  )}${conditions.length > 0 ? ')' : ''}: change in points. Lost: of ${count(shape)} images decided by shape, ${count(texture)} by texture. Decided otherwise: the
concepts on whose images most decisions change.${
    conditions.some(({ name }) => name === 'attacked')
      ? ' Robust accuracy (attacked): PGD made the images once, against the whole network; without a unit it is judged on the same images, not attacked anew.'
      : ''
  } All units and concepts: <code>ablation-*.csv</code>.</figcaption></figure>`
}
