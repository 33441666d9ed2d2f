// S beside R: one row per thing measured, a mark with its interval for each network, the number beside it.

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { type Role, roleStyle, roles, theme } from '../theme.ts'

/** An estimate; `low` and `high` bound its 95 % interval, where there is one. */
export interface Estimate {
  readonly value: number
  readonly low?: number
  readonly high?: number
}

export interface ComparisonRow {
  readonly label: string
  readonly values: Readonly<Partial<Record<Role, Estimate>>>
}

export interface ComparisonOptions {
  readonly alt: string
  readonly rows: readonly ComparisonRow[]
  readonly names: Readonly<Record<Role, string>>
  /** Text of a number at a mark. */
  readonly format: (value: number) => string
  /** Text of a number at the axis; default `format`. */
  readonly tick?: (value: number) => string
  readonly axis: string
  readonly domain: readonly [number, number]
  /** A reference drawn as a dashed line, such as chance level. */
  readonly reference?: { readonly at: number; readonly label: string }
  readonly width?: number
  /** Width of the row labels in pixels. */
  readonly labelWidth?: number
}

const rowHeight = 46
const lane = 0.19

/** SVG of the comparison. */
export function comparisonChart(options: ComparisonOptions): string {
  const { rows, names, format, domain, width = 640, labelWidth = 150, reference } = options
  const marks = rows.flatMap((row, i) =>
    roles.flatMap((role, k) => {
      const estimate = row.values[role]
      if (estimate === undefined) return []
      const { value, low = value, high = value } = estimate
      return [{ y: i + (k === 0 ? -lane : lane), role, value, low, high }]
    }),
  )
  type Mark = (typeof marks)[number]
  const of = (role: Role): Mark[] => marks.filter(mark => mark.role === role)
  return svg(
    {
      width,
      height: rows.length * rowHeight + 62,
      marginLeft: labelWidth,
      marginRight: 56,
      marginTop: 22,
      marginBottom: 40,
      x: { domain: [...domain], label: null },
      y: {
        domain: [-0.5, rows.length - 0.5],
        reverse: false,
        axis: null,
        range: [22, 22 + rows.length * rowHeight],
      },
      marks: [
        Plot.gridX({ stroke: theme.faint, strokeOpacity: 1, ticks: 5 }),
        Plot.axisX({
          ticks: 5,
          tickFormat: options.tick ?? format,
          tickSize: 0,
          label: options.axis,
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 37,
          color: theme.muted,
        }),
        Plot.ruleY(
          rows.slice(1).map((_, i) => i + 0.5),
          { stroke: theme.faint, strokeOpacity: 0.6 },
        ),
        ...(reference
          ? [
              Plot.ruleX([reference.at], { stroke: theme.muted, strokeDasharray: '3,3' }),
              Plot.text([reference.at], {
                x: d => d,
                frameAnchor: 'top',
                dy: -14,
                text: () => reference.label,
                fill: theme.muted,
                fontSize: 11.5,
              }),
            ]
          : []),
        Plot.text(rows, {
          x: domain[0],
          y: (_, i) => i,
          dx: -12,
          textAnchor: 'end',
          text: 'label',
          lineWidth: labelWidth / 12,
          fill: theme.ink,
        }),
        ...roles.flatMap(role => {
          const { color, symbol } = roleStyle[role]
          return [
            Plot.ruleY(of(role), {
              x1: 'low',
              x2: 'high',
              y: 'y',
              stroke: color,
              strokeWidth: 2,
              strokeOpacity: 0.55,
            }),
            Plot.dot(of(role), { x: 'value', y: 'y', r: 4.6, symbol, fill: color }),
            Plot.text(of(role), {
              x: 'high',
              y: 'y',
              dx: 9,
              textAnchor: 'start',
              text: (d: Mark) => `${names[role]} ${format(d.value)}`,
              fill: color,
              fontWeight: 600,
              stroke: theme.paper,
              strokeWidth: 3,
            }),
          ]
        }),
      ],
    },
    options,
  )
}
