// A measure of both networks layer by layer (or kind by kind) as a chart with intervals.

import type { Pair } from '../study/pair.ts'
import type { Study } from '../study/study.ts'
import { comparisonChart } from './charts/comparison.ts'
import { type Html, raw } from './html.ts'
import { both, names } from './text.ts'
import { roles } from './theme.ts'

export interface ByLayerOptions {
  /** What is measured, for those who cannot see the chart. */
  readonly what: string
  readonly rows: readonly (Pair & { readonly label: string })[]
  readonly format: (value: number) => string
  readonly axis: string
  /** Begin the axis at 0, as shares need; otherwise it shows the range of the intervals. */
  readonly fromZero?: boolean
  readonly labelWidth?: number
}

/** The chart, 760 pixels wide. */
export function byLayer(study: Study, options: ByLayerOptions): Html {
  const { what, rows, format, axis, fromZero = false, labelWidth = 84 } = options
  const bounds = rows.flatMap(row => roles.flatMap(role => [row[role].low, row[role].high]))
  const [low, high] = [fromZero ? 0 : Math.min(...bounds), Math.max(...bounds)]
  const room = (high - low || 1) * 0.12
  return raw(
    comparisonChart({
      alt: `${what}: ${rows.map(row => `${row.label}: ${both(study, role => format(row[role].value))}`).join('; ')}.`,
      rows: rows.map(({ label, standard, robust }) => ({ label, values: { standard, robust } })),
      names: names(study),
      format,
      tick: fromZero ? format : value => String(value),
      axis,
      domain: [fromZero ? 0 : low < 0 ? low - room : Math.max(0, low - room), high + room],
      width: 760,
      labelWidth,
    }),
  )
}
