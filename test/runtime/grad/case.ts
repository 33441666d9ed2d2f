// One operator under test: a small graph, the inputs to differentiate and how to draw them.

import type { GraphBuilder } from '../../../src/onnx/builder.ts'

export interface RuleCase {
  readonly name: string
  /** Float inputs and their shapes. */
  readonly inputs: Readonly<Record<string, readonly number[]>>
  /** Appends the operator and returns its output. */
  build(builder: GraphBuilder): string
  /** Which inputs to differentiate; default: all. */
  readonly wrt?: readonly string[]
  /**
   * Values are drawn from a normal distribution (default), from positive numbers (for logarithms and roots), or
   * from a shuffled grid without near ties (for maxima, absolute values).
   */
  readonly values?: 'normal' | 'positive' | 'apart'
  /** Half the step of the central difference; default .01. */
  readonly step?: number
  /** Keep the leading axis of `x` a number; by default it is the symbol `n`. */
  readonly fixedBatch?: boolean
}
