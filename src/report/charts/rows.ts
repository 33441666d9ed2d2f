// One measure of things that have no order: a row for each, a dot for every time it was measured with its interval,
// and a line at the value that the others are held against.

import * as Plot from '@observablehq/plot'
import { rowAxis, svg } from '../plot.ts'
import { theme } from '../theme.ts'

export interface ChartRow {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly low?: number; readonly high?: number }[]
}

export interface RowsOptions {
  readonly alt: string
  readonly title: string
  readonly rows: readonly ChartRow[]
  readonly format: (value: number) => string
  readonly domain: readonly [number, number]
  readonly color: string
  /** A value worth a line through all rows. */
  readonly mark?: number | undefined
}

const [width, top, rowHeight] = [380, 26, 22]

/** SVG of the chart. */
export function rowsChart(options: RowsOptions): string {
  const { rows, title, format, domain, color, mark } = options
  const longest = Math.max(...rows.map(({ name }) => name.length))
  const labelWidth = Math.min(150, 24 + 6.6 * longest)
  // However many, the points of one row keep clear of the next.
  const apart = Math.min(0.26, 0.6 / Math.max(...rows.map(row => row.points.length)))
  const points = rows.flatMap(({ points: own }, y) =>
    own.map((point, i) => ({ ...point, y: y + (i - (own.length - 1) / 2) * apart })),
  )
  const bounded = points.filter(point => point.low !== undefined && point.high !== undefined)
  return svg(
    {
      width,
      height: rows.length * rowHeight + top + 30,
      marginLeft: labelWidth,
      marginRight: 22,
      marginTop: top,
      marginBottom: 30,
      x: { domain: [...domain], label: null },
      y: rowAxis(rows.length, top, rowHeight),
      marks: [
        Plot.gridX({ stroke: theme.faint, strokeOpacity: 1, ticks: 4 }),
        Plot.axisX({ ticks: 4, tickFormat: format, tickSize: 0, label: null, color: theme.muted }),
        Plot.text([title], {
          frameAnchor: 'top-left',
          dx: -labelWidth,
          dy: -20,
          fill: theme.muted,
          text: d => d,
        }),
        Plot.text(rows, {
          x: domain[0],
          y: (_, i) => i,
          dx: -10,
          textAnchor: 'end',
          text: row => row.name,
        }),
        Plot.ruleX(mark === undefined ? [] : [mark], { stroke: theme.muted, strokeDasharray: '3,3' }),
        Plot.ruleY(bounded, {
          x1: 'low',
          x2: 'high',
          y: 'y',
          stroke: color,
          strokeWidth: 2,
          strokeOpacity: 0.5,
        }),
        Plot.dot(points, { x: 'x', y: 'y', r: 3.6, fill: color }),
      ],
    },
    options,
  )
}
