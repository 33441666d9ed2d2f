// The kernels of a network's first convolution as one picture: what it looks for, before anything else.

import { z } from 'zod'
import type { Classifier } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { type Pixels, pixels } from '../../image/pixels.ts'
import { type ConvolutionKernels, convolutionKernels } from '../../probe/kernels.ts'
import type { Task } from '../task.ts'

const Filters = z.object({
  /** Name of the convolution. */
  layer: z.string(),
  kernels: z.number(),
})
export type Filters = z.infer<typeof Filters>

const gap = 1
const white = 255

/** The task that draws them for the network that people call `name`; its picture is named `filters`. */
export function filtersTask(
  model: Classifier,
  name: string,
  encodePng: (image: Pixels) => Promise<Uint8Array>,
): Task<Filters> {
  return {
    label: `first kernels of ${name}`,
    identity: {
      probe: 'first-kernels',
      version: 1,
      options: {},
      models: { model: model.fingerprint },
      data: [],
      seed: 0,
    },
    schema: Filters,
    async run() {
      const first = convolutionKernels(model.graph).find(convolution => convolution.channels === 3)
      if (first === undefined) {
        throw new InputError(`${name} has no convolution over colour images, so there are no kernels to show`)
      }
      const result = { layer: first.name, kernels: first.units }
      return { result, pictures: { filters: await encodePng(drawKernels(first)) } }
    },
  }
}

/**
 * Draws kernels over three channels in rows of eight (sixteen, from 129 units on) with white gaps. Each kernel is
 * scaled by its largest weight, so that 0 is mid-grey and the largest weight is at an end of the range.
 */
export function drawKernels(kernels: Omit<ConvolutionKernels, 'name' | 'channels' | 'scales'>): Pixels {
  const { units, height: h, width: w, weights } = kernels
  const columns = units > 128 ? 16 : 8
  const width = columns * (w + gap) - gap
  const height = Math.ceil(units / columns) * (h + gap) - gap
  const data = new Uint8Array(3 * width * height).fill(white)
  for (let unit = 0; unit < units; unit++) {
    const kernel = weights.subarray(unit * 3 * h * w, (unit + 1) * 3 * h * w)
    const largest = kernel.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
    const left = (unit % columns) * (w + gap)
    const top = Math.floor(unit / columns) * (h + gap)
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) {
          const value = kernel[(c * h + y) * w + x]! / largest
          data[3 * ((top + y) * width + left + x) + c] = Math.round(127.5 * (1 + value))
        }
      }
    }
  }
  return pixels(width, height, 3, data)
}
