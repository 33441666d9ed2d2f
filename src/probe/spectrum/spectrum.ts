// Smoothness seen in frequencies: the share of the energy of first-layer filters and of activation maps that lies
// above half the Nyquist frequency. Beside total variation it does not depend on contrast.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import type { Dataset } from '../../data/dataset.ts'
import { InputError } from '../../errors/input-error.ts'
import { activationBatchSize } from '../batch-size.ts'
import { type ConvolutionKernels, convolutionKernels } from '../kernels.ts'
import { picked } from '../picked.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { bootstrapMean, defaultResamples, Estimate } from '../statistics.ts'
import { energy } from './energy.ts'

const FilterSpectrum = z.object({
  /** The first convolution larger than 1x1. */
  layer: z.string(),
  /** Height and width. */
  kernel: z.tuple([z.int(), z.int()]),
  /** Mean over units of the share of their filters' energy above half Nyquist; intervals over units. */
  high: Estimate,
  /** Per unit, all input channels together; null for a filter of zeros. */
  perUnit: z.array(z.number().nullable()),
})

const LayerSpectrum = z.object({
  layer: z.string(),
  /**
   * Mean over channels of the share of their maps' energy above half Nyquist, over all images together and without
   * the maps' means; intervals over channels. Null: no channel varies.
   */
  high: Estimate.nullable(),
  /** Per channel; null for one whose maps are constant. */
  channels: z.array(z.number().nullable()),
})

export const Spectrum = z.object({
  /** Null for a network without convolutions larger than 1x1. */
  filters: FilterSpectrum.nullable(),
  /** Images that the activations are of. */
  images: z.int(),
  layers: z.array(LayerSpectrum),
})
export type Spectrum = z.infer<typeof Spectrum>

export interface SpectrumOptions {
  /** What the activations are of; without it only filters are looked at. */
  readonly data?: Dataset
  /** Layers whose activations are looked at. */
  readonly layers?: readonly string[]
  /** Look at so many images. Default 200. */
  readonly limit?: number
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe. Its run throws InputError for an unknown layer or one whose activations are no maps. */
export function spectrum(options: SpectrumOptions = {}): Probe<Spectrum> {
  const { data, layers = [], limit = 200, resamples = defaultResamples } = options
  if (layers.length > 0 && data === undefined)
    throw new InputError('a spectrum of activations needs images: give data or no layers')
  return {
    name: 'spectrum',
    version: 1,
    options: { layers: [...layers], limit, resamples },
    data: data === undefined ? [] : [data],
    schema: Spectrum,
    async run(context) {
      const { model, random } = context
      const mean = (shares: readonly (number | null)[], purpose: string) => {
        const live = shares.filter(share => share !== null)
        return live.length === 0 ? null : bootstrapMean(live, { random: random.fork(purpose), resamples })
      }
      const [first] = convolutionKernels(model.graph)
      const perUnit = first === undefined ? [] : filterShares(first)
      const high = mean(perUnit, 'filters')
      const filters =
        first === undefined || high === null
          ? null
          : { layer: first.name, kernel: [first.height, first.width] as [number, number], high, perUnit }
      if (data === undefined) return { filters, images: 0, layers: [] }
      const { images, sums } = await activationEnergies(data, layers, limit, context)
      return {
        filters,
        images,
        layers: layers.map((layer, l) => {
          const { total, high } = sums[l]!
          const channels = Array.from(total, (all, channel) => (all > 0 ? high[channel]! / all : null))
          return { layer, high: mean(channels, layer), channels }
        }),
      }
    },
  }
}

/** Per channel of each layer: energy over all images, without the mean of each map. */
async function activationEnergies(
  data: Dataset,
  layers: readonly string[],
  limit: number,
  { model, progress, signal }: ProbeContext,
) {
  const sums = layers.map(name => {
    const { units } = layerOf(model.layers, name)
    return { total: new Float64Array(units), high: new Float64Array(units) }
  })
  const count = Math.min(limit, data.size)
  const task = progress.start(`spectra of ${model.name}`, count, 'images')
  let images = 0
  for await (const batch of picked(data, count, activationBatchSize(model, layers))) {
    signal?.throwIfAborted()
    const activations = await model.activations(batch.images, layers)
    for (const [l, name] of layers.entries()) {
      const { data: maps, shape } = activations[name]!
      const [n = 0, units = 0, height, width] = shape
      if (height === undefined || width === undefined) {
        throw new InputError(`layer ${name} has no maps, so they have no spectrum: choose another layer`)
      }
      for (let map = 0; map < n * units; map++) {
        const found = energy(maps, height, width, { offset: map * height * width })
        sums[l]!.total[map % units]! += found.total
        sums[l]!.high[map % units]! += found.high
      }
    }
    images += batch.places.length
    task.advance(batch.places.length)
  }
  task.end()
  return { images, sums }
}

/** Zeros around a kernel, so that its spectrum is sampled finely: cells per side. */
const PADDED = 32

function filterShares({ units, channels, height, width, weights }: ConvolutionKernels): (number | null)[] {
  const [rows, columns] = [Math.max(PADDED, height), Math.max(PADDED, width)]
  return Array.from({ length: units }, (_, unit) => {
    let [total, high] = [0, 0]
    for (let channel = 0; channel < channels; channel++) {
      const map = new Float64Array(rows * columns)
      const offset = (unit * channels + channel) * height * width
      for (let y = 0; y < height; y++) {
        map.set(weights.subarray(offset + y * width, offset + (y + 1) * width), y * columns)
      }
      const found = energy(map, rows, columns, { withMean: true })
      total += found.total
      high += found.high
    }
    return total > 0 ? high / total : null
  })
}
