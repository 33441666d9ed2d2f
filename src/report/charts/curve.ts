// Curves of S and R over a common axis: accuracy against the attacker's budget, training against epochs.

import { type Role, roleStyle, roles } from '../theme.ts'
import { type SeriesOptions, type SeriesPoint, seriesChart } from './series.ts'

export interface Curve {
  readonly role: Role
  /** Written at the curve's end. */
  readonly label: string
  readonly points: readonly SeriesPoint[]
  readonly dashed?: boolean
}

export interface CurveOptions extends Omit<SeriesOptions, 'series'> {
  readonly curves: readonly Curve[]
}

/** SVG of the curves. */
export function curveChart({ curves, ...options }: CurveOptions): string {
  const longest = Math.max(0, ...curves.map(({ label }) => label.length))
  const ordered = roles.flatMap(role => curves.filter(curve => curve.role === role))
  return seriesChart({
    ...options,
    // Names at the curves' ends need their room.
    labelWidth: Math.max(options.labelWidth ?? 110, 14 + 7.5 * longest),
    series: ordered.map(({ role, ...curve }) => ({ ...curve, ...roleStyle[role] })),
  })
}
