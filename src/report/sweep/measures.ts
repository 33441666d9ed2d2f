// What the figures of a sweep show of its networks.

import type { Estimate } from '../../probe/statistics.ts'
import type { SweepResult, SweepRow } from '../../sweep/result.ts'
import { decimal, percent } from '../text.ts'

export interface Measure {
  readonly label: string
  readonly of: (row: SweepRow) => Estimate | number | null
  readonly format: (value: number) => string
  readonly domain?: readonly [number, number]
}

/** One network's value of a measure, with its interval where there is one. */
export interface MeasuredPoint {
  readonly value: number
  readonly low?: number
  readonly high?: number
}

/** `PGD-20 (L2, 3)` */
export function attackName({ steps, norm, epsilon }: SweepResult['measure']): string {
  return `PGD-${steps} (${norm}, ${epsilon})`
}

export function measures(attack: string): Measure[] {
  return [
    { label: 'clean accuracy', of: row => row.clean, format: percent, domain: [0, 1] },
    { label: `accuracy under ${attack}`, of: row => row.robust, format: percent, domain: [0, 1] },
    { label: 'accuracy under AutoAttack', of: row => row.autoAttack, format: percent, domain: [0, 1] },
    { label: 'shape bias', of: row => row.shapeBias, format: percent, domain: [0, 1] },
    {
      label: 'kernel variation, first layer (smooth: low)',
      of: row => row.smoothness?.first ?? null,
      format: decimal,
    },
    { label: 'units that detect an object', of: row => detectorShare(row, 'object'), format: percent },
    { label: 'likeness of top images (few types: high)', of: row => row.similarity, format: decimal },
  ]
}

/** Share of all units that detect a concept of this category. */
function detectorShare({ detectors }: SweepRow, category: string): number | null {
  const found = detectors?.categories.find(one => one.category === category)
  return found && detectors ? found.detectors / detectors.units : null
}

/** Nothing where the network was not measured so. */
export function pointOf({ of }: Measure, row: SweepRow): MeasuredPoint[] {
  const value = of(row)
  if (value === null) return []
  return [typeof value === 'number' ? { value } : { value: value.value, low: value.low, high: value.high }]
}

export const meanOf = (points: readonly MeasuredPoint[]) =>
  points.reduce((sum, { value }) => sum + value, 0) / points.length

/** From 0 to what holds all points, where a measure has no domain of its own. */
export function domainOf({ domain }: Measure, points: readonly MeasuredPoint[]): readonly [number, number] {
  const highest = Math.max(...points.map(({ value, high = value }) => high))
  return domain ?? [0, highest > 0 ? highest * 1.05 : 1]
}
