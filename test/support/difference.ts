// A paired comparison that goes with two estimates, for tests that make their numbers up.

import type { PairedComparison } from '../../src/probe/significance.ts'
import type { Pair } from '../../src/study/pair.ts'

/** R minus S: certain where their intervals lie apart, undecided where they do not. */
export function differenceOf({ standard, robust }: Pair, n = 1000): PairedComparison {
  const value = robust.value - standard.value
  const apart = robust.high < standard.low || standard.high < robust.low
  const half = (robust.high - robust.low + standard.high - standard.low) / 2
  return { difference: { value, low: value - half, high: value + half }, n, p: apart ? 1e-9 : 0.2 }
}
