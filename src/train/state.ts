// What a training run is between two epochs: all that is needed to go on with it exactly.

import { z } from 'zod'
import type { Graph } from '../onnx/graph.ts'
import { asFloat32, type FloatTensor, zeros } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'

/** One finished epoch, as a row of the log. */
export const EpochLog = z.strictObject({
  /** Counted from 1. */
  epoch: z.int().positive(),
  /** At the epoch's last step. */
  learningRate: z.number(),
  /** At the epoch's last step; 0 in standard training. */
  epsilon: z.number(),
  /** Mean cross-entropy on the images trained on (attacked ones, in adversarial training). */
  loss: z.number(),
  /** Share of those images that were classified correctly. */
  accuracy: z.number(),
  /** Share of unattacked validation images classified correctly. */
  validationAccuracy: z.number().optional(),
})

export type EpochLog = z.infer<typeof EpochLog>

export interface TrainingState {
  /** Parameters and running statistics by name. */
  readonly weights: ReadonlyMap<string, FloatTensor>
  /** Momentum's running sum of gradients, by parameter. */
  readonly velocity: ReadonlyMap<string, FloatTensor>
  /** One row per finished epoch. */
  readonly log: readonly EpochLog[]
}

/** The state before the first step. */
export function initialState(network: Network): TrainingState {
  const weights = [...network.parameters, ...network.buffers]
  return {
    weights: new Map(weights.map(name => [name, asFloat32(network.graph.initializers.get(name)!, name)])),
    velocity: new Map(
      network.parameters.map(name => [name, zeros('float32', network.graph.initializers.get(name)!.shape)]),
    ),
    log: [],
  }
}

/** The network's graph with the weights of `state`. */
export function trainedGraph(network: Network, state: TrainingState): Graph {
  return { ...network.graph, initializers: new Map([...network.graph.initializers, ...state.weights]) }
}

/** The log as CSV, one row per epoch. */
export function logCsv(log: readonly EpochLog[]): string {
  const rows = log.map(row => [
    row.epoch,
    row.learningRate,
    row.epsilon,
    row.loss,
    row.accuracy,
    row.validationAccuracy ?? '',
  ])
  return [['epoch', 'learning_rate', 'epsilon', 'loss', 'accuracy', 'validation_accuracy'], ...rows]
    .map(row => `${row.join(',')}\n`)
    .join('')
}
