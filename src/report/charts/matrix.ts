// A symmetric table of numbers between -1 and 1 as coloured squares: who errs like whom.

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { theme } from '../theme.ts'

export interface MatrixOptions {
  readonly alt: string
  readonly names: readonly string[]
  /** By row and column; the diagonal is not drawn. */
  readonly value: (row: number, column: number) => number
  readonly width?: number
}

/** SVG of the matrix; numbers stand in the squares while there is room for them. */
export function matrixChart({ alt, names, value, width = 760 }: MatrixOptions): string {
  const label = 10 + 7 * Math.max(...names.map(name => name.length))
  const side = Math.min(52, (width - label) / names.length)
  const cells = names.flatMap((_, row) =>
    names.flatMap((_, column) => (row === column ? [] : [{ row, column, value: value(row, column) }])),
  )
  type Cell = (typeof cells)[number]
  const extent = side * names.length
  return svg(
    {
      width: label + extent,
      height: extent + label,
      marginLeft: label,
      marginRight: 0,
      marginTop: 0,
      marginBottom: label,
      x: { domain: names.map((_, i) => i), axis: null, padding: 0.04 },
      y: { domain: names.map((_, i) => i), axis: null, padding: 0.04 },
      marks: [
        Plot.cell(cells, { x: 'column', y: 'row', fill: (cell: Cell) => shade(cell.value) }),
        ...(side >= 30
          ? [
              Plot.text(cells, {
                x: 'column',
                y: 'row',
                text: (cell: Cell) => cell.value.toFixed(2).replace(/^(-?)0\./, '$1.'),
                fill: (cell: Cell) => (Math.abs(cell.value) > 0.55 ? 'white' : theme.ink),
                fontSize: 11,
              }),
            ]
          : []),
        Plot.axisY({ tickSize: 0, tickFormat: (i: number) => names[i]!, label: null, color: theme.ink }),
        Plot.axisX({
          tickSize: 0,
          tickFormat: (i: number) => names[i]!,
          tickRotate: -90,
          label: null,
          color: theme.ink,
        }),
      ],
    },
    { alt },
  )
}

/** White at 0, blue towards 1, orange towards -1. */
function shade(value: number): string {
  const [r, g, b] = value >= 0 ? [11, 98, 164] : [184, 80, 11]
  const share = Math.min(1, Math.abs(value))
  const mix = (channel: number) => Math.round(255 + share * (channel - 255))
  return `rgb(${mix(r)},${mix(g)},${mix(b)})`
}
