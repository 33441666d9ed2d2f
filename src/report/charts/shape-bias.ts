// Shape bias by category, in the form of Geirhos et al. (2019), figure 4: texture at the left, shape at the
// right, a row per category, the networks' means as lines.

import * as Plot from '@observablehq/plot'
import { rowAxis, svg } from '../plot.ts'
import { type Role, roleStyle, roles, theme } from '../theme.ts'
import type { Estimate } from './comparison.ts'

export interface ShapeBiasOptions {
  readonly alt: string
  readonly names: Readonly<Record<Role, string>>
  /** Over all categories; null where a network chose neither shape nor texture. */
  readonly overall: Readonly<Record<Role, Estimate | null>>
  /** Shape bias per category; undefined where a network chose neither shape nor texture. */
  readonly categories: readonly {
    readonly name: string
    readonly values: Readonly<Partial<Record<Role, number>>>
  }[]
  readonly width?: number
}

const rowHeight = 21

/** SVG of the chart. */
export function shapeBiasChart(options: ShapeBiasOptions): string {
  const { names, overall, categories, width = 640 } = options
  const percent = (value: number) => `${Math.round(value * 100)} %`
  const lines = categories.flatMap((category, y) => {
    const { standard, robust } = category.values
    return standard === undefined || robust === undefined ? [] : [{ y, standard, robust }]
  })
  const top = 40
  return svg(
    {
      width,
      height: categories.length * rowHeight + top + 44,
      marginLeft: 84,
      marginRight: 24,
      marginTop: top,
      marginBottom: 44,
      x: { domain: [0, 1], label: null },
      y: rowAxis(categories.length, top, rowHeight),
      marks: [
        Plot.gridX({ stroke: theme.faint, strokeOpacity: 1, ticks: 5 }),
        Plot.axisX({ ticks: 5, tickFormat: percent, tickSize: 0, label: null, color: theme.muted }),
        Plot.text(['← decides by texture'], {
          x: 0,
          frameAnchor: 'bottom-left',
          dy: 36,
          textAnchor: 'start',
          fill: theme.muted,
        }),
        Plot.text(['decides by shape →'], {
          x: 1,
          frameAnchor: 'bottom-right',
          dy: 36,
          textAnchor: 'end',
          fill: theme.muted,
        }),
        ...roles.flatMap(role => {
          const estimate = overall[role]
          if (estimate === null) return []
          const { value, low = value, high = value } = estimate
          const other = overall[role === 'standard' ? 'robust' : 'standard']
          const { color } = roleStyle[role]
          return [
            Plot.rectX([{ low, high }], { x1: 'low', x2: 'high', fill: color, fillOpacity: 0.16 }),
            Plot.ruleX([value], { stroke: color, strokeWidth: 1.5 }),
            Plot.text([value], {
              x: d => d,
              frameAnchor: 'top',
              dy: -12,
              textAnchor: other ? labelAnchor(value, other.value) : 'middle',
              text: () => `${names[role]} ${percent(value)}`,
              fill: color,
              fontWeight: 600,
              fontSize: 13.5,
            }),
          ]
        }),
        Plot.text(categories, {
          x: 0,
          y: (_, i) => i,
          dx: -10,
          textAnchor: 'end',
          text: 'name',
        }),
        Plot.ruleY(lines, { y: 'y', x1: 'standard', x2: 'robust', stroke: theme.muted, strokeOpacity: 0.45 }),
        ...roles.map(role =>
          Plot.dot(
            categories.flatMap((category, y) => {
              const x = category.values[role]
              return x === undefined ? [] : [{ x, y }]
            }),
            {
              x: 'x',
              y: 'y',
              r: 4.4,
              symbol: roleStyle[role].symbol,
              fill: roleStyle[role].color,
              stroke: theme.paper,
              strokeWidth: 1,
            },
          ),
        ),
      ],
    },
    options,
  )
}

/** Labels of means that lie close together stand away from each other. */
function labelAnchor(own: number, other: number): 'start' | 'middle' | 'end' {
  if (Math.abs(own - other) > 0.12) return 'middle'
  return own <= other ? 'end' : 'start'
}
