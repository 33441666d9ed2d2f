// Smoothness of activation maps (Chen, Agarwal & Nguyen 2020, simplicity bias 1): their total variation on clean
// images and on the same images with noise. A layer that blocks the noise has maps that do not get rougher.

import { z } from 'zod'
import { layerOf } from '../classifier/ablate.ts'
import type { Dataset } from '../data/dataset.ts'
import { gaussianNoise } from '../distort/gaussian-noise.ts'
import { InputError } from '../errors/input-error.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { activationBatchSize } from './batch-size.ts'
import { picked } from './picked.ts'
import type { Probe } from './probe.ts'
import { totalVariation } from './smoothness.ts'
import { bootstrapMean, defaultResamples, Estimate, wilson } from './statistics.ts'

const LayerVariation = z.object({
  layer: z.string(),
  /** Mean total variation of a map, over images and channels; intervals over channels. */
  clean: Estimate,
  noisy: Estimate,
  /** Per channel: mean over images. */
  channels: z.object({ clean: z.array(z.number()), noisy: z.array(z.number()) }),
})

export const ActivationSmoothness = z.object({
  images: z.int(),
  /** Standard deviation of the noise, pixels in [0, 1]. */
  sigma: z.number(),
  layers: z.array(LayerVariation),
})
export type ActivationSmoothness = z.infer<typeof ActivationSmoothness>

export interface ActivationSmoothnessOptions {
  readonly data: Dataset
  readonly layers: readonly string[]
  /** Default .08, ImageNet-C's severity 1. */
  readonly sigma?: number
  /** Look at so many images. Default 400. */
  readonly limit?: number
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe. Its run throws InputError for an unknown layer or one whose activations are no maps. */
export function activationSmoothness(options: ActivationSmoothnessOptions): Probe<ActivationSmoothness> {
  const { data, layers, sigma = 0.08, limit = 400, resamples = defaultResamples } = options
  const noise = gaussianNoise(sigma)
  return {
    name: 'activation-smoothness',
    version: 2,
    options: { layers: [...layers], sigma, limit, resamples },
    data: [data],
    schema: ActivationSmoothness,
    async run({ model, random, progress, signal }) {
      const sums = layers.map(name => {
        const { units } = layerOf(model.layers, name)
        return { clean: new Float64Array(units), noisy: new Float64Array(units) }
      })
      const noiseRandom = random.fork('noise')
      const count = Math.min(limit, data.size)
      const task = progress.start(`activation maps of ${model.name}`, count, 'images')
      let images = 0
      for await (const batch of picked(data, count, activationBatchSize(model, layers))) {
        signal?.throwIfAborted()
        const clean = await model.activations(batch.images, layers)
        const noisy = await model.activations(noise.apply(batch.images, noiseRandom), layers)
        for (const [l, name] of layers.entries()) {
          addVariation(sums[l]!.clean, clean[name]!, name)
          addVariation(sums[l]!.noisy, noisy[name]!, name)
        }
        images += batch.places.length
        task.advance(batch.places.length)
      }
      task.end()
      return {
        images,
        sigma,
        layers: layers.map((layer, l) => {
          const channels = {
            clean: Array.from(sums[l]!.clean, sum => sum / images),
            noisy: Array.from(sums[l]!.noisy, sum => sum / images),
          }
          const estimate = (kind: 'clean' | 'noisy') =>
            bootstrapMean(channels[kind], { random: random.fork(`${layer} ${kind}`), resamples })
          return { layer, clean: estimate('clean'), noisy: estimate('noisy'), channels }
        }),
      }
    },
  }
}

/**
 * Which of a layer's channels pass noise on: |TV clean - TV noisy| >= 0.2 x `reference`; and their share.
 * @param reference mean clean total variation of the same layer of the standard network S
 */
export function passesNoise(
  { channels: { clean, noisy } }: ActivationSmoothness['layers'][number],
  reference: number,
): { readonly channels: readonly boolean[]; readonly share: Estimate } {
  const channels = clean.map((value, channel) => Math.abs(value - noisy[channel]!) >= 0.2 * reference)
  return { channels, share: wilson(channels.filter(Boolean).length, channels.length) }
}

/** Adds each channel's total variation, summed over the images of `[n, channels, h, w]`. */
function addVariation(sums: Float64Array, { data, shape }: FloatTensor, layer: string): void {
  const [n = 0, channels = 0, height, width] = shape
  if (height === undefined || width === undefined) {
    throw new InputError(`layer ${layer} has no maps, so they have no smoothness: choose another layer`)
  }
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const offset = (image * channels + channel) * height * width
      sums[channel]! += totalVariation(data, height, width, offset)
    }
  }
}
