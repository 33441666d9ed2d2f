// The page of a sweep: how its schemes differ, what changes along each setting, and every network's numbers.

import type { Estimate } from '../../probe/statistics.ts'
import { axesOf, labelBeside } from '../../sweep/axes.ts'
import type { SweepResult, SweepRow } from '../../sweep/result.ts'
import { htmlDocument } from '../document.ts'
import { type Html, html } from '../html.ts'
import { categoryName, count, decimal } from '../text.ts'
import { axisSection } from './axis.ts'
import { attackName } from './measures.ts'
import { comparisonSection, schemeFigures } from './schemes.ts'

/** The page as HTML text. @param version of silhouette */
export function renderSweep(result: SweepResult, version: string): string {
  const { name, rows, images, measure, comparisons } = result
  const title = `${name}: ${rows.length} networks`
  const attack = attackName(measure)
  const lede = html`Clean accuracy on ${count(images.clean)} images, accuracy under ${attack} on ${count(images.attacked)}${
    images.autoAttacked > 0 ? `, under AutoAttack at the same radius on ${count(images.autoAttacked)}` : ''
  }${
    images.cueConflict > 0 ? `, shape bias on ${count(images.cueConflict)} cue-conflict images` : ''
  }. Intervals are 95 %, over images of one network; how much networks differ that were trained alike shows only where
there are several seeds.`
  return htmlDocument({
    title,
    body: html`<header><p class="kicker">silhouette sweep</p><h1>${title}</h1><p class="lede">${lede}</p></header>
<main>
${comparisons.length > 0 ? comparisonSection(comparisons, attack) : undefined}
${schemeFigures(rows, comparisons[0]?.reference, attack)}
${axesOf(rows).map(axis => axisSection(axis, rows, attack))}
${tableSection(rows, attack)}
</main>`,
    footer: html`Made by silhouette ${version}. NASWOT: J. Mellor et al., ICML 2021. Claims about capacity: C. Xie and A.
Yuille, Intriguing properties of adversarial training at scale, ICLR 2020.`,
  })
}

/** `64 object, 34 texture of 192` */
function written({ units, categories }: NonNullable<SweepRow['detectors']>): string {
  const found = categories.filter(({ detectors }) => detectors > 0)
  const named = found.map(({ category, detectors }) => `${detectors} ${categoryName(category)}`)
  return `${named.join(', ') || 'none'} of ${units}`
}

function tableSection(rows: readonly SweepRow[], attack: string): Html {
  const varying = axesOf(rows)
  const attacked = rows.some(row => row.autoAttack !== null)
  const several = new Set(rows.map(row => row.recipe.seed)).size > 1
  const estimate = (value: Estimate | null, format: (share: number) => string) =>
    value === null
      ? html`<td class="num">–</td>`
      : html`<td class="num">${format(value.value)}<br><small>${format(value.low)} to ${format(value.high)}</small></td>`
  const share = (value: number) => (100 * value).toFixed(1)
  const number = (value: number | null, digits: number) =>
    html`<td class="num">${value === null ? '–' : value.toFixed(digits)}</td>`
  return html`<section class="broad"><div class="text"><h2>Every network</h2>
<p>Shares in percent. Detectors: units that detect a concept, by its category, of all units. Time: of the training steps
of an epoch, on the machine that trained. NASWOT: of the network before training.</p></div>
<div class="wide"><table><thead><tr><th scope="col">network</th><th scope="col">clean</th><th scope="col">${attack}</th>${attacked ? html`<th scope="col">AutoAttack</th>` : undefined}
<th scope="col">shape bias</th><th scope="col">variation, layer 1</th><th scope="col">detectors</th>
<th scope="col">likeness</th><th scope="col">NASWOT</th><th scope="col">s / epoch</th></tr></thead>
<tbody>${rows.map(
    row =>
      html`<tr><td><b>${labelBeside(undefined, row, varying)}</b>${several ? html`<br><small>seed ${row.recipe.seed}</small>` : undefined}${
        row.stopped === undefined ? undefined : html`<br><small>stopped: ${row.stopped}</small>`
      }</td>${estimate(row.clean, share)}${estimate(row.robust, share)}${attacked ? estimate(row.autoAttack, share) : undefined}${estimate(row.shapeBias, share)}${estimate(
        row.smoothness?.first ?? null,
        decimal,
      )}<td>${row.detectors === null ? '–' : html`<small>${written(row.detectors)}</small>`}</td>${number(row.similarity, 2)}${number(row.naswot, 0)}${number(row.secondsPerEpoch, 1)}</tr>`,
  )}</tbody></table></div></section>`
}
