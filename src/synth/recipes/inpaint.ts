// Filling a hole (Santurkar et al. 2019, section 3.2): what the class makes likely, while the rest stays as it is.

import { InputError } from '../../errors/input-error.ts'
import { formatShape } from '../../tensor/shape.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { plus, times } from '../objective.ts'
import { crossEntropy } from '../objectives/class-score.ts'
import { pixelDistance } from '../objectives/picture.ts'
import { descend, type Made, type RecipeContext } from './recipe.ts'

/** Settings at 224x224, and the weight of the mean square outside the hole. */
const published = { epsilon: 21.6, stepSize: 0.1, steps: 720 }
const KEEP = 10

/**
 * Starts from the image with its hole in the mean colour of the rest; at the end the rest is put back as it was.
 * @param images `[n, 3, h, w]`; what is under the hole is not looked at.
 * @param holes `[n, 1, h, w]`, 1 inside.
 * @param labels class of each image
 * @throws InputError for holes of another size or nothing but hole.
 */
export async function inpaint(
  context: RecipeContext,
  images: FloatTensor,
  holes: FloatTensor,
  labels: Int32Array,
): Promise<Made> {
  const starts = withHoles(images, holes)
  const kept = float32(
    holes.shape,
    holes.data.map(v => 1 - v),
  )
  const goal = plus(crossEntropy(context.model, labels), times(KEEP, pixelDistance(starts, kept)))
  const made = await descend(context, starts, goal, published)
  return { ...made, pictures: composed(made.pictures, starts, holes) }
}

/**
 * `images` with their holes in the mean colour of the rest of each.
 * @throws InputError when the holes do not fit or cover a whole image.
 */
export function withHoles(images: FloatTensor, holes: FloatTensor): FloatTensor {
  const [n = 0, , height = 0, width = 0] = images.shape
  const expected = [n, 1, height, width]
  if (holes.shape.join() !== expected.join()) {
    throw new InputError(
      `masks for ${n} images of ${height}x${width} must have shape ${formatShape(expected)}, found ${formatShape(holes.shape)}`,
    )
  }
  const area = height * width
  const data = images.data.slice()
  for (let plane = 0; plane < 3 * n; plane++) {
    const hole = holes.data.subarray(Math.floor(plane / 3) * area, (Math.floor(plane / 3) + 1) * area)
    const values = data.subarray(plane * area, (plane + 1) * area)
    let [sum, count] = [0, 0]
    for (let i = 0; i < area; i++) {
      if (hole[i] !== 0) continue
      sum += values[i]!
      count++
    }
    if (count === 0)
      throw new InputError(`the mask of image ${Math.floor(plane / 3)} covers all of it: leave something`)
    for (let i = 0; i < area; i++) if (hole[i] !== 0) values[i] = sum / count
  }
  return float32(images.shape, data)
}

/** `inside` in the holes, `outside` elsewhere. */
export function composed(inside: FloatTensor, outside: FloatTensor, holes: FloatTensor): FloatTensor {
  const [, , height = 0, width = 0] = inside.shape
  const area = height * width
  return float32(
    inside.shape,
    inside.data.map((value, i) =>
      holes.data[Math.floor(i / (3 * area)) * area + (i % area)] === 0 ? outside.data[i]! : value,
    ),
  )
}

/** The same hole in `n` images: a square in the middle whose side is `share` of the image's. */
export function middleHoles(n: number, [height, width]: readonly [number, number], share = 0.4): FloatTensor {
  const inside = (at: number, size: number) => Math.abs(at - (size - 1) / 2) < (share * size) / 2
  const hole = Float32Array.from({ length: height * width }, (_, i) =>
    inside(Math.floor(i / width), height) && inside(i % width, width) ? 1 : 0,
  )
  const data = new Float32Array(n * hole.length)
  for (let i = 0; i < n; i++) data.set(hole, i * hole.length)
  return float32([n, 1, height, width], data)
}
