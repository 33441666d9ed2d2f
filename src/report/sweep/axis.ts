// What changes along a setting that has an order: a figure per measure, and the answer to the question of capacity.

import type { Estimate } from '../../probe/statistics.ts'
import { type Axis, gainAlong, placeOn, seriesAlong } from '../../sweep/axes.ts'
import { type CapacityGain, capacityGains } from '../../sweep/capacity.ts'
import type { SweepRow } from '../../sweep/result.ts'
import { seriesChart } from '../charts/series.ts'
import { type Html, html, raw } from '../html.ts'
import { palette } from '../theme.ts'
import { domainOf, type Measure, meanOf, measures, pointOf } from './measures.ts'

export function axisSection(axis: Axis, rows: readonly SweepRow[], attack: string): Html {
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
  measure: Measure,
): string | undefined {
  const { label, format } = measure
  const drawn = [...series].map(([name, rows], i) => {
    const found = rows.flatMap(row =>
      pointOf(measure, row).map(point => ({ x: placeOn(axis, row), ...point })),
    )
    return {
      label: name,
      points: found.map(({ value, ...point }) => ({ ...point, y: value })),
      line: [...new Set(found.map(({ x }) => x))].map(x => ({
        x,
        y: meanOf(found.filter(point => point.x === x)),
      })),
      color: palette[i % palette.length]!,
      symbol: 'circle' as const,
      found,
    }
  })
  const all = drawn.flatMap(({ found }) => found)
  if (all.length === 0) return undefined
  return seriesChart({
    alt: `${label} by ${axis}: ${drawn.map(one => `${one.label} ${one.line.map(point => format(point.y)).join(', ')}`).join('; ')}.`,
    series: drawn,
    x: {
      label: axis,
      ticks: [...new Set(all.map(({ x }) => x))],
      log: axis === 'width' && all.every(({ x }) => x > 0),
    },
    y: { label, format, domain: domainOf(measure, all) },
    width: 380,
    height: 270,
    labelWidth: 64,
  })
}
