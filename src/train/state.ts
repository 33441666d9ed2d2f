// What a training run is between two epochs: all that is needed to go on with it exactly.

import { z } from 'zod'
import type { Graph } from '../onnx/graph.ts'
import { asFloat32, type FloatTensor, zeros } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { schemeOf } from './schemes/of-recipe.ts'
import { averageName } from './update/ema.ts'
import { type Slot, slotsOf } from './update/update.ts'

/** One finished epoch, as a row of the log. */
export const EpochLog = z.strictObject({
  /** Counted from 1. */
  epoch: z.int().positive(),
  /** At the epoch's last step. */
  learningRate: z.number(),
  /** At the epoch's last step; 0 in standard training. */
  epsilon: z.number(),
  /** Mean cross-entropy on the images trained on (attacked ones, in adversarial training; TRADES: clean ones). */
  loss: z.number(),
  /** Share of those images that were classified correctly (TRADES: of the attacked ones). */
  accuracy: z.number(),
  /** Share of unattacked validation images classified correctly. */
  validationAccuracy: z.number().optional(),
  /** Share of validation images classified correctly under PGD; see `robustValidation` of the recipe. */
  robustAccuracy: z.number().optional(),
})

export type EpochLog = z.infer<typeof EpochLog>

export interface TrainingState {
  /** Parameters and running statistics by name, those that only the scheme has included. */
  readonly weights: ReadonlyMap<string, FloatTensor>
  /** What optimiser and running means keep, by name of the input. */
  readonly slots: ReadonlyMap<string, FloatTensor>
  /** The result as of the epoch that withstood attacks best, where that is measured. */
  readonly best?: ReadonlyMap<string, FloatTensor>
  /** One row per finished epoch. */
  readonly log: readonly EpochLog[]
}

/** Which tensors a run has, apart from their values. */
export interface StateForm {
  /** What is trained: weight -> weight of the network that gives its shape and first value. */
  readonly parameters: ReadonlyMap<string, string>
  /** Running statistics, likewise. */
  readonly buffers: ReadonlyMap<string, string>
  readonly slots: readonly Slot[]
  /** Weights of the network itself. */
  readonly own: readonly string[]
}

export function stateForm(network: Network, recipe: Recipe): StateForm {
  const extra = [...schemeOf(recipe, network).extra]
  const both = (names: readonly string[]) =>
    new Map([
      ...names.map(name => [name, name] as const),
      ...extra.filter(([, origin]) => names.includes(origin)),
    ])
  const parameters = both(network.parameters)
  const own = [...network.parameters, ...network.buffers]
  return {
    parameters,
    buffers: both(network.buffers),
    slots: slotsOf({ recipe, parameters: [...parameters.keys()], averaged: own }),
    own,
  }
}

/** The state before the first step. */
export function initialState(network: Network, recipe: Recipe): TrainingState {
  const { parameters, buffers, slots } = stateForm(network, recipe)
  const weight = (origin: string) => asFloat32(network.graph.initializers.get(origin)!, origin)
  const weights = new Map([...parameters, ...buffers].map(([name, origin]) => [name, weight(origin)]))
  return {
    weights,
    slots: new Map(
      slots.map(({ name, of, start }) => {
        const like = weights.get(of)!
        return [name, start === 'weight' ? like : zeros('float32', like.shape)]
      }),
    ),
    log: [],
  }
}

/** The network's own weights as a run would use them now: their running means where it keeps them. */
export function currentWeights(
  { weights, slots }: Pick<TrainingState, 'weights' | 'slots'>,
  own: readonly string[],
): ReadonlyMap<string, FloatTensor> {
  return new Map(own.map(name => [name, slots.get(averageName(name)) ?? weights.get(name)!]))
}

/** The weights that a run ends in: of its best epoch where that is measured, else of its last. */
export function trainedWeights(network: Network, state: TrainingState): ReadonlyMap<string, FloatTensor> {
  return state.best ?? currentWeights(state, [...network.parameters, ...network.buffers])
}

/** The network's graph with the weights that the run ended in. */
export function trainedGraph(network: Network, state: TrainingState): Graph {
  const weights = trainedWeights(network, state)
  return { ...network.graph, initializers: new Map([...network.graph.initializers, ...weights]) }
}

/** The log as CSV, one row per epoch. */
export function logCsv(log: readonly EpochLog[]): string {
  const attacked = log.some(row => row.robustAccuracy !== undefined)
  const header = ['epoch', 'learning_rate', 'epsilon', 'loss', 'accuracy', 'validation_accuracy']
  const rows = log.map(row => [
    row.epoch,
    row.learningRate,
    row.epsilon,
    row.loss,
    row.accuracy,
    row.validationAccuracy ?? '',
    ...(attacked ? [row.robustAccuracy ?? ''] : []),
  ])
  return [[...header, ...(attacked ? ['robust_accuracy'] : [])], ...rows]
    .map(row => `${row.join(',')}\n`)
    .join('')
}
