// The kernels of a network's first convolution as one picture: what it looks for, before anything else.

import { z } from 'zod'
import type { Classifier } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { type Pixels, pixels } from '../../image/pixels.ts'
import { asFloat32, type FloatTensor } from '../../tensor/tensor.ts'
import type { Task } from '../task.ts'

const Filters = z.object({
  /** Name of the convolution. */
  layer: z.string(),
  kernels: z.number(),
})
export type Filters = z.infer<typeof Filters>

const gap = 1
const white = 255

/** The task that draws them; its picture is named `filters`. */
export function filtersTask(
  model: Classifier,
  encodePng: (image: Pixels) => Promise<Uint8Array>,
): Task<Filters> {
  return {
    label: `first kernels of ${model.name}`,
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
      const { layer, weights } = firstKernels(model)
      const result = { layer, kernels: weights.shape[0] ?? 0 }
      return { result, pictures: { filters: await encodePng(drawKernels(weights)) } }
    },
  }
}

/**
 * Weights `[units, 3, k, k]` of the first convolution over colour.
 * @throws InputError when the network has none.
 */
export function firstKernels(model: Classifier): { layer: string; weights: FloatTensor } {
  for (const node of model.graph.nodes) {
    const weights = model.graph.initializers.get(node.inputs[1] ?? '')
    if (node.opType === 'Conv' && weights?.shape.length === 4 && weights.shape[1] === 3) {
      return { layer: node.name, weights: asFloat32(weights, node.inputs[1]) }
    }
  }
  throw new InputError(`${model.name} has no convolution over colour images, so there are no kernels to show`)
}

/**
 * Draws kernels `[units, 3, h, w]` in rows of eight (sixteen, from 129 units on) with white gaps. Each kernel is
 * scaled by its largest weight, so that 0 is mid-grey and the largest weight is at an end of the range.
 */
export function drawKernels(weights: FloatTensor): Pixels {
  const [units = 0, , h = 0, w = 0] = weights.shape
  const columns = units > 128 ? 16 : 8
  const width = columns * (w + gap) - gap
  const height = Math.ceil(units / columns) * (h + gap) - gap
  const data = new Uint8Array(3 * width * height).fill(white)
  for (let unit = 0; unit < units; unit++) {
    const kernel = weights.data.subarray(unit * 3 * h * w, (unit + 1) * 3 * h * w)
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
