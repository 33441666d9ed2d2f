// What a distortion is: a pure function on images, with the words and settings it goes by.

import { requireInput } from '../errors/input-error.ts'
import type { Random } from '../tensor/random.ts'
import { formatShape } from '../tensor/shape.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

/** A change made to every image. */
export interface Distortion {
  /** Kebab-case: `scrambled`. */
  readonly name: string
  /** Everything set that the result depends on besides the images and `random`. */
  readonly settings: Readonly<Record<string, number | string | readonly number[]>>
  /**
   * The distorted images; those given stay as they are.
   * @param images `[n, 3, h, w]` in [0, 1]
   * @param random source of all that is drawn, image by image, so that batch sizes make no difference
   * @returns `[n, 3, h, w]` in [0, 1]
   * @throws InputError when the images do not have a shape that it can work on
   */
  apply(images: FloatTensor, random: Random): FloatTensor
}

/** Number, height and width of colour images. @throws InputError for any other tensor */
export function imageShape({ shape }: FloatTensor): readonly [n: number, height: number, width: number] {
  const [n = 0, channels, height = 0, width = 0] = shape
  requireInput(
    shape.length === 4 && channels === 3,
    () => `a distortion takes images [n, 3, h, w], found ${formatShape(shape)}`,
  )
  return [n, height, width]
}
