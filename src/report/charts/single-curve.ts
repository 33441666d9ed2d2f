// One network's accuracy along one axis, small enough to stand beside others of its kind.

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { roleStyle, theme } from '../theme.ts'

export interface SingleCurveOptions {
  readonly alt: string
  /** In the order of the axis, which has equal steps: points are levels, not distances. */
  readonly points: readonly {
    readonly label: string
    readonly value: number
    readonly low: number
    readonly high: number
  }[]
  readonly axis: string
  /** Accuracy of guessing. */
  readonly chance: number
  readonly format: (value: number) => string
  readonly width?: number
}

/** SVG of the curve. */
export function singleCurveChart({
  alt,
  points,
  axis,
  chance,
  format,
  width = 366,
}: SingleCurveOptions): string {
  const marks = points.map((point, i) => ({ ...point, i }))
  type Mark = (typeof marks)[number]
  const { color } = roleStyle.robust
  return svg(
    {
      width,
      height: 230,
      marginLeft: 46,
      marginRight: 26,
      marginTop: 22,
      marginBottom: 46,
      x: { domain: [-0.2, points.length - 0.8], axis: null },
      y: { domain: [0, 1], label: null },
      marks: [
        Plot.gridY({ stroke: theme.faint, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({ ticks: 5, tickFormat: format, tickSize: 0, label: null, color: theme.muted }),
        Plot.ruleY([chance], { stroke: theme.muted, strokeDasharray: '3,3' }),
        Plot.text(marks, {
          x: 'i',
          frameAnchor: 'bottom',
          dy: 16,
          text: 'label',
          fill: theme.muted,
          fontSize: 10.5,
        }),
        Plot.text([axis], { frameAnchor: 'bottom', dy: 36, text: d => d, fill: theme.muted, fontSize: 11.5 }),
        Plot.ruleX(marks, {
          x: 'i',
          y1: 'low',
          y2: 'high',
          stroke: color,
          strokeWidth: 2,
          strokeOpacity: 0.5,
        }),
        Plot.line(marks, { x: 'i', y: 'value', stroke: color, strokeWidth: 2 }),
        Plot.dot(marks, { x: 'i', y: 'value', r: 3.6, fill: color }),
        Plot.text(marks, {
          x: 'i',
          y: 'high',
          dy: -8,
          text: (mark: Mark) => format(mark.value),
          fill: color,
          fontWeight: 600,
          fontSize: 11,
          stroke: 'white',
          strokeWidth: 3,
        }),
      ],
    },
    { alt },
  )
}
