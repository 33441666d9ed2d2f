// PGD on images of a data set, against the network that is asked about them: what accuracy under attack and probes
// that look at attacked images share.

import { defaultStepSize, type NormName, pgd, predictions } from '../attack/index.ts'
import type { Batch, Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { rowOf, stackRows } from '../tensor/gather.ts'
import { rows as rowsOf } from '../tensor/tensor.ts'
import { deciderFor } from './decide.ts'
import { picked } from './picked.ts'
import type { ProbeContext } from './probe.ts'

export interface PgdSettings {
  readonly norm: NormName
  /** Radius in pixel units of [0, 1]. */
  readonly epsilon: number
  readonly steps: number
  /** Default 2.5 epsilon / steps. */
  readonly stepSize?: number
  /** Random starts, of which the best outcome per image is kept; default 1. */
  readonly restarts?: number
}

export interface AttackedBatch extends Batch {
  /** How many of the images were decided right before. */
  readonly right: number
  /** Of each image from its original, in the attack's norm. */
  readonly distance: Float32Array
}

/** Images attacked at once. Batch sizes have no influence on the outcome beyond rounding. */
const attackBatch = 32

/**
 * `count` images of `data`, always the same ones, as the attack leaves them.
 * @throws InputError when classes, image size or settings do not fit
 */
export async function* attackedBatches(
  { model, random, signal }: Omit<ProbeContext, 'progress'>,
  data: Dataset,
  count: number,
  { norm, epsilon, steps, stepSize = defaultStepSize(epsilon, steps), restarts = 1 }: PgdSettings,
): AsyncGenerator<AttackedBatch> {
  const { outputs } = deciderFor(model, data.classes)
  if (outputs === undefined) {
    throw new InputError(
      `${model.name} has several outputs for each class of ${data.name}; attack it on data with its own classes`,
    )
  }
  const draws = random.fork('random start')
  for await (const { images, rows } of picked(data, count, attackBatch)) {
    signal?.throwIfAborted()
    const classes = Int32Array.from(rows, ({ batch, row }) => batch.labels[row]!)
    const labels = classes.map(label => outputs[label]!)
    const before = predictions(await model.logits(images))
    const result = await pgd(
      model,
      { images, labels },
      { norm, epsilon, steps, stepSize, restarts, random: draws, ...(signal && { signal }) },
    )
    yield {
      images: result.images,
      labels: classes,
      names: rows.map(({ batch, row }) => batch.names[row]!),
      right: before.filter((output, i) => output === labels[i]).length,
      distance: result.distance,
    }
  }
}

/** {@link attackedBatches} as a data set, made once and held in memory. */
export async function attackedImages(
  context: Omit<ProbeContext, 'progress'>,
  data: Dataset,
  count: number,
  settings: PgdSettings,
): Promise<Dataset> {
  const parts: AttackedBatch[] = []
  for await (const part of attackedBatches(context, data, count, settings)) parts.push(part)
  const all: Batch = {
    images: stackRows(
      parts.flatMap(({ images, labels }) => Array.from(labels, (_, i) => rowOf(images, i))),
      parts[0]?.images.shape.slice(1) ?? [],
    ),
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
    names: parts.flatMap(({ names }) => names),
  }
  const size = all.labels.length
  return {
    name: `${data.name} attacked`,
    classes: data.classes,
    size,
    fingerprint: `${data.fingerprint}/attacked`,
    async *batches({ batchSize, limit = size }) {
      const end = Math.min(limit, size)
      for (let from = 0; from < end; from += batchSize) {
        const to = Math.min(from + batchSize, end)
        yield {
          images: rowsOf(all.images, from, to),
          labels: all.labels.slice(from, to),
          names: all.names.slice(from, to),
        }
      }
    },
  }
}
