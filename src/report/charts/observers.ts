// Shape bias by category for any number of observers, people among them, in the form of Geirhos et al. (2019),
// figure 4: texture at the left, shape at the right, a row per category, everybody's mean as a line.

import * as Plot from '@observablehq/plot'
import { rowAxis, svg } from '../plot.ts'
import { theme } from '../theme.ts'

export interface ObserverSeries {
  readonly name: string
  readonly color: string
  /** People are drawn as diamonds, networks as dots. */
  readonly person: boolean
  /** Over all categories; null where neither cue was ever chosen. */
  readonly overall: number | null
  /** By category, aligned with the chart's; null where neither cue was ever chosen. */
  readonly values: readonly (number | null)[]
}

export interface ObserversOptions {
  readonly alt: string
  readonly categories: readonly string[]
  readonly observers: readonly ObserverSeries[]
  readonly width?: number
}

const rowHeight = 24

/** SVG of the chart. */
export function observersChart({ alt, categories, observers, width = 760 }: ObserversOptions): string {
  const top = 14
  const percent = (value: number) => `${Math.round(value * 100)} %`
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
        ...(
          [
            ['← decides by texture', 0, 'start', 'bottom-left'],
            ['decides by shape →', 1, 'end', 'bottom-right'],
          ] as const
        ).map(([text, x, textAnchor, frameAnchor]) =>
          Plot.text([text], { x, frameAnchor, dy: 36, textAnchor, fill: theme.muted }),
        ),
        Plot.text(categories, { x: 0, y: (_, i) => i, dx: -10, textAnchor: 'end', text: d => d }),
        ...observers.flatMap(({ color, overall, person, values }) => [
          Plot.ruleX(overall === null ? [] : [overall], { stroke: color, strokeWidth: 1.5 }),
          Plot.dot(
            values.flatMap((x, y) => (x === null ? [] : [{ x, y }])),
            {
              x: 'x',
              y: 'y',
              r: person ? 5 : 4.2,
              symbol: person ? 'diamond' : 'circle',
              fill: color,
              stroke: 'white',
              strokeWidth: 1,
            },
          ),
        ]),
      ],
    },
    { alt },
  )
}
