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
  const ordered = roles.flatMap(role => curves.filter(curve => curve.role === role))
  return seriesChart({
    ...options,
    series: ordered.map(({ role, ...curve }) => ({ ...curve, ...roleStyle[role] })),
  })
}
