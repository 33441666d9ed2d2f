// The loop of a gradient attack: step after step of one graph, from a start to the last iterate.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import type { Session } from '../runtime/session.ts'
import { asFloat32, type FloatTensor, float32 } from '../tensor/tensor.ts'
import { EPSILON, LABELS, LOSS, labelTensor, NEXT, ORIGINALS, STEP_SIZE } from './step.ts'

export interface LoopOptions {
  readonly originals: FloatTensor
  /** First iterate; the originals themselves or a random point near them. */
  readonly start: FloatTensor
  /** Class index per image whose cross-entropy is followed. */
  readonly labels: Int32Array
  readonly epsilon: number
  /** Signed: negative descends. */
  readonly stepSize: number
  readonly steps: number
  /** Sees every iterate before it is left, with its loss `[n]` and logits `[n, classes]`. */
  readonly visit?: (iterate: FloatTensor, loss: FloatTensor, logits: FloatTensor) => void
  readonly signal?: AbortSignal
}

/** Runs `steps` steps of a session of `attackStepGraph` and returns the last iterate. */
export async function ascend(session: Session, options: LoopOptions): Promise<FloatTensor> {
  const { originals, visit, signal } = options
  const fixed = {
    [ORIGINALS]: originals,
    [LABELS]: labelTensor(options.labels),
    [EPSILON]: float32([], [options.epsilon]),
    [STEP_SIZE]: float32([], [options.stepSize]),
  }
  const wanted = visit === undefined ? [NEXT] : [NEXT, LOSS, LOGITS]
  let images = options.start
  for (let step = 0; step < options.steps; step++) {
    signal?.throwIfAborted()
    const result = await session.run({ ...fixed, [IMAGES]: images }, wanted)
    visit?.(images, asFloat32(result[LOSS]!), asFloat32(result[LOGITS]!))
    images = asFloat32(result[NEXT]!)
  }
  return images
}
