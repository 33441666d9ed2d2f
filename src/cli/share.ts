// How command lines write a measured share.

import type { Estimate } from '../probe/index.ts'

/** `56.6 % [53.9, 59.3]`: a share of [0, 1] and its 95 % interval, in percent. */
export function writtenShare({ value, low, high }: Estimate): string {
  return `${(100 * value).toFixed(1)} % [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`
}
