// S beside R: one row per thing measured, a mark with its interval for each network, the number beside it.

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { type Role, roleStyle, roles, theme } from '../theme.ts'

/** An estimate; `low` and `high` bound its 95 % interval, where there is one. */
export interface Estimate {
  readonly value: number
  readonly low?: number
  readonly high?: number
  /** What it is the mean of, drawn as small strokes. */
  readonly each?: readonly number[]
}

export interface ComparisonRow {
  readonly label: string
  readonly values: Readonly<Partial<Record<Role, Estimate>>>
  /** At the right edge of the row. */
  readonly note?: { readonly text: string; readonly isStrong: boolean }
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
  /** What the notes of the rows are, above them. */
  readonly notes?: string
}

const rowHeight = 46
const lane = 0.19

/** SVG of the comparison. */
export function comparisonChart(options: ComparisonOptions): string {
  const { rows, names, format, domain, width = 640, labelWidth = 150, reference, notes } = options
  // Room right of the last mark: for a name and a number, and for the notes.
  const labels = 21 + 7 * (4 + Math.max(...roles.map(role => names[role].length)))
  const noted =
    notes === undefined
      ? 0
      : 20 + 7 * Math.max(notes.length, ...rows.map(({ note }) => note?.text.length ?? 0))
  const top = reference === undefined && notes === undefined ? 4 : 22
  const marks = rows.flatMap((row, i) =>
    roles.flatMap((role, k) => {
      const estimate = row.values[role]
      if (estimate === undefined) return []
      const { value, low = value, high = value, each = [] } = estimate
      return [{ y: i + (k === 0 ? -lane : lane), role, value, low, high, each }]
    }),
  )
  type Mark = (typeof marks)[number]
  const of = (role: Role): Mark[] => marks.filter(mark => mark.role === role)
  return svg(
    {
      width,
      height: rows.length * rowHeight + top + 40,
      marginLeft: labelWidth,
      marginRight: labels + noted,
      marginTop: top,
      marginBottom: 40,
      x: { domain: [...domain], label: null },
      y: {
        domain: [-0.5, rows.length - 0.5],
        reverse: false,
        axis: null,
        range: [top, top + rows.length * rowHeight],
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
        ...(notes === undefined ? [] : noteColumn(rows, notes, domain[1], labels + noted - 6)),
        ...roles.flatMap(role => {
          const { color, symbol } = roleStyle[role]
          return [
            Plot.ruleX(strokesOf(of(role)), {
              x: 'x',
              y1: d => d.y - 0.1,
              y2: d => d.y + 0.1,
              stroke: color,
              strokeWidth: 1.4,
            }),
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

function strokesOf(marks: readonly { readonly y: number; readonly each: readonly number[] }[]) {
  return marks.flatMap(({ y, each }) => each.map(x => ({ x, y })))
}

function noteColumn(
  rows: readonly ComparisonRow[],
  heading: string,
  right: number,
  dx: number,
): Plot.Markish[] {
  const at = { dx, textAnchor: 'end' } as const
  return [
    Plot.text([heading], { ...at, x: right, frameAnchor: 'top', dy: -14, fill: theme.muted, fontSize: 11.5 }),
    ...[true, false].map(isStrong =>
      Plot.text(
        rows.flatMap(({ note }, y) => (note?.isStrong === isStrong ? [{ y, text: note.text }] : [])),
        {
          ...at,
          x: right,
          y: 'y',
          text: 'text',
          fill: isStrong ? theme.ink : theme.muted,
          fontWeight: isStrong ? 600 : 400,
        },
      ),
    ),
  ]
}
