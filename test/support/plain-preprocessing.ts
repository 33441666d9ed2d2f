// The manifest of a network that takes images as they are: square, RGB in [0, 1], logits out.

import type { Preprocessing } from '../../src/classifier/preprocessing.ts'

/** @param side height and width of the images */
export function plainPreprocessing(side: number): Preprocessing {
  return {
    size: [side, side],
    resize: 'none',
    filter: 'bilinear',
    crop: 'none',
    channels: 'rgb',
    range: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    output: 'logits',
  }
}
