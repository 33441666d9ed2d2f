// What an optimiser is: per parameter some tensors that live on from step to step, and the nodes that make the
// next parameter and the next tensors from a gradient.

import type { GraphBuilder } from '../../onnx/builder.ts'
import type { Dim } from '../../onnx/graph.ts'

/** A parameter with its gradient, in a graph that is being built. */
export interface Step {
  readonly builder: GraphBuilder
  /** Name of the parameter, and of the tensors that are kept for it. */
  readonly parameter: string
  /** The value that is moved: the parameter, or what stands for it in the graph. */
  readonly value: string
  readonly shape: readonly Dim[]
  readonly gradient: string
  /** The learning rate, a scalar. */
  readonly rate: string
  readonly weightDecay: number
}

export interface Optimiser {
  /** Names of the inputs of its tensors for `parameter`, all of the parameter's shape and 0 at first. */
  slots(parameter: string): readonly string[]
  /** Further scalar inputs, by name, at a step (counted from 1); `append` may read them. */
  scalars(step: number): Readonly<Record<string, number>>
  /** Appends a step and returns the next value. Its tensors become inputs and, by `nextName`, outputs. */
  append(step: Step): string
}
