// The files of a training run, as bytes: what is in them and under which names.

import { z } from 'zod'
import { memorySource, readSafetensors, writeSafetensors } from '../checkpoint/index.ts'
import { InputError } from '../errors/input-error.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { asFloat32, type FloatTensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import { Provenance } from './recipe.ts'
import { EpochLog, stateForm, type TrainingState } from './state.ts'

const LOG = 'silhouette.log'
const RECIPE = 'silhouette.recipe'

/** Name in the file of a weight as of the best epoch. */
const bestName = (weight: string) => `best.${weight}`

/** Metadata of every file that holds trained weights: all that is needed to use them, and where they come from. */
export function notesOf(
  network: Network,
  classes: readonly string[],
  provenance: Provenance,
): ReadonlyMap<string, string> {
  return new Map([
    ['silhouette.network', JSON.stringify(network.spec)],
    ['silhouette.preprocessing', JSON.stringify(network.preprocessing)],
    ['silhouette.layers', JSON.stringify(network.layers)],
    ['silhouette.classes', JSON.stringify(classes)],
    [RECIPE, JSON.stringify(provenance)],
  ])
}

/** Weights by name, with notes. */
export function encodeWeights(
  weights: ReadonlyMap<string, FloatTensor>,
  notes: ReadonlyMap<string, string>,
): Uint8Array {
  return writeSafetensors(weights, notes)
}

/** Everything a run needs to go on after an epoch. */
export function encodeCheckpoint(state: TrainingState, notes: ReadonlyMap<string, string>): Uint8Array {
  const best = [...(state.best ?? [])].map(([name, value]) => [bestName(name), value] as const)
  return writeSafetensors(
    new Map([...state.weights, ...state.slots, ...best]),
    new Map([...notes, [LOG, JSON.stringify(state.log)]]),
  )
}

/**
 * What {@link encodeCheckpoint} wrote in the run that `provenance` describes.
 * @throws InputError naming `what` when it is no such file or of another run.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  network: Network,
  provenance: Provenance,
  what: string,
): TrainingState {
  const { tensors, metadata } = readSafetensors(memorySource(bytes, what))
  const note = <T extends z.ZodType>(key: string, schema: T): z.infer<T> => {
    const result = schema.safeParse(parsed(metadata.get(key)))
    if (!result.success)
      throw new InputError(`${what} is no training checkpoint: its note ${key} is missing or broken`)
    return result.data
  }
  if (JSON.stringify(note(RECIPE, Provenance)) !== JSON.stringify(provenance)) {
    throw new InputError(
      `${what} belongs to another run (its recipe or data differ): choose another folder, or delete it to start again`,
    )
  }
  const { parameters, buffers, slots, own } = stateForm(network, provenance.recipe)
  const origins = new Map([...parameters, ...buffers])
  /** What is stored as `key`, which has the shape of `weight`. */
  const stored = (key: string, weight: string): FloatTensor => {
    const shape = network.graph.initializers.get(origins.get(weight) ?? weight)?.shape ?? []
    const value = tensors.get(key)
    if (value === undefined || !sameShape(value.shape, shape)) {
      const found = value === undefined ? 'nothing' : formatShape(value.shape)
      throw new InputError(`${what} must hold ${key} of shape ${formatShape(shape)}, found ${found}`)
    }
    return asFloat32(value.read(), key)
  }
  const log = note(LOG, z.array(EpochLog))
  const measured = log.some(row => row.robustAccuracy !== undefined)
  return {
    weights: new Map([...origins.keys()].map(name => [name, stored(name, name)])),
    slots: new Map(slots.map(({ name, of }) => [name, stored(name, of)])),
    ...(measured && { best: new Map(own.map(name => [name, stored(bestName(name), name)])) }),
    log,
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
