// The page of a sweep: every network's numbers in a table, and what changes along each setting as figures.

import type { Estimate } from '../probe/statistics.ts'
import { type Axis, axesOf, gainAlong, labelBeside, placeOn, seriesAlong } from '../sweep/axes.ts'
import { type CapacityGain, capacityGains } from '../sweep/capacity.ts'
import { direction, type SchemeComparison } from '../sweep/comparison.ts'
import type { SweepResult, SweepRow } from '../sweep/result.ts'
import { seriesChart } from './charts/series.ts'
import { htmlDocument } from './document.ts'
import { type Html, html, raw } from './html.ts'
import { count, decimal, percent } from './text.ts'
import { palette } from './theme.ts'

interface Measure {
  readonly label: string
  readonly of: (row: SweepRow) => Estimate | number | null
  readonly format: (value: number) => string
  readonly domain?: readonly [number, number]
}

/** The page as HTML text. @param version of silhouette */
export function renderSweep(result: SweepResult, version: string): string {
  const { name, rows, images, measure, comparisons } = result
  const title = `${name}: ${rows.length} networks`
  const attack = `PGD-${measure.steps} (${measure.norm}, ${measure.epsilon})`
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
${axesOf(rows).map(axis => axisSection(axis, rows, attack))}
${tableSection(rows, attack)}
</main>`,
    footer: html`Made by silhouette ${version}. NASWOT: J. Mellor et al., ICML 2021. Claims about capacity: C. Xie and A.
Yuille, Intriguing properties of adversarial training at scale, ICLR 2020.`,
  })
}

function measures(attack: string): Measure[] {
  return [
    { label: 'clean accuracy', of: row => row.clean, format: percent, domain: [0, 1] },
    { label: `accuracy under ${attack}`, of: row => row.robust, format: percent, domain: [0, 1] },
    { label: 'shape bias', of: row => row.shapeBias, format: percent, domain: [0, 1] },
    {
      label: 'kernel variation, first layer (smooth: low)',
      of: row => row.smoothness?.first ?? null,
      format: decimal,
    },
    { label: 'units that detect an object', of: row => detectorShare(row, 'object'), format: percent },
    { label: 'likeness of top images (few types: high)', of: row => row.similarity, format: decimal },
  ]
}

/** Share of all units that detect a concept of this category. */
function detectorShare({ detectors }: SweepRow, category: string): number | null {
  const found = detectors?.categories.find(one => one.category === category)
  return found && detectors ? found.detectors / detectors.units : null
}

const middle = (value: Estimate | number | null) =>
  typeof value === 'number' ? value : (value?.value ?? null)

function axisSection(axis: Axis, rows: readonly SweepRow[], attack: string): Html {
  const series = seriesAlong(axis, rows)
  const charts = measures(attack).flatMap(measure => {
    const chart = axisChart(axis, series, measure)
    return chart === undefined ? [] : [html`<div>${raw(chart)}</div>`]
  })
  const gains = [...series].flatMap(([label, own]) => {
    const gain = gainAlong(axis, own, row => row.clean)
    return gain === undefined
      ? []
      : [html`<tr><td><b>${label}</b></td><td class="num">${points(gain)}</td></tr>`]
  })
  return html`<section><div class="text"><h2>Along ${axis}</h2>
${axis === 'epsilon' ? undefined : capacityGains(axis, rows).map(gain => html`<p>${capacitySentence(axis, gain)}</p>`)}
<p>A point is one network, its bar the interval over images; the line goes through the means over seeds.</p>
${
  axis === 'epsilon'
    ? undefined
    : html`<table class="decisions"><thead><tr><th scope="col"></th><th scope="col">clean accuracy, last less first ${axis}</th></tr></thead>
<tbody>${gains}</tbody></table>`
}</div>
<figure><div class="pair">${charts}</div></figure></section>`
}

/** The answer to the question of capacity. */
function capacitySentence(axis: Axis, { label, from, to, standard, robust, more }: CapacityGain): string {
  const verdict =
    more.low > 0
      ? 'robust training needs capacity more'
      : more.high < 0
        ? 'standard training needs capacity more'
        : 'which of them needs capacity more is not to be seen here'
  return (
    `From ${axis} ${from} to ${to} clean accuracy changes by ${points(robust)} for ${label} and by ` +
    `${points(standard)} for S, a difference of ${points(more)}: ${verdict}.`
  )
}

/** `+12.3 points [8.0, 16.1]` */
function points({ value, low, high }: Estimate): string {
  const text = (share: number) => (100 * share).toFixed(1)
  return `${value > 0 ? '+' : ''}${text(value)} points [${text(low)}, ${text(high)}]`
}

function axisChart(
  axis: Axis,
  series: ReadonlyMap<string, readonly SweepRow[]>,
  { label, of, format, domain }: Measure,
): string | undefined {
  const drawn = [...series].map(([name, rows], i) => {
    const found = rows.flatMap(row => {
      const value = of(row)
      const y = middle(value)
      if (y === null) return []
      const bounds = typeof value === 'number' || value === null ? {} : { low: value.low, high: value.high }
      return [{ x: placeOn(axis, row), y, ...bounds }]
    })
    const places = [...new Set(found.map(point => point.x))]
    const line = places.map(x => {
      const here = found.filter(point => point.x === x)
      return { x, y: here.reduce((sum, point) => sum + point.y, 0) / here.length }
    })
    return {
      label: name,
      points: found,
      line,
      color: palette[i % palette.length]!,
      symbol: 'circle' as const,
    }
  })
  const all = drawn.flatMap(one => one.points)
  if (all.length === 0) return undefined
  const highest = Math.max(...all.map(point => ('high' in point ? point.high : point.y)))
  return seriesChart({
    alt: `${label} by ${axis}: ${drawn.map(one => `${one.label} ${one.line.map(point => format(point.y)).join(', ')}`).join('; ')}.`,
    series: drawn,
    x: {
      label: axis,
      ticks: [...new Set(all.map(point => point.x))],
      log: axis === 'width' && all.every(point => point.x > 0),
    },
    y: { label, format, domain: domain ?? [0, highest > 0 ? highest * 1.05 : 1] },
    width: 380,
    height: 270,
    labelWidth: 64,
  })
}

function comparisonSection(comparisons: readonly SchemeComparison[], attack: string): Html {
  const attacked = comparisons.some(({ autoAttack }) => autoAttack !== null)
  const cell = (found: SchemeComparison['clean'] | null) =>
    found === null
      ? html`<td class="num">–</td>`
      : html`<td class="num">${points(found.difference)}<br><small>p ${found.pHolm < 0.001 ? '< 0.001' : `= ${found.pHolm.toFixed(3)}`}</small></td>`
  const words = ({ clean, robust }: SchemeComparison) => {
    const said = [
      ['', 'more robust', 'less robust'].at(direction(robust)),
      ['', 'more accurate', 'less accurate'].at(direction(clean)),
    ]
    return said.filter(Boolean).join(', ') || 'no difference to be seen'
  }
  return html`<section><div class="text"><h2>Schemes beside ${comparisons[0]!.reference}</h2>
<p>Points of accuracy more or less than it, on the same images, with 95 % intervals and p-values after Holm's correction
for all of this table. Words are said of differences that chance does not explain (p below 0.05). Means over seeds where
there are several; what another seed would give, one seed does not tell.</p></div>
<div class="wide"><table><thead><tr><th scope="col">scheme</th><th scope="col">clean</th><th scope="col">${attack}</th>${attacked ? html`<th scope="col">AutoAttack</th>` : undefined}
<th scope="col">time of an epoch</th><th scope="col">in words</th></tr></thead>
<tbody>${comparisons.map(
    found =>
      html`<tr><td><b>${found.group}</b></td>${cell(found.clean)}${cell(found.robust)}${attacked ? cell(found.autoAttack) : undefined}<td class="num">${
        found.time === null ? '–' : `${found.time.toFixed(2)} x`
      }</td><td>${words(found)}</td></tr>`,
  )}</tbody></table></div></section>`
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
  return html`<section><div class="text"><h2>Every network</h2>
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
      )}<td class="num">${
        row.detectors === null
          ? '–'
          : html`${row.detectors.categories.map(({ category, detectors }) => html`<small>${category} ${detectors}</small><br>`)}<small>of ${row.detectors.units}</small>`
      }</td>${number(row.similarity, 2)}${number(row.naswot, 0)}${number(row.secondsPerEpoch, 1)}</tr>`,
  )}</tbody></table></div></section>`
}
