// The loop of a gradient attack: step after step of one graph, from a start to the last iterate.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import type { Runner } from '../runtime/session.ts'
import { gatherRows, rowOf } from '../tensor/gather.ts'
import { asFloat32, type FloatTensor, float32, zeros } from '../tensor/tensor.ts'
import {
  DECAY,
  EPSILON,
  LABELS,
  labelTensor,
  MOMENTUM,
  NEXT,
  NEXT_MOMENTUM,
  ORIGINALS,
  STEP_SIZE,
} from './step.ts'

export interface LoopOptions {
  readonly originals: FloatTensor
  /** First iterate; the originals themselves or a random point near them. */
  readonly start: FloatTensor
  /** Class index per image whose loss is followed. */
  readonly labels: Int32Array
  readonly epsilon: number
  /** Signed: negative descends. */
  readonly stepSize: number
  readonly steps: number
  /** For a session with momentum: the share of it that is kept in every step. */
  readonly decay?: number
  /**
   * Sees every iterate before it is left, with its logits `[n, classes]` and the places of its images in the
   * batch. Images for which it returns true stay where they are and leave the loop.
   */
  readonly visit?: (
    iterate: FloatTensor,
    logits: FloatTensor,
    places: readonly number[],
  ) => readonly boolean[] | undefined
  readonly signal?: AbortSignal
}

/** Steps between which nobody asks whether to stop. */
const AT_ONCE = 10

/** Runs `steps` steps of a session of `attackStepGraph` and returns where each image ended, in their order. */
export async function ascend(session: Runner, options: LoopOptions): Promise<FloatTensor> {
  const { start, decay, visit, signal } = options
  const scalars = {
    [EPSILON]: float32([], [options.epsilon]),
    [STEP_SIZE]: float32([], [options.stepSize]),
    ...(decay !== undefined && { [DECAY]: float32([], [decay]) }),
  }
  const wanted = [
    NEXT,
    ...(visit === undefined ? [] : [LOGITS]),
    ...(decay === undefined ? [] : [NEXT_MOMENTUM]),
  ]
  let { originals, labels } = options
  let images = start
  let momentum = decay === undefined ? undefined : zeros('float32', start.shape)
  let places = Array.from(labels.keys())
  if (session.loop && visit === undefined && momentum === undefined) {
    for (let done = 0; done < options.steps; done += AT_ONCE) {
      signal?.throwIfAborted()
      const feeds = { ...scalars, [IMAGES]: images, [ORIGINALS]: originals, [LABELS]: labelTensor(labels) }
      const times = Math.min(AT_ONCE, options.steps - done)
      images = asFloat32(await session.loop(feeds, { from: NEXT, to: IMAGES, times }))
    }
    return images
  }
  let ended: FloatTensor | undefined
  for (let step = 0; step < options.steps && places.length > 0; step++) {
    signal?.throwIfAborted()
    const result = await session.run(
      {
        ...scalars,
        [IMAGES]: images,
        [ORIGINALS]: originals,
        [LABELS]: labelTensor(labels),
        ...(momentum && { [MOMENTUM]: momentum }),
      },
      wanted,
    )
    const leave = visit?.(images, asFloat32(result[LOGITS]!), places)
    const here = images
    images = asFloat32(result[NEXT]!)
    if (momentum) momentum = asFloat32(result[NEXT_MOMENTUM]!)
    if (leave?.includes(true) !== true) continue
    ended ??= float32(start.shape, start.data.slice())
    for (const [k, place] of places.entries()) if (leave[k]) rowOf(ended, place).set(rowOf(here, k))
    const stay = [...places.keys()].filter(k => !leave[k])
    images = gatherRows(images, stay)
    originals = gatherRows(originals, stay)
    labels = Int32Array.from(stay, k => labels[k]!)
    if (momentum) momentum = gatherRows(momentum, stay)
    places = stay.map(k => places[k]!)
  }
  if (ended === undefined) return images
  for (const [k, place] of places.entries()) rowOf(ended, place).set(rowOf(images, k))
  return ended
}
