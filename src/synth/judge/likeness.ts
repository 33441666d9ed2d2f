// How like its original a picture is: by pixels, by structure, and by what another network makes of it.

import type { Classifier } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { msSsim, msSsimPyramid } from '../../image/ms-ssim.ts'
import { elementCount, formatShape } from '../../tensor/shape.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'

/** One value per picture. */
export interface Likeness {
  /** Peak signal-to-noise ratio in dB; 100 for equal pictures. */
  readonly psnr: Float64Array
  /** Structural similarity (Wang et al. 2004), at the finest scale. */
  readonly ssim: Float64Array
  /** At as many scales as the pictures have room for. */
  readonly msSsim: Float64Array
}

/** The likeness of each of `pictures` to its `original`, both `[n, 3, h, w]` in [0, 1]. */
export function likeness(pictures: FloatTensor, originals: FloatTensor): Likeness {
  requirePairs(pictures, originals)
  const [n = 0, , height = 0, width = 0] = pictures.shape
  const values = 3 * height * width
  const at = (t: FloatTensor, i: number) => t.data.subarray(i * values, (i + 1) * values)
  const each = (value: (a: Float32Array, b: Float32Array) => number) =>
    Float64Array.from({ length: n }, (_, i) => value(at(pictures, i), at(originals, i)))
  const structural = (weights?: readonly number[]) =>
    each((a, b) => {
      const [x, y] = [a, b].map(image => msSsimPyramid(image, [3, height, width], weights && { weights }))
      return msSsim(x!, y!)
    })
  return { psnr: each(psnr), ssim: structural([1]), msSsim: structural() }
}

function psnr(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum === 0 ? 100 : Math.min(100, -10 * Math.log10(sum / a.length))
}

/**
 * The Euclidean distance between the judge's activations in `layer` for a picture and for its original, over the
 * length of the original's.
 */
export async function featureDistance(
  judge: Classifier,
  layer: string,
  pictures: FloatTensor,
  originals: FloatTensor,
): Promise<Float64Array> {
  requirePairs(pictures, originals)
  const [made, wanted] = await Promise.all(
    [pictures, originals].map(async images => (await judge.activations(images, [layer]))[layer]!),
  )
  const size = elementCount(made!.shape.slice(1))
  return Float64Array.from({ length: made!.shape[0]! }, (_, i) => {
    let [distance, length] = [0, 0]
    for (let k = i * size; k < (i + 1) * size; k++) {
      distance += (made!.data[k]! - wanted!.data[k]!) ** 2
      length += wanted!.data[k]! ** 2
    }
    return Math.sqrt(distance / Math.max(length, 1e-12))
  })
}

function requirePairs(pictures: FloatTensor, originals: FloatTensor): void {
  if (pictures.shape.join() === originals.shape.join()) return
  throw new InputError(
    `pictures ${formatShape(pictures.shape)} and originals ${formatShape(originals.shape)} must have one shape`,
  )
}
