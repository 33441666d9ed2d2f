// A measured number with its uncertainty, and what it takes to call two of them different.

import { z } from 'zod'

/** `low` and `high` bound the 95 % interval. */
export const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type Estimate = z.infer<typeof Estimate>

/** -1: `a` lies below `b`, 1: above, 0: their intervals overlap and nothing is said. */
export function order(a: Estimate, b: Estimate): -1 | 0 | 1 {
  return a.high < b.low ? -1 : a.low > b.high ? 1 : 0
}
