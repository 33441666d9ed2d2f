// How an audit writes its numbers, on the terminal, in Markdown and in sentences.

import type { Measure } from './audit.ts'

type Unit = Measure['unit']

/** `21.3 % [15.1, 29.0]`, or why there is no number. */
export function written(measure: Measure): string {
  const interval = writtenInterval(measure)
  return interval === '' ? writtenValue(measure) : `${writtenValue(measure)} ${interval}`
}

/** `21.3 %`, `6.620`, `3`; or why there is no number. */
export function writtenValue(measure: Measure): string {
  return measure.value === null ? measure.reason : quantity(measure.value, measure.unit)
}

/** `[15.1, 29.0]`; empty for counts, which are certain, and where there is no number. */
export function writtenInterval(measure: Measure): string {
  if (measure.value === null || measure.unit === 'count') return ''
  return `[${digits(measure.low, measure.unit)}, ${digits(measure.high, measure.unit)}]`
}

/** A number of this unit by itself: `30.0 %`. */
export function quantity(value: number, unit: Unit): string {
  return `${digits(value, unit)}${unit === 'percent' ? ' %' : ''}`
}

function digits(value: number, unit: Unit): string {
  return unit === 'percent' ? (100 * value).toFixed(1) : unit === 'count' ? String(value) : value.toFixed(3)
}
