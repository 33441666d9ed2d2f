// The embedded images with their figures alone, or on another image's background: what masks make possible.

import { silhouetteImages } from '../../distort/silhouette.ts'
import { Random } from '../../tensor/random.ts'
import type { Batch, BatchOptions, CueConflictDataset, Dataset } from '../dataset.ts'
import type { Emoji16 } from './emoji16.node.ts'

/** Every image's figure, white on black, under the image's own name. */
export function figureSilhouettes(set: Emoji16): Dataset {
  const { side, figures, names, labels } = set
  const area = side * side
  return {
    name: `${set.name} silhouettes`,
    classes: set.classes,
    size: set.size,
    fingerprint: `${set.fingerprint}/silhouettes`,
    async *batches({ batchSize, limit = set.size }: BatchOptions): AsyncIterable<Batch> {
      const end = Math.min(limit, set.size)
      for (let from = 0; from < end; from += batchSize) {
        const to = Math.min(from + batchSize, end)
        const masks = figures.subarray(from * area, to * area)
        yield {
          images: silhouetteImages(masks, to - from, side, side),
          labels: labels.slice(from, to),
          names: names.slice(from, to),
        }
      }
    },
  }
}

/**
 * Every figure on the background of an image of another class: `labels` are the figure's class, `textures` that of the
 * background. Where the other image's own figure was, its background's mean colour stands.
 * @param seed of the choice of backgrounds
 */
export function exchangedBackgrounds(set: Emoji16, seed = 0): CueConflictDataset {
  const { side, figures, pixels, names, labels, size } = set
  const area = side * side
  const random = new Random(seed).fork('backgrounds')
  const donors = Int32Array.from(labels, label => {
    const others = Array.from({ length: size }, (_, i) => i).filter(i => labels[i] !== label)
    return others[random.integer(others.length)]!
  })
  const write = (image: number, out: Float32Array, offset: number) => {
    const donor = donors[image]!
    for (let c = 0; c < 3; c++) {
      const [own, theirs] = [(3 * image + c) * area, (3 * donor + c) * area]
      let [sum, count] = [0, 0]
      for (let i = 0; i < area; i++) {
        if (figures[donor * area + i]) continue
        sum += pixels[theirs + i]!
        count++
      }
      const mean = count > 0 ? sum / count : 127.5
      for (let i = 0; i < area; i++) {
        const value = figures[image * area + i]
          ? pixels[own + i]!
          : figures[donor * area + i]
            ? mean
            : pixels[theirs + i]!
        out[offset + c * area + i] = value / 255
      }
    }
  }
  return {
    name: `${set.name} exchanged backgrounds`,
    classes: set.classes,
    size,
    fingerprint: `${set.fingerprint}/backgrounds-${seed}`,
    textures: Int32Array.from(donors, donor => labels[donor]!),
    async *batches({ batchSize, limit = size }: BatchOptions): AsyncIterable<Batch> {
      const end = Math.min(limit, size)
      for (let from = 0; from < end; from += batchSize) {
        const to = Math.min(from + batchSize, end)
        const data = new Float32Array((to - from) * 3 * area)
        for (let i = from; i < to; i++) write(i, data, (i - from) * 3 * area)
        yield {
          images: { dtype: 'float32', shape: [to - from, 3, side, side], data },
          labels: labels.slice(from, to),
          names: names.slice(from, to),
        }
      }
    },
  }
}
