// What a layer keeps of an image: pictures whose representation is a given one (Engstrom et al. 2019). For a robust
// network they look like the image; for a standard one they stay what they started as.

import { InputError } from '../../errors/input-error.ts'
import type { Random } from '../../tensor/random.ts'
import { elementCount, formatShape } from '../../tensor/shape.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { representationDistance } from '../objectives/representation.ts'
import { descend, isGrey, type Made, type RecipeContext } from './recipe.ts'

/** At 224x224: no ball, and steps as long as those of generation. */
const settings = { epsilon: Number.POSITIVE_INFINITY, stepSize: 1, steps: 200 }

/**
 * Pictures, from grey noise, that the network cannot tell from `images` in `layer`.
 * @param images `[n, 3, h, w]`
 * @throws InputError for an unknown layer.
 */
export async function invert(context: RecipeContext, images: FloatTensor, layer: string): Promise<Made> {
  const targets = await context.model.activations(images, [layer])
  return descendTo(context, targets[layer]!, layer, isGrey(images))
}

/**
 * Pictures along the straight line, in `layer`, from each image of `from` to the one of `to`: `count` for each pair,
 * both ends included, pair after pair.
 * @throws InputError for an unknown layer, another number of images, or fewer than two pictures.
 */
export async function interpolate(
  context: RecipeContext,
  from: FloatTensor,
  to: FloatTensor,
  layer: string,
  count: number,
): Promise<Made> {
  if (from.shape.join() !== to.shape.join())
    throw new InputError(
      `an interpolation needs pairs of images, found ${formatShape(from.shape)} and ${formatShape(to.shape)}`,
    )
  if (!Number.isInteger(count) || count < 2)
    throw new InputError(`an interpolation has at least its two ends, found ${count} pictures`)
  const ends = await Promise.all([from, to].map(images => context.model.activations(images, [layer])))
  const [a, b] = ends.map(end => end[layer]!) as [FloatTensor, FloatTensor]
  const pairs = from.shape[0]!
  const size = elementCount(a.shape.slice(1))
  const targets = new Float32Array(pairs * count * size)
  for (let k = 0; k < pairs * count; k++) {
    const [pair, share] = [Math.floor(k / count), (k % count) / (count - 1)]
    for (let i = 0; i < size; i++)
      targets[k * size + i] = (1 - share) * a.data[pair * size + i]! + share * b.data[pair * size + i]!
  }
  const wanted = float32([pairs * count, ...a.shape.slice(1)], targets)
  return descendTo(context, wanted, layer, isGrey(from) && isGrey(to))
}

function descendTo(
  context: RecipeContext,
  targets: FloatTensor,
  layer: string,
  grey: boolean,
): Promise<Made> {
  const { model, random } = context
  const starts = greyNoise(targets.shape[0]!, model.preprocessing.size, random.fork('start'), grey)
  return descend(context, starts, representationDistance(model, layer, targets), settings)
}

/** Mid-grey with noise of standard deviation 0.05; the same noise for every picture. */
function greyNoise(
  n: number,
  [height, width]: readonly [number, number],
  random: Random,
  grey: boolean,
): FloatTensor {
  const area = height * width
  const one = new Float32Array(3 * area)
  for (let i = 0; i < one.length; i++) {
    one[i] = grey && i >= area ? one[i % area]! : Math.min(1, Math.max(0, 0.5 + 0.05 * random.normal()))
  }
  const data = new Float32Array(n * one.length)
  for (let i = 0; i < n; i++) data.set(one, i * one.length)
  return float32([n, 3, height, width], data)
}
