// How many units detect each concept, the most frequent first: the figure of Network Dissection (Bau et al. 2017).

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { theme } from '../theme.ts'

export interface ConceptCount {
  readonly concept: string
  readonly category: string
  readonly units: number
}

export interface ConceptCountsOptions {
  readonly alt: string
  /** In the order of the rows. */
  readonly counts: readonly ConceptCount[]
  readonly colourOf: (category: string) => string
  readonly width?: number
}

const rowHeight = 20

/** SVG of the bars. */
export function conceptCounts({ alt, counts, colourOf, width = 760 }: ConceptCountsOptions): string {
  return svg(
    {
      width,
      height: counts.length * rowHeight + 8,
      marginLeft: 16 + 7 * Math.max(...counts.map(({ concept }) => concept.length)),
      marginRight: 190,
      marginTop: 4,
      marginBottom: 4,
      x: { axis: null, domain: [0, Math.max(1, ...counts.map(({ units }) => units))] },
      y: { domain: counts.map((_, i) => i), axis: null, padding: 0.25 },
      marks: [
        Plot.barX(counts, {
          x: 'units',
          y: (_, i) => i,
          fill: ({ category }: ConceptCount) => colourOf(category),
        }),
        Plot.text(counts, {
          x: 0,
          y: (_, i) => i,
          dx: -8,
          textAnchor: 'end',
          text: 'concept',
          fill: theme.ink,
        }),
        Plot.text(counts, {
          x: 'units',
          y: (_, i) => i,
          dx: 7,
          textAnchor: 'start',
          text: ({ units, category }: ConceptCount) => `${units}, ${category}`,
          fill: theme.muted,
        }),
      ],
    },
    { alt },
  )
}
