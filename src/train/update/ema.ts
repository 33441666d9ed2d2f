// The running mean of the weights, whose network is often better and smoother than that of any single step
// (Polyak & Juditsky 1992; torch.optim.swa_utils' exponential average).

import type { GraphBuilder } from '../../onnx/builder.ts'
import type { Dim } from '../../onnx/graph.ts'
import { nextName } from '../training-form.ts'

/** Input, scalar: share of the mean that stays. */
export const KEEP = 'ema.keep'

/** Name of the input that holds the mean of a weight. */
export function averageName(weight: string): string {
  return `ema.${weight}`
}

/** The share at a step (counted from 1): less in the beginning, so that the first weights are soon forgotten. */
export function keepAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step))
}

/** Appends the next mean of `weight`, whose next value is `next`, as an output. */
export function appendAverage(
  builder: GraphBuilder,
  weight: string,
  next: string,
  shape: readonly Dim[],
  keep: string,
): void {
  const before = builder.input(averageName(weight), 'float32', shape)
  const change = builder.op('Mul', [builder.op('Sub', [before, next]), keep])
  builder.output(builder.op('Add', [next, change]), 'float32', shape, nextName(before))
}
