// What is asked of the picture itself, whatever a network sees in it.

import { InputError } from '../../errors/input-error.ts'
import { formatShape } from '../../tensor/shape.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import type { Objective } from '../objective.ts'
import { sum } from './sums.ts'

/**
 * Total variation: the sum of |x[i,j] - x[i+1,j]| + |x[i,j] - x[i,j+1]| over all channels, over the number of
 * values.
 */
export function totalVariation([height, width]: readonly [number, number]): Objective {
  return {
    name: 'total variation',
    feeds: {},
    append({ builder, picture }) {
      const differences = [2, 3].map(axis => {
        const cut = (from: number, to: number) =>
          builder.op('Slice', [picture, builder.ints([from]), builder.ints([to]), builder.ints([axis])])
        const size = axis === 2 ? height : width
        return sum(builder, builder.op('Abs', [builder.op('Sub', [cut(1, size), cut(0, size - 1)])]), 4)
      })
      return builder.op('Mul', [builder.op('Add', differences), builder.scalar(1 / (3 * height * width))])
    },
  }
}

/**
 * The mean over all values of mask * (picture - reference)^2.
 * @param references `[n, 3, h, w]`
 * @param masks `[n, 1, h, w]`: 1 where the picture should stay like its reference, 0 where it may change; default:
 *   1 everywhere.
 * @throws InputError when the masks do not fit the references.
 */
export function pixelDistance(references: FloatTensor, masks?: FloatTensor): Objective {
  const [n = 0, channels, height = 0, width = 0] = references.shape
  if (references.shape.length !== 4 || channels !== 3) {
    throw new InputError(`references must have shape [n, 3, h, w], found ${formatShape(references.shape)}`)
  }
  const expected = [n, 1, height, width]
  const mask = masks ?? float32(expected, new Float32Array(n * height * width).fill(1))
  if (mask.shape.join() !== expected.join()) {
    throw new InputError(
      `masks for images of ${height}x${width} must have shape ${formatShape(expected)}, found ${formatShape(mask.shape)}`,
    )
  }
  return {
    name: masks === undefined ? 'pixel distance' : 'pixel distance under a mask',
    feeds: { references, masks: mask },
    append({ builder, picture, feed }) {
      const difference = builder.op('Sub', [picture, feed('references')])
      const squares = builder.op('Mul', [builder.op('Mul', [difference, difference]), feed('masks')])
      return builder.op('Mul', [sum(builder, squares, 4), builder.scalar(1 / (3 * height * width))])
    },
  }
}

/**
 * The mean square difference between the means over blocks of the picture and the pixels of a small image.
 * @param small `[n, 3, h, w]`; its sides divide the picture's.
 * @throws InputError when they do not.
 */
export function smallDistance(small: FloatTensor, [height, width]: readonly [number, number]): Objective {
  const [, , rows = 0, columns = 0] = small.shape
  const block = [height / rows, width / columns]
  if (!block.every(Number.isInteger)) {
    throw new InputError(
      `a picture of ${height}x${width} has no whole blocks for the pixels of ${rows}x${columns}: choose a factor that divides its sides`,
    )
  }
  return {
    name: `distance of its ${rows}x${columns} form`,
    feeds: { small },
    append({ builder, picture, feed }) {
      const means = builder.op('AveragePool', [picture], { kernel_shape: block, strides: block })
      const difference = builder.op('Sub', [means, feed('small')])
      const squares = sum(builder, builder.op('Mul', [difference, difference]), 4)
      return builder.op('Mul', [squares, builder.scalar(1 / (3 * rows * columns))])
    },
  }
}
