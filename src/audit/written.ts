// How an audit writes its numbers, on the terminal, in Markdown and in sentences.

import type { Measure } from './audit.ts'

type Written = Pick<Measure, 'value' | 'low' | 'high' | 'unit'>

/** `21.3 %`, `6.62`, `3`; with `interval`: `21.3 % [15.1, 29.0]`. */
export function written({ value, low, high, unit }: Written, interval?: 'interval'): string {
  const text = (x: number) =>
    unit === 'percent' ? (100 * x).toFixed(1) : unit === 'count' ? String(x) : x.toFixed(3)
  const number = `${text(value)}${unit === 'percent' ? ' %' : ''}`
  return interval === undefined || unit === 'count' ? number : `${number} [${text(low)}, ${text(high)}]`
}
