// Calibration: whether a network is as often right as its confidence says (Guo et al. 2017).

import { z } from 'zod'
import type { Dataset } from '../data/dataset.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { batchSizeFor } from './batch-size.ts'
import { deciderFor } from './decide.ts'
import type { Probe } from './probe.ts'
import { bootstrap, defaultResamples, Estimate } from './statistics.ts'

/** Equal-width bins of confidence, as published figures have them. */
const bins = 15

export const Calibration = z.object({
  /**
   * Expected calibration error: |share right - mean confidence| per bin, weighted by its images. Bootstrap interval
   * over images; a small sample makes the error look larger than it is.
   */
  error: Estimate,
  /** Mean confidence minus accuracy: above 0 is too sure. */
  overconfidence: z.number(),
  images: z.int(),
  /** Of bins that hold images, by ascending confidence. */
  bins: z.array(z.object({ images: z.int(), confidence: z.number(), accuracy: z.number() })),
})
export type Calibration = z.infer<typeof Calibration>

export interface CalibrationOptions {
  readonly data: Dataset
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe: confidence is the greatest softmax probability. */
export function calibration({ data, resamples = defaultResamples }: CalibrationOptions): Probe<Calibration> {
  return {
    name: 'calibration',
    version: 1,
    options: { bins, resamples },
    data: [data],
    schema: Calibration,
    async run({ model, random, progress, signal }) {
      const decider = deciderFor(model, data.classes)
      const task = progress.start(`calibration of ${model.name}`, data.size, 'images')
      const [confidences, right]: [number[], boolean[]] = [[], []]
      for await (const batch of data.batches({ batchSize: batchSizeFor(model) })) {
        signal?.throwIfAborted()
        const logits = await model.logits(batch.images)
        const decisions = decider.decide(logits)
        confidences.push(...greatestShares(logits))
        right.push(...Array.from(batch.labels, (label, i) => decisions[i] === label))
        task.advance(batch.labels.length)
      }
      task.end()
      return calibrationOf(confidences, right, { random: random.fork('bootstrap'), resamples })
    },
  }
}

/** Calibration from confidences in [0, 1] and whether each decision was right. */
export function calibrationOf(
  confidences: readonly number[],
  right: readonly boolean[],
  options: Parameters<typeof bootstrap>[2],
): Calibration {
  const n = confidences.length
  const binOf = Uint8Array.from(confidences, c => Math.min(bins - 1, Math.floor(c * bins)))
  const inBins = (indices: ArrayLike<number>) => {
    const found = Array.from({ length: bins }, () => ({ images: 0, confidence: 0, right: 0 }))
    for (let k = 0; k < indices.length; k++) {
      const i = indices[k]!
      const bin = found[binOf[i]!]!
      bin.images++
      bin.confidence += confidences[i]!
      if (right[i]) bin.right++
    }
    return found
  }
  const error = bootstrap(
    n,
    indices => inBins(indices).reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence) / n, 0),
    options,
  )
  const all = inBins(Uint32Array.from({ length: n }, (_, i) => i))
  return {
    error,
    overconfidence: all.reduce((sum, bin) => sum + (bin.confidence - bin.right) / n, 0),
    images: n,
    bins: all
      .filter(({ images }) => images > 0)
      .map(bin => ({
        images: bin.images,
        confidence: bin.confidence / bin.images,
        accuracy: bin.right / bin.images,
      })),
  }
}

/** The greatest softmax probability of each row of `[n, classes]`. */
function greatestShares({ data, shape }: FloatTensor): number[] {
  const [n = 0, classes = 0] = shape
  return Array.from({ length: n }, (_, i) => {
    const row = data.subarray(i * classes, (i + 1) * classes)
    const most = row.reduce((a, b) => Math.max(a, b))
    return 1 / row.reduce((sum, logit) => sum + Math.exp(logit - most), 0)
  })
}
