// Which spatial frequencies a network can be disturbed at (Yin, Gontijo Lopes, Shlens, Cubuk & Gilmer 2019): its
// error on images to which a wave of one frequency was added.

import { z } from 'zod'
import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import { batchSizeFor } from './batch-size.ts'
import { deciderFor } from './decide.ts'
import { picked } from './picked.ts'
import type { Probe } from './probe.ts'
import { bootstrapMean, defaultResamples, Estimate, wilson } from './statistics.ts'

export const FourierSensitivity = z.object({
  images: z.int(),
  /** L2 norm of the wave over the three channels, pixels in [0, 1], before it is clipped. */
  norm: z.number(),
  /** Error on the images as they are. */
  clean: Estimate,
  /** Cycles per image of the rows of `errors`, downwards: from minus half the height to half the height. */
  rows: z.array(z.int()),
  /** And of its columns: from 0 to half the width. */
  columns: z.array(z.int()),
  /** Error by frequency, one row per vertical frequency; each is a share of all images. */
  errors: z.array(z.array(z.number())),
  /** Mean error over the frequencies up to and above half Nyquist; intervals over images. */
  low: Estimate,
  high: Estimate,
})
export type FourierSensitivity = z.infer<typeof FourierSensitivity>

export interface FourierSensitivityOptions {
  readonly data: Dataset
  /**
   * L2 norm of the wave over the three channels. Default .07 a value (27.2 at 224x224, 7.8 at 64x64), which is
   * what Yin et al. take for ImageNet: 15.7 per channel.
   */
  readonly norm?: number
  /** Frequencies from 0 to Nyquist along each axis, besides 0. Default 8: 145 different waves. */
  readonly steps?: number
  /** Look at so many images. Default 64. */
  readonly limit?: number
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe. Its run throws InputError for classes that do not fit or no images. */
export function fourierSensitivity(options: FourierSensitivityOptions): Probe<FourierSensitivity> {
  const { data, norm, steps = 8, limit = 64, resamples = defaultResamples } = options
  return {
    name: 'fourier-sensitivity',
    version: 1,
    options: { norm: norm ?? null, steps, limit, resamples },
    data: [data],
    schema: FourierSensitivity,
    async run({ model, random, progress, signal }) {
      const [height, width] = model.preprocessing.size
      const strength = norm ?? 0.07 * Math.sqrt(3 * height * width)
      const { decide } = deciderFor(model, data.classes)
      const { rows, columns, waves } = frequencies(height, width, steps)
      const count = Math.min(limit, data.size)
      if (count === 0) throw new InputError(`${data.name} has no images to disturb`)
      const task = progress.start(`frequencies of ${model.name}`, waves.length, 'frequencies')
      // Every image draws its own signs, so that batch sizes make no difference.
      const draws = random.fork('signs')
      const batches: { images: FloatTensor; labels: Int32Array; signs: Int8Array }[] = []
      for await (const { images, rows } of picked(data, count, batchSizeFor(model))) {
        const labels = Int32Array.from(rows, ({ batch, row }) => batch.labels[row]!)
        const signs = Int8Array.from({ length: labels.length * waves.length * 3 }, () =>
          draws.uint32() & 1 ? 1 : -1,
        )
        batches.push({ images, labels, signs })
      }
      let cleanWrong = 0
      for (const { images, labels } of batches) {
        const decisions = decide(await model.logits(images))
        cleanWrong += labels.filter((label, i) => decisions[i] !== label).length
      }
      const perImage = { low: new Float64Array(count), high: new Float64Array(count) }
      const errors: number[] = []
      for (const [k, { u, v, isHigh }] of waves.entries()) {
        signal?.throwIfAborted()
        const wave = fourierWave(u, v, height, width)
        let [wrong, first] = [0, 0]
        for (const { images, labels, signs } of batches) {
          const signOf = (image: number, channel: number) => signs[(image * waves.length + k) * 3 + channel]!
          const disturbed = withWave(images, wave, strength / Math.sqrt(3), signOf)
          const decisions = decide(await model.logits(disturbed))
          for (const [i, label] of labels.entries()) {
            if (decisions[i] === label) continue
            wrong++
            perImage[isHigh ? 'high' : 'low'][first + i]! += 1
          }
          first += labels.length
        }
        errors.push(wrong / count)
        task.advance()
      }
      task.end()
      const band = (name: 'low' | 'high') => {
        const size = waves.filter(wave => wave.isHigh === (name === 'high')).length
        const shares = perImage[name].map(wrong => wrong / size)
        return bootstrapMean(shares, { random: random.fork(name), resamples })
      }
      const errorAt = new Map(waves.map(({ u, v }, k) => [`${u} ${v}`, errors[k]!]))
      return {
        images: count,
        norm: strength,
        clean: wilson(cleanWrong, count),
        rows,
        columns,
        // Along the left edge a frequency and its negative are the same wave.
        errors: rows.map(u => columns.map(v => errorAt.get(`${v === 0 ? Math.abs(u) : u} ${v}`)!)),
        low: band('low'),
        high: band('high'),
      }
    },
  }
}

/** The grid of frequencies, and the waves on it: where v is 0, u and -u are the same and count once. */
function frequencies(height: number, width: number, steps: number) {
  const axis = (length: number) =>
    Array.from({ length: steps + 1 }, (_, k) => Math.round((k / steps) * Math.floor(length / 2)))
  const columns = [...new Set(axis(width))]
  const positive = [...new Set(axis(height))]
  const rows = [
    ...positive
      .slice(1)
      .reverse()
      .map(u => -u),
    ...positive,
  ]
  const waves = rows.flatMap(u =>
    columns.flatMap(v =>
      v === 0 && u < 0 ? [] : [{ u, v, isHigh: (u / height) ** 2 + (v / width) ** 2 > 0.25 ** 2 }],
    ),
  )
  return { rows, columns, waves }
}

/**
 * The real wave of `u` cycles down and `v` across `[height, width]`, with L2 norm 1: its Fourier transform is zero
 * except at (u, v) and (-u, -v).
 */
export function fourierWave(u: number, v: number, height: number, width: number): Float64Array {
  const wave = Float64Array.from({ length: height * width }, (_, i) =>
    Math.cos(2 * Math.PI * ((u * Math.floor(i / width)) / height + (v * (i % width)) / width)),
  )
  const norm = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0))
  return wave.map(value => value / norm)
}

/** `images` `[n, 3, h, w]` plus `strength` x sign x wave, clipped to [0, 1]. */
function withWave(
  images: FloatTensor,
  wave: Float64Array,
  strength: number,
  signOf: (image: number, channel: number) => number,
): FloatTensor {
  const area = wave.length
  const out = new Float32Array(images.data.length)
  for (let plane = 0; plane < out.length / area; plane++) {
    const factor = strength * signOf(Math.floor(plane / 3), plane % 3)
    for (let p = 0; p < area; p++) {
      const at = plane * area + p
      out[at] = Math.max(0, Math.min(1, images.data[at]! + factor * wave[p]!))
    }
  }
  return float32(images.shape, out)
}
