// Schemes (or activations) side by side: a figure per measure, and the differences from one of them, tested.

import { axesOf, labelBeside } from '../../sweep/axes.ts'
import { comparisonInWords, type SchemeComparison } from '../../sweep/comparison.ts'
import type { SweepRow } from '../../sweep/result.ts'
import { rowsChart } from '../charts/rows.ts'
import { type Html, html, raw } from '../html.ts'
import { pValue, signedPoints, signedRange } from '../text.ts'
import { palette } from '../theme.ts'
import { domainOf, type Measure, meanOf, measures, pointOf } from './measures.ts'

/** Undefined where networks differ in nothing but settings that have an order. */
export function schemeFigures(
  rows: readonly SweepRow[],
  reference: string | undefined,
  attack: string,
): Html | undefined {
  if (new Set(rows.map(row => labelBeside(undefined, row, []))).size < 2) return undefined
  const varying = axesOf(rows)
  const named = new Map<string, SweepRow[]>()
  for (const row of rows) {
    const name = labelBeside(undefined, row, varying)
    named.set(name, [...(named.get(name) ?? []), row])
  }
  const held = rows.filter(row => row.group === reference)
  const charts = measures(attack).flatMap(measure => {
    const chart = schemeChart(measure, named, held)
    return chart === undefined ? [] : [html`<div>${raw(chart)}</div>`]
  })
  return html`<section><div class="text"><h2>Side by side</h2>
<p>A dot is one network, a seed each, its bar the interval over images.${
    held.length > 0 ? ` The dashed line is the mean of ${labelBeside(undefined, held[0]!, varying)}.` : ''
  }</p></div>
<figure><div class="pair">${charts}</div></figure></section>`
}

function schemeChart(
  measure: Measure,
  named: ReadonlyMap<string, readonly SweepRow[]>,
  held: readonly SweepRow[],
): string | undefined {
  const { label, format } = measure
  const measured = (own: readonly SweepRow[]) => own.flatMap(row => pointOf(measure, row))
  const found = [...named].map(([name, own]) => ({ name, points: measured(own) }))
  const all = found.flatMap(({ points }) => points)
  if (all.length === 0) return undefined
  const mark = measured(held)
  return rowsChart({
    alt: `${label}: ${found.map(({ name, points }) => `${name} ${points.map(({ value }) => format(value)).join(', ')}`).join('; ')}.`,
    title: label,
    rows: found.map(({ name, points }) => ({
      name,
      points: points.map(({ value, ...bounds }) => ({ x: value, ...bounds })),
    })),
    format,
    domain: domainOf(measure, all),
    color: palette[1],
    mark: mark.length > 0 ? meanOf(mark) : undefined,
  })
}

export function comparisonSection(comparisons: readonly SchemeComparison[], attack: string): Html {
  const attacked = comparisons.some(({ autoAttack }) => autoAttack !== null)
  const cell = (found: SchemeComparison['clean'] | null) => {
    if (found === null) return html`<td class="num">–</td>`
    const { difference, overSeeds, pHolm } = found
    return html`<td class="num">${signedPoints(difference.value)}<br><small>${signedRange(difference)}; ${pValue(pHolm)}${
      overSeeds ? html`<br>over seeds ${signedRange(overSeeds)}` : undefined
    }</small></td>`
  }
  return html`<section class="broad"><div class="text"><h2>Schemes beside ${comparisons[0]!.reference}</h2>
<p>Points of accuracy more or less than it, on the same images, with 95 % intervals and p-values over images, after
Holm's correction for all of this table; where there are several seeds, their mean, and Student's interval over them.
Words are said of differences that neither the choice of images explains (p below 0.05) nor that of seeds; what another
seed would give, one seed does not tell.</p></div>
<div class="wide"><table><thead><tr><th scope="col">scheme</th><th scope="col">clean</th><th scope="col">${attack}</th>${attacked ? html`<th scope="col">AutoAttack</th>` : undefined}
<th scope="col">time of an epoch</th><th scope="col">in words</th></tr></thead>
<tbody>${comparisons.map(
    found =>
      html`<tr><td><b>${found.group}</b></td>${cell(found.clean)}${cell(found.robust)}${attacked ? cell(found.autoAttack) : undefined}<td class="num">${
        found.time === null ? '–' : `${found.time.toFixed(2)} x`
      }</td><td>${comparisonInWords(found)}</td></tr>`,
  )}</tbody></table></div></section>`
}
