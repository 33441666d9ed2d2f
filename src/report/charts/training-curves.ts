// How a training went, as a picture that stands alone: accuracies by epoch.

import type { EpochLog } from '../../train/state.ts'
import { percent } from '../text.ts'
import { palette } from '../theme.ts'
import { seriesChart } from './series.ts'

/** SVG of the accuracies in a training's log: on the images trained on and, where measured, validation images. */
export function trainingCurves(log: readonly EpochLog[]): string {
  const curves = [
    ['training', (row: EpochLog) => row.accuracy],
    ['validation', (row: EpochLog) => row.validationAccuracy],
    ['under PGD', (row: EpochLog) => row.robustAccuracy],
  ] as const
  const step = Math.ceil(log.length / 8)
  return seriesChart({
    alt: `Accuracy by epoch; training ends at ${percent(log.at(-1)?.accuracy ?? 0)}.`,
    series: curves.flatMap(([label, value], i) => {
      const points = log.flatMap(row => {
        const y = value(row)
        return y === undefined ? [] : [{ x: row.epoch, y }]
      })
      return points.length === 0 ? [] : [{ label, points, color: palette[i]!, symbol: 'circle' as const }]
    }),
    x: { label: 'epoch', ticks: log.map(row => row.epoch).filter(epoch => epoch % step === 0) },
    y: { label: 'accuracy', domain: [0, 1], format: percent },
  })
}
