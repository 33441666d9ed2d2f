// The causal table as CSV: one row per unit (or group), one column per thing that its loss changes.

import { writeCsv } from '../../data/csv.ts'
import type { Ablation } from './ablation.ts'

/**
 * Columns: `layer`, `unit` (a channel counted from 0, a group's name, or `only` and a group's name); `shape`,
 * `texture` (decisions lost); `shape_bias`, `shape_bias_change` with `_low` and `_high` of its 95 % interval (empty
 * where there is no decision for either cue); per condition `<name>_change`, the change in accuracy; per concept
 * `<category>: <concept>`, the share of the images showing it that are decided otherwise.
 */
export function ablationCsv({ conditions, concepts, layers }: Ablation): string {
  const accuracyColumns = conditions.map(({ name }) => `${name}_change`)
  const conceptColumns = concepts.map(({ category, concept }) => `${category}: ${concept}`)
  const rows = layers.flatMap(({ layer, units, groups }) => {
    const named = [
      ...units.map(use => ({ unit: String(use.channel), use })),
      ...groups.map(use => ({ unit: use.kind === 'only' ? `only ${use.name}` : use.name, use })),
    ]
    return named.map(({ unit, use }) => {
      const row: Record<string, string | number> = {
        layer,
        unit,
        shape: use.shape,
        texture: use.texture,
        shape_bias: use.shapeBias ?? '',
        shape_bias_change: use.shapeBiasChange?.value ?? '',
        shape_bias_change_low: use.shapeBiasChange?.low ?? '',
        shape_bias_change_high: use.shapeBiasChange?.high ?? '',
      }
      for (const [i, column] of accuracyColumns.entries())
        row[column] = (use.gained[i]! - use.lost[i]!) / conditions[i]!.images
      for (const [i, column] of conceptColumns.entries()) row[column] = use.changed[i]! / concepts[i]!.images
      return row
    })
  })
  const columns = [
    ...['layer', 'unit', 'shape', 'texture'],
    ...['shape_bias', 'shape_bias_change', 'shape_bias_change_low', 'shape_bias_change_high'],
    ...accuracyColumns,
    ...conceptColumns,
  ]
  return writeCsv(columns, rows)
}
