// Smoothness of a network's kernels by total variation (Chen, Agarwal & Nguyen 2020, section 4): how much
// neighbouring weights differ. Read off the weights; no image is looked at.

import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { type ConvolutionKernels, convolutionKernels } from './kernels.ts'
import type { Probe } from './probe.ts'
import { bootstrapMean, bootstrapWeightedMean, defaultResamples, Estimate } from './statistics.ts'

/**
 * The same kernels, measured in three ways.
 * - `raw`: as they are. Says as much about the size of the weights as about their form.
 * - `unitNorm`: each 2-D kernel scaled to L2 norm 1. Form alone: the primary measure.
 * - `folded`: with the scale of the batch normalisation that follows, which undoes the size of the weights.
 */
const measures = ['raw', 'unitNorm', 'folded'] as const
type Measure = (typeof measures)[number]

const Measured = z.object({ raw: Estimate, unitNorm: Estimate, folded: Estimate })

export const Smoothness = z.object({
  /** Mean over the kernels of each convolution larger than 1x1, with a bootstrap interval over units. */
  layers: z.array(
    Measured.extend({
      layer: z.string(),
      /** Number of units: each has one 2-D kernel per input channel. */
      units: z.int(),
      /** Height and width. */
      kernel: z.tuple([z.int(), z.int()]),
      /** Per unit: mean total variation of its 2-D kernels. */
      perUnit: z.object({
        raw: z.array(z.number()),
        unitNorm: z.array(z.number()),
        folded: z.array(z.number()),
      }),
    }),
  ),
  /** Mean of the layers, weighted by their numbers of units. */
  network: Measured,
})
export type Smoothness = z.infer<typeof Smoothness>

export interface SmoothnessOptions {
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe. Its run throws InputError when the network has no convolution larger than 1x1. */
export function smoothness({ resamples = defaultResamples }: SmoothnessOptions = {}): Probe<Smoothness> {
  return {
    name: 'smoothness',
    version: 1,
    options: { resamples },
    data: [],
    schema: Smoothness,
    async run({ model, random, progress, signal }) {
      const convolutions = convolutionKernels(model.graph)
      if (convolutions.length === 0) {
        throw new InputError(`${model.name} has no convolution larger than 1x1, so it has no smoothness`)
      }
      const task = progress.start(`smoothness of ${model.name}`, convolutions.length, 'layers')
      const layers: Smoothness['layers'] = []
      for (const convolution of convolutions) {
        signal?.throwIfAborted()
        const perUnit = variationPerUnit(convolution)
        const estimate = (measure: Measure) =>
          bootstrapMean(perUnit[measure], {
            random: random.fork(`${convolution.name} ${measure}`),
            resamples,
          })
        layers.push({
          layer: convolution.name,
          units: convolution.units,
          kernel: [convolution.height, convolution.width],
          raw: estimate('raw'),
          unitNorm: estimate('unitNorm'),
          folded: estimate('folded'),
          perUnit,
        })
        task.advance()
      }
      task.end()
      const overall = (measure: Measure) =>
        bootstrapWeightedMean(
          layers.map(layer => ({ values: layer.perUnit[measure], weight: layer.units })),
          { random: random.fork(`network ${measure}`), resamples },
        )
      return {
        layers,
        network: { raw: overall('raw'), unitNorm: overall('unitNorm'), folded: overall('folded') },
      }
    },
  }
}

/**
 * Total variation of a map `[height, width]`: the sum of |x[i,j] - x[i+1,j]| and |x[i,j] - x[i,j+1]|.
 * @param offset where the map begins in `values`
 */
export function totalVariation(values: ArrayLike<number>, height: number, width: number, offset = 0): number {
  let sum = 0
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const at = offset + i * width + j
      if (i + 1 < height) sum += Math.abs(values[at]! - values[at + width]!)
      if (j + 1 < width) sum += Math.abs(values[at]! - values[at + 1]!)
    }
  }
  return sum
}

/** Mean total variation of each unit's 2-D kernels. */
function variationPerUnit(convolution: ConvolutionKernels): Record<Measure, number[]> {
  const { units, channels, height, width, weights, scales } = convolution
  const area = height * width
  const out: Record<Measure, number[]> = { raw: [], unitNorm: [], folded: [] }
  for (let unit = 0; unit < units; unit++) {
    let [raw, unitNorm] = [0, 0]
    for (let channel = 0; channel < channels; channel++) {
      const offset = (unit * channels + channel) * area
      const variation = totalVariation(weights, height, width, offset)
      let square = 0
      for (let k = offset; k < offset + area; k++) square += weights[k]! ** 2
      raw += variation
      if (square > 0) unitNorm += variation / Math.sqrt(square)
    }
    out.raw.push(raw / channels)
    out.unitNorm.push(unitNorm / channels)
    out.folded.push((raw / channels) * Math.abs(scales[unit]!))
  }
  return out
}
