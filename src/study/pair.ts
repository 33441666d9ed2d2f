// The two networks of a study, and things that come in twos because of them.

import { z } from 'zod'
import { Estimate } from '../probe/statistics.ts'

export type Role = 'standard' | 'robust'

export const roles: readonly Role[] = ['standard', 'robust']

/** Something of each network. */
export interface PairOf<T> {
  readonly standard: T
  readonly robust: T
}

/** Schema of {@link PairOf}. */
export const PairOf = <T extends z.ZodType>(value: T) => z.object({ standard: value, robust: value })

/** S beside R. */
export const Pair = PairOf(Estimate)
export type Pair = z.infer<typeof Pair>

/** What people call the networks: `S` and `R`. */
export type Names = PairOf<string>

/** Something of each network, made from its role. */
export function pairOf<T>(make: (role: Role) => T): { standard: T; robust: T } {
  return { standard: make('standard'), robust: make('robust') }
}
