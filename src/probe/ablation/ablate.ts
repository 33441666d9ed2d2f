// What a network decides when units of one layer are switched off. One forward pass up to the layer serves all
// ablations: what follows the layer runs on batches of many ablations at once, and only where the switched-off
// units did anything at all.

import { layerOf } from '../../classifier/ablate.ts'
import { type Classifier, IMAGES, LOGITS } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { cutAt } from '../../onnx/cut.ts'
import { elementCount } from '../../tensor/shape.ts'
import { asFloat32, type FloatTensor, float32 } from '../../tensor/tensor.ts'

/** How a unit is taken out: its map becomes zero, or its mean over the map. */
export type AblationMode = 'zero' | 'mean'

export interface AblationOptions {
  readonly layer: string
  /** The sets of channels to take out, one ablation each. */
  readonly ablations: readonly (readonly number[])[]
  readonly mode?: AblationMode
}

/** Class decisions per image, before and after each ablation. */
export interface AblationDecisions {
  /** `[n]` */
  readonly intact: Int32Array
  /** One `[n]` per ablation, in their order. */
  readonly ablated: readonly Int32Array[]
}

/** Values of the layer that one run of the tail takes at most: large runs read the weights of linear layers less often. */
const RUN_VALUES = 2 ** 23

/** Decides `[n, classes]` -> `[n]`: argmax, or whatever maps scores to the classes of a question. */
export type Decide = (logits: FloatTensor) => Int32Array

/**
 * Decisions on one batch of images.
 * @param decide applied to the logits of every run
 * @throws InputError for an unknown layer or a channel that does not exist
 */
export async function ablate(
  model: Classifier,
  images: FloatTensor,
  { layer: layerName, ablations, mode = 'zero' }: AblationOptions,
  decide: Decide,
): Promise<AblationDecisions> {
  const layer = layerOf(model.layers, layerName)
  for (const channel of ablations.flat()) {
    if (!Number.isInteger(channel) || channel < 0 || channel >= layer.units) {
      throw new InputError(
        `unit ${layerName}:${channel} does not exist: ${layerName} has channels 0 to ${layer.units - 1}`,
      )
    }
  }
  const head = await model.derived(`head of ${layer.value}`, graph => cutAt(graph, layer.value).head)
  const tail = await model.derived(`tail of ${layer.value}`, graph => cutAt(graph, layer.value).tail)

  const passed = await head.run({ [IMAGES]: images })
  const activations = asFloat32(passed[layer.value]!, layer.value)
  const n = images.shape[0] ?? 0
  const unitSize = elementCount(activations.shape.slice(2))
  const imageSize = layer.units * unitSize
  const intact = decide(asFloat32((await tail.run(passed))[LOGITS]!, LOGITS))
  const ablated = ablations.map(() => intact.slice())

  // Pairs (ablation, image) in which a switched-off unit was active; the others decide as the intact network.
  const pairs: { ablation: number; image: number }[] = []
  for (const [ablation, channels] of ablations.entries()) {
    for (let image = 0; image < n; image++) {
      if (channels.some(c => isActive(activations.data, image * imageSize + c * unitSize, unitSize))) {
        pairs.push({ ablation, image })
      }
    }
  }
  const runSize = Math.max(1, Math.floor(RUN_VALUES / imageSize))
  for (let from = 0; from < pairs.length; from += runSize) {
    const run = pairs.slice(from, from + runSize)
    const feeds: Record<string, FloatTensor> = {}
    for (const name of tail.inputs) feeds[name] = gather(asFloat32(passed[name]!, name), run)
    const maps = feeds[layer.value]!.data
    for (const [row, { ablation }] of run.entries()) {
      for (const channel of ablations[ablation]!) {
        silence(maps, row * imageSize + channel * unitSize, unitSize, mode)
      }
    }
    const decisions = decide(asFloat32((await tail.run(feeds))[LOGITS]!, LOGITS))
    for (const [row, { ablation, image }] of run.entries()) ablated[ablation]![image] = decisions[row]!
  }
  return { intact, ablated }
}

function isActive(values: Float32Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if (values[i] !== 0) return true
  return false
}

function silence(values: Float32Array, from: number, length: number, mode: AblationMode): void {
  let level = 0
  if (mode === 'mean') {
    for (let i = from; i < from + length; i++) level += values[i]!
    level /= length
  }
  values.fill(level, from, from + length)
}

/** The images of `run`, one row each, of a value whose first axis is the batch. */
function gather(value: FloatTensor, run: readonly { readonly image: number }[]): FloatTensor {
  const rest = value.shape.slice(1)
  const size = elementCount(rest)
  const data = new Float32Array(run.length * size)
  for (const [row, { image }] of run.entries()) {
    data.set(value.data.subarray(image * size, (image + 1) * size), row * size)
  }
  return float32([run.length, ...rest], data)
}
