// The images of a training run, in memory at 8 bits per value (as the files they come from), and the batches
// drawn from them, with augmentation.

import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import type { Progress } from '../progress/progress.ts'
import type { Random } from '../tensor/random.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Recipe, TrainingData } from './recipe.ts'

/** What fits into the memory of a laptop beside the training itself. */
const MOST_BYTES = 4 * 2 ** 30

export class TrainingSet {
  private constructor(
    readonly source: TrainingData,
    readonly classes: readonly string[],
    /** `[c, h, w]` of every image. */
    readonly shape: readonly [number, number, number],
    private readonly pixels: Uint8Array,
    private readonly labels: Int32Array,
  ) {}

  /**
   * Reads all of `dataset`.
   * @throws InputError when images differ in size, there are none, or they do not fit into memory.
   */
  static async read(
    dataset: Dataset,
    options: { progress: Progress; signal?: AbortSignal | undefined },
  ): Promise<TrainingSet> {
    const count = dataset.size
    if (count === 0) throw new InputError(`${dataset.name} has no images to train on`)
    const task = options.progress.start('reading images', count, 'images')
    const labels = new Int32Array(count)
    let pixels = new Uint8Array()
    let shape: [number, number, number] | undefined
    let at = 0
    for await (const { images, labels: some } of dataset.batches({ batchSize: 256 })) {
      options.signal?.throwIfAborted()
      const [n = 0, c = 0, h = 0, w = 0] = images.shape
      if (shape === undefined) {
        shape = [c, h, w]
        if (count * c * h * w > MOST_BYTES) throw tooLarge(dataset, count, shape)
        pixels = new Uint8Array(count * c * h * w)
      }
      if (!sameShape(shape, [c, h, w])) {
        throw new InputError(
          `images of ${dataset.name} must have one size: found ${formatShape(shape)} and ${formatShape([c, h, w])}`,
        )
      }
      const from = at * c * h * w
      for (let i = 0; i < images.data.length; i++) pixels[from + i] = Math.round(images.data[i]! * 255)
      labels.set(some, at)
      at += n
      task.advance(n)
    }
    task.end()
    if (shape === undefined || at !== count) {
      throw new InputError(`${dataset.name} announced ${count} images, found ${at}`)
    }
    const source = { name: dataset.name, fingerprint: dataset.fingerprint, images: count }
    return new TrainingSet(source, dataset.classes, shape, pixels, labels)
  }

  get size(): number {
    return this.labels.length
  }

  /** The images of these indices, `[n, c, h, w]` in [0, 1], augmented by draws from `random`. */
  batch(
    indices: Uint32Array,
    augment: Recipe['augment'],
    random: Random,
  ): { images: FloatTensor; labels: Int32Array } {
    const [c, h, w] = this.shape
    const size = c * h * w
    const images = new Float32Array(indices.length * size)
    const labels = new Int32Array(indices.length)
    for (const [k, index] of indices.entries()) {
      labels[k] = this.labels[index]!
      const from = this.pixels.subarray(index * size, (index + 1) * size)
      const to = images.subarray(k * size, (k + 1) * size)
      const down = augment.crop > 0 ? random.integer(2 * augment.crop + 1) - augment.crop : 0
      const right = augment.crop > 0 ? random.integer(2 * augment.crop + 1) - augment.crop : 0
      const mirror = augment.flip && random.uniform() < 0.5
      if (down === 0 && right === 0 && !mirror) {
        for (let i = 0; i < size; i++) to[i] = from[i]! / 255
      } else {
        moved(from, to, this.shape, down, right, mirror)
      }
      if (augment.cutout !== undefined) cutOut(to, this.shape, augment.cutout, random)
    }
    return { images: float32([indices.length, c, h, w], images), labels }
  }
}

/** Copies one image, moved by whole pixels (zeros come in) and mirrored, scaled to [0, 1]. */
function moved(
  from: Uint8Array,
  to: Float32Array,
  [c, h, w]: readonly [number, number, number],
  down: number,
  right: number,
  mirror: boolean,
): void {
  for (let y = 0; y < c * h; y++) {
    const row = (y % h) - down
    if (row < 0 || row >= h) continue
    const start = (y - down) * w
    for (let x = 0; x < w; x++) {
      const column = (mirror ? w - 1 - x : x) - right
      if (column >= 0 && column < w) to[y * w + x] = from[start + column]! / 255
    }
  }
}

/** Greys a square of `side` pixels around a random place; what of it lies outside the image is lost. */
function cutOut(
  image: Float32Array,
  [c, h, w]: readonly [number, number, number],
  side: number,
  random: Random,
): void {
  const top = random.integer(h) - Math.floor(side / 2)
  const left = random.integer(w) - Math.floor(side / 2)
  const [from, to] = [Math.max(0, left), Math.min(w, left + side)]
  for (let y = 0; y < c * h; y++) {
    const row = y % h
    if (row >= top && row < top + side && from < to) image.fill(0.5, y * w + from, y * w + to)
  }
}

function tooLarge(dataset: Dataset, count: number, shape: readonly number[]): InputError {
  return new InputError(
    `${count} images of ${formatShape(shape)} do not fit into memory: limit the images of ${dataset.name} or their size`,
  )
}
