// A measure of both networks layer by layer (or kind by kind) as a chart with intervals.

import { type Pair, type PairOf, pairOf } from '../study/pair.ts'
import type { Study } from '../study/study.ts'
import { type ComparisonRow, comparisonChart } from './charts/comparison.ts'
import { type Html, raw } from './html.ts'
import { both, names } from './text.ts'
import { roles } from './theme.ts'

export interface ByLayerOptions {
  /** What is measured, for those who cannot see the chart. */
  readonly what: string
  readonly rows: readonly (Pair & {
    readonly label: string
    /** What the numbers are means of, such as seeds. */
    readonly each?: PairOf<readonly number[]>
    readonly note?: ComparisonRow['note']
  })[]
  readonly format: (value: number) => string
  readonly axis: string
  /** Begin the axis at 0, as shares need; otherwise it shows the range of the intervals. */
  readonly fromZero?: boolean
  /** Where the axis ends; default: past the last interval. */
  readonly to?: number
  readonly labelWidth?: number
  /** What the notes of the rows are. */
  readonly notes?: string
  /** Default 760 pixels. */
  readonly width?: number
}

/** The chart. */
export function byLayer(study: Study, options: ByLayerOptions): Html {
  const { what, rows, format, axis, fromZero = false, to, labelWidth = 84, width = 760, notes } = options
  const bounds = rows.flatMap(row => roles.flatMap(role => [row[role].low, row[role].high]))
  const [low, high] = [fromZero ? 0 : Math.min(...bounds), Math.max(...bounds)]
  const room = (high - low || 1) * 0.12
  return raw(
    comparisonChart({
      alt: `${what}: ${rows.map(row => `${row.label}: ${both(study, role => format(row[role].value))}`).join('; ')}.`,
      rows: rows.map(({ label, each, note, ...values }) => ({
        label,
        ...(note && { note }),
        values: pairOf(role => ({ ...values[role], ...(each && { each: each[role] }) })),
      })),
      names: names(study),
      format,
      tick: fromZero ? format : value => String(value),
      axis,
      domain: [fromZero ? 0 : low < 0 ? low - room : Math.max(0, low - room), to ?? high + room],
      ...(notes !== undefined && { notes }),
      width,
      labelWidth,
    }),
  )
}
