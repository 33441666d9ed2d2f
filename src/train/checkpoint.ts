// The files of a training run, as bytes: what is in them and under which names.

import { z } from 'zod'
import { memorySource, readSafetensors, writeSafetensors } from '../checkpoint/index.ts'
import { InputError } from '../errors/input-error.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { asFloat32, type FloatTensor, type Tensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import { Provenance } from './recipe.ts'
import { velocityName } from './sgd.ts'
import { EpochLog, type TrainingState } from './state.ts'

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
    ['silhouette.recipe', JSON.stringify(provenance)],
  ])
}

const LOG = 'silhouette.log'

/** Weights by name, with notes. */
export function encodeWeights(
  weights: ReadonlyMap<string, FloatTensor>,
  notes: ReadonlyMap<string, string>,
): Uint8Array {
  return writeSafetensors(weights, notes)
}

/** Everything a run needs to go on after an epoch. */
export function encodeCheckpoint(state: TrainingState, notes: ReadonlyMap<string, string>): Uint8Array {
  const velocity = [...state.velocity].map(([name, value]): [string, Tensor] => [velocityName(name), value])
  return writeSafetensors(
    new Map([...state.weights, ...velocity]),
    new Map([...notes, [LOG, JSON.stringify(state.log)]]),
  )
}

/**
 * What {@link encodeCheckpoint} wrote.
 * @throws InputError naming `what` when it is no such file or not of this network.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  network: Network,
  what: string,
): { state: TrainingState; provenance: Provenance } {
  const { tensors, metadata } = readSafetensors(memorySource(bytes, what))
  const stored = (name: string, key = name): [string, FloatTensor] => {
    const shape = network.graph.initializers.get(name)?.shape ?? []
    const value = tensors.get(key)
    if (value === undefined || !sameShape(value.shape, shape)) {
      const found = value === undefined ? 'nothing' : formatShape(value.shape)
      throw new InputError(`${what} must hold ${key} of shape ${formatShape(shape)}, found ${found}`)
    }
    return [name, asFloat32(value.read(), key)]
  }
  const note = <T extends z.ZodType>(key: string, schema: T): z.infer<T> => {
    const result = schema.safeParse(parsed(metadata.get(key)))
    if (!result.success)
      throw new InputError(`${what} is no training checkpoint: its note ${key} is missing or broken`)
    return result.data
  }
  return {
    state: {
      weights: new Map([...network.parameters, ...network.buffers].map(name => stored(name))),
      velocity: new Map(network.parameters.map(name => stored(name, velocityName(name)))),
      log: note(LOG, z.array(EpochLog)),
    },
    provenance: note('silhouette.recipe', Provenance),
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
