// Whether robust networks need more capacity than standard ones: how much more accuracy they gain from it.

import type { Estimate } from '../probe/statistics.ts'
import { type Axis, axesOf, gainAlong, labelBeside, placeOn, seriesAlong } from './axes.ts'
import type { SweepRow } from './result.ts'

export interface CapacityGain {
  /** The robust networks: `R 3`. */
  readonly label: string
  /** Between these places of the axis. */
  readonly from: number
  readonly to: number
  /** Shares of clean accuracy gained, by standard and by robust networks alike but for their training. */
  readonly standard: Estimate
  readonly robust: Estimate
  /** The second less the first, with the interval of Zou & Donner (2008) from theirs. */
  readonly more: Estimate
}

/** One per radius of training that has standard networks beside it on this axis. */
export function capacityGains(axis: Axis, rows: readonly SweepRow[]): CapacityGain[] {
  const others = axesOf(rows).filter(name => name !== 'epsilon')
  const series = [...seriesAlong(axis, rows)]
  const alike = (row: SweepRow) => labelBeside(axis, row, others)
  return series.flatMap(([label, own]) => {
    const [first] = own
    if (first === undefined || placeOn('epsilon', first) === 0) return []
    const beside = series.find(([, [other]]) => {
      return other && placeOn('epsilon', other) === 0 && alike(other) === alike(first)
    })
    const robust = gainAlong(axis, own, row => row.clean)
    const standard = beside && gainAlong(axis, beside[1], row => row.clean)
    if (robust === undefined || standard === undefined) return []
    const places = own.map(row => placeOn(axis, row))
    const value = robust.value - standard.value
    const more = {
      value,
      low: value - Math.hypot(robust.value - robust.low, standard.high - standard.value),
      high: value + Math.hypot(robust.high - robust.value, standard.value - standard.low),
    }
    return [{ label, from: Math.min(...places), to: Math.max(...places), standard, robust, more }]
  })
}
