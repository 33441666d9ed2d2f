// A number for every spatial frequency, as a map with the constant picture in its middle: what spectra look like in
// the literature.

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { type Role, roleStyle, theme } from '../theme.ts'

export interface FrequenciesOptions {
  readonly alt: string
  readonly role: Role
  /** Cycles per image downwards, in the order of `values`. */
  readonly rows: readonly number[]
  /** Cycles per image across, from 0 on; the other half is the mirror image. */
  readonly columns: readonly number[]
  readonly values: readonly (readonly number[])[]
  /** The value that is drawn in full colour; 0 and below are not drawn. */
  readonly full: number
  readonly width?: number
}

/** SVG of the map. */
export function frequencyMap(options: FrequenciesOptions): string {
  const { role, rows, columns, values, full, width = 360 } = options
  const cells = rows.flatMap((down, r) =>
    columns.flatMap((across, c) => {
      const cell = { down, across, value: values[r]?.[c] ?? 0 }
      // A wave and the one of both frequencies negated are the same.
      return across === 0 ? [cell] : [cell, { ...cell, down: -down, across: -across }]
    }),
  )
  type Cell = (typeof cells)[number]
  const negated = columns
    .filter(across => across > 0)
    .map(across => -across)
    .reverse()
  const acrossAll = [...negated, ...columns]
  const ends = (all: readonly number[]) => [all[0] ?? 0, 0, all.at(-1) ?? 0]
  const [left, top, bottom] = [42, 4, 40]
  return svg(
    {
      width,
      height: width - left + top + bottom,
      marginLeft: left,
      marginRight: 2,
      marginTop: top,
      marginBottom: bottom,
      padding: 0,
      x: { domain: acrossAll, label: null, type: 'band' },
      y: { domain: [...rows], label: null, type: 'band' },
      marks: [
        Plot.cell(cells, {
          x: 'across',
          y: 'down',
          fill: roleStyle[role].color,
          fillOpacity: (cell: Cell) => Math.max(0, Math.min(1, cell.value / (full || 1))),
        }),
        Plot.frame({ stroke: theme.faint }),
        Plot.axisX({
          ticks: ends(acrossAll),
          tickFormat: cycles,
          tickSize: 3,
          label: 'cycles across',
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 36,
          color: theme.muted,
        }),
        Plot.axisY({
          ticks: ends(rows),
          tickFormat: cycles,
          tickSize: 3,
          label: 'cycles down',
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 38,
          color: theme.muted,
        }),
      ],
      opacity: { type: 'identity' },
    },
    options,
  )
}

const cycles = (count: number) => String(count).replace('-', '−')
