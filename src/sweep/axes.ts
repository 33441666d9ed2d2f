// What the networks of a sweep differ in, and how much is gained along it.

import type { Estimate } from '../probe/statistics.ts'
import type { SweepRow } from './result.ts'

/** Settings that have an order. */
export const axes = ['width', 'depth', 'epsilon'] as const
export type Axis = (typeof axes)[number]

/** A row's place on an axis. Where the recipe leaves it out, the network's own default counts as 0. */
export function placeOn(axis: Axis, { recipe }: SweepRow): number {
  return axis === 'epsilon' ? (recipe.adversarial?.epsilon ?? 0) : (recipe[axis] ?? 0)
}

/** The axes on which rows have several places. Schemes set what they like; theirs count where one varies in itself. */
export function axesOf(rows: readonly SweepRow[]): Axis[] {
  const schemes = [...new Set(rows.map(row => row.scheme))]
  return axes.filter(axis =>
    schemes.some(scheme => {
      const own = rows.filter(row => row.scheme === scheme)
      return new Set(own.map(row => placeOn(axis, row))).size > 1
    }),
  )
}

/** What a row is called when it stands on `axis`: everything that varies but this axis and the seed. */
export function labelBeside(axis: Axis | undefined, row: SweepRow, varying: readonly Axis[]): string {
  const { recipe, scheme } = row
  const parts = [
    ...(scheme ? [scheme] : []),
    ...(recipe.activation && !scheme ? [recipe.activation] : []),
    ...varying
      .filter(other => other !== axis)
      .map(other => {
        const place = placeOn(other, row)
        if (other === 'epsilon') return place === 0 ? 'S' : `R ${place}`
        return `${other} ${place}`
      }),
  ]
  return parts.join(', ') || recipe.arch
}

/** Rows by their label beside `axis`, each in ascending order of place. */
export function seriesAlong(axis: Axis, rows: readonly SweepRow[]): Map<string, SweepRow[]> {
  const varying = axesOf(rows)
  const series = new Map<string, SweepRow[]>()
  for (const row of [...rows].sort((a, b) => placeOn(axis, a) - placeOn(axis, b))) {
    const label = labelBeside(axis, row, varying)
    series.set(label, [...(series.get(label) ?? []), row])
  }
  return series
}

/**
 * What a share gains from the first to the last place of a series: the difference of the means over seeds, with
 * the interval of Newcombe (1998, method 10) over images, its halves averaged over the seeds. Undefined where there is
 * one place only.
 */
export function gainAlong(
  axis: Axis,
  series: readonly SweepRow[],
  share: (row: SweepRow) => Estimate | null,
): Estimate | undefined {
  const places = [...new Set(series.map(row => placeOn(axis, row)))].sort((a, b) => a - b)
  const at = (place: number | undefined) => {
    const found = series.filter(row => placeOn(axis, row) === place).flatMap(row => share(row) ?? [])
    const mean = (pick: (one: Estimate) => number) =>
      found.reduce((sum, one) => sum + pick(one), 0) / found.length
    const below = mean(one => (one.value - one.low) ** 2) / found.length
    const above = mean(one => (one.high - one.value) ** 2) / found.length
    return { value: mean(one => one.value), below, above }
  }
  if (places.length < 2) return undefined
  const [first, last] = [at(places[0]), at(places.at(-1))]
  const value = last.value - first.value
  if (Number.isNaN(value)) return undefined
  return {
    value,
    low: value - Math.sqrt(last.below + first.above),
    high: value + Math.sqrt(last.above + first.below),
  }
}
