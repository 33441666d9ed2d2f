// A layer's dissection as NetDissect-Lite writes it (`tally.csv`), for tools that read that.

import { writeCsv } from '../../data/csv.ts'
import type { Dissection } from './dissection.ts'

const fields = ['label', 'truth', 'activation', 'intersect', 'iou'] as const

/**
 * One row per unit, best unit first; units are counted from 1, as there. A category in which the unit has no
 * concept has an empty label.
 */
export function tallyCsv(layer: Dissection['layers'][number], categories: readonly string[]): string {
  const columns = [
    'unit',
    'category',
    'label',
    'score',
    ...categories.flatMap(category => fields.map(field => `${category}-${field}`)),
  ]
  const iouOf = (unit: (typeof layer.units)[number]) => unit.scores[0]?.iou ?? 0
  const rows = [...layer.units]
    .sort((a, b) => iouOf(b) - iouOf(a))
    .map(unit => {
      const [best] = unit.scores
      const row: Record<string, string | number> = {
        unit: unit.channel + 1,
        category: best?.category ?? '',
        label: best?.concept ?? '',
        score: iouOf(unit),
      }
      for (const category of categories) {
        const score = unit.scores.find(s => s.category === category)
        row[`${category}-label`] = score?.concept ?? ''
        row[`${category}-truth`] = score?.truth ?? 0
        row[`${category}-activation`] = score?.activation ?? 0
        row[`${category}-intersect`] = score?.intersection ?? 0
        row[`${category}-iou`] = score?.iou ?? 0
      }
      return row
    })
  return writeCsv(columns, rows)
}
