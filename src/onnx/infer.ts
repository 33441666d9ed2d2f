// Element types and shapes of every value of a graph, with symbolic axes.

import type { DType } from '../tensor/dtype.ts'
import type { Dim } from './graph.ts'

/** What is known of a value before it is computed. */
export interface ValueType {
  readonly dtype: DType
  readonly shape: readonly Dim[]
}
