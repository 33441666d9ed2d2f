// Adversarial examples of both networks on the same images, with their perturbations made visible.

import { z } from 'zod'
import { predictions } from '../../attack/criterion.ts'
import type { NormName } from '../../attack/norm.ts'
import { pgd } from '../../attack/pgd.ts'
import type { Classifier } from '../../classifier/classifier.ts'
import type { Dataset } from '../../data/dataset.ts'
import type { Pixels } from '../../image/pixels.ts'
import { toPixels } from '../../image/to-tensor.ts'
import { Random } from '../../tensor/random.ts'
import { type FloatTensor, float32, rows } from '../../tensor/tensor.ts'
import type { Task } from '../task.ts'
import { pickImages } from './images.ts'

const Attacked = z.object({
  /** The network's decisions before and after, by class name. */
  before: z.string(),
  after: z.string(),
  /** Of the attacked image from the original, in the attack's norm. */
  distance: z.number(),
})

const Examples = z.object({
  /** What perturbations were multiplied by in the pictures. */
  amplification: z.number(),
  rows: z.array(z.object({ name: z.string(), label: z.string(), standard: Attacked, robust: Attacked })),
})
export type Examples = z.infer<typeof Examples>

export interface ExamplesOptions {
  readonly norm: NormName
  readonly epsilon: number
  readonly steps: number
  /** How many images. */
  readonly count: number
  readonly seed: number
}

/** Of how many images the examples are chosen, per example shown. */
const candidatesPerExample = 8

/**
 * The task: PGD against either network on images that both classify correctly (as far as there are enough of
 * them). Pictures, for image i: `original-i`, and by role `standard-i`, `standard-perturbation-i` and so on.
 */
export function examplesTask(
  models: { readonly standard: Classifier; readonly robust: Classifier },
  data: Dataset,
  options: ExamplesOptions,
  encodePng: (image: Pixels) => Promise<Uint8Array>,
): Task<Examples> {
  const { norm, epsilon, steps, count, seed } = options
  return {
    label: 'adversarial examples',
    identity: {
      probe: 'adversarial-examples',
      version: 1,
      options: { norm, epsilon, steps, count },
      models: { standard: models.standard.fingerprint, robust: models.robust.fingerprint },
      data: [data.fingerprint],
      seed,
    },
    schema: Examples,
    async run({ progress, signal }) {
      const random = new Random(seed).fork('adversarial examples')
      const task = progress.start('attacking', 3)
      const picked = await pickImages(data, count * candidatesPerExample, random.fork('images'))
      const known = {
        standard: predictions(await models.standard.logits(picked.images)),
        robust: predictions(await models.robust.logits(picked.images)),
      }
      const chosen = bestKnown(picked.labels, known.standard, known.robust).slice(0, count)
      const images = gather(picked.images, chosen)
      const labels = Int32Array.from(chosen, i => picked.labels[i]!)
      task.advance()

      const attack = async (role: 'standard' | 'robust') => {
        const model = models[role]
        const result = await pgd(
          model,
          { images, labels },
          { norm, epsilon, steps, random: random.fork('starts'), ...(signal && { signal }) },
        )
        const after = predictions(await model.logits(result.images))
        task.advance()
        return { ...result, after, before: Int32Array.from(chosen, i => known[role][i]!) }
      }
      const attacked = { standard: await attack('standard'), robust: await attack('robust') }
      const amplification = Math.min(
        ...Object.values(attacked).map(result => amplificationOf(images, result.images)),
      )

      const pictures: Record<string, Uint8Array> = {}
      for (const i of chosen.keys()) {
        pictures[`original-${i}`] = await encodePng(toPixels(images, i))
        for (const role of ['standard', 'robust'] as const) {
          const { images: moved } = attacked[role]
          pictures[`${role}-${i}`] = await encodePng(toPixels(moved, i))
          pictures[`${role}-perturbation-${i}`] = await encodePng(
            toPixels(visible(images, moved, amplification), i),
          )
        }
      }
      task.end()
      const className = (index: number) => data.classes[index] ?? String(index)
      const outcome = (role: 'standard' | 'robust', i: number) => ({
        before: className(attacked[role].before[i]!),
        after: className(attacked[role].after[i]!),
        distance: attacked[role].distance[i]!,
      })
      return {
        result: {
          amplification,
          rows: chosen.map((place, i) => ({
            name: picked.names[place]!,
            label: className(labels[i]!),
            standard: outcome('standard', i),
            robust: outcome('robust', i),
          })),
        },
        pictures,
      }
    },
  }
}

/** Places of images, those that both networks know first, then those that one knows. */
function bestKnown(labels: Int32Array, a: Int32Array, b: Int32Array): number[] {
  const knows = (i: number) => Number(a[i] === labels[i]) + Number(b[i] === labels[i])
  return [...labels.keys()].sort((i, k) => knows(k) - knows(i) || i - k)
}

function gather(images: FloatTensor, places: readonly number[]): FloatTensor {
  const size = images.data.length / (images.shape[0] || 1)
  const data = new Float32Array(places.length * size)
  for (const [i, place] of places.entries()) data.set(rows(images, place, place + 1).data, i * size)
  return float32([places.length, ...images.shape.slice(1)], data)
}

/** The largest whole factor that leaves 99 % of the differences inside the range around mid-grey. */
function amplificationOf(originals: FloatTensor, moved: FloatTensor): number {
  const sizes = Float32Array.from(moved.data, (value, i) => Math.abs(value - originals.data[i]!)).sort()
  const large = sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0
  return Math.max(1, Math.floor(0.5 / Math.max(large, 0.5 / 64)))
}

/** The differences times `amplification` around mid-grey. */
function visible(originals: FloatTensor, moved: FloatTensor, amplification: number): FloatTensor {
  const data = Float32Array.from(moved.data, (value, i) => 0.5 + amplification * (value - originals.data[i]!))
  return float32(moved.shape, data)
}
