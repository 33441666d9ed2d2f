// The 1,000 classes of ILSVRC 2012 and how people's sixteen categories map to them. Both are data files:
// imagenet.json (WordNet id -> torchvision's name, in the order of a network's outputs) and sixteen.json
// (category -> WordNet ids, 207 in all, from Geirhos et al. 2019, github.com/rgeirhos/texture-vs-shape).

import { InputError } from '../errors/input-error.ts'
import { formatShape } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import names from './imagenet.json' with { type: 'json' }
import sixteen from './sixteen.json' with { type: 'json' }

/** WordNet ids of the 1,000 classes; a class's place is its index in a network's output. */
export const imagenetWnids: readonly string[] = Object.keys(names)

/** Names of the 1,000 classes, as torchvision gives them. */
export const imagenetNames: readonly string[] = Object.values(names)

/** The sixteen categories of Geirhos et al. in byte order; a category's place is its class index. */
export const sixteenCategories: readonly string[] = Object.keys(sixteen)

const indexOfWnid = new Map(imagenetWnids.map((wnid, i) => [wnid, i]))

/** For each of the sixteen categories, the indices of the ImageNet classes that belong to it, ascending. */
export const sixteenIndices: readonly Uint32Array[] = Object.values(sixteen).map(wnids =>
  Uint32Array.from(wnids, wnid => indexOfWnid.get(wnid)!).sort(),
)

/**
 * Scores of the sixteen categories from ImageNet logits: the mean softmax probability of each category's
 * classes (Geirhos et al. 2019). The mean, not the sum: otherwise the 109 dog classes would always win.
 * @param logits `[n, 1000]`
 * @returns `[n, 16]`, each in [0, 1]; the greatest is the decision
 * @throws InputError when there are not 1,000 logits per image.
 */
export function sixteenScores(logits: FloatTensor): FloatTensor {
  const [n = 0, classes] = logits.shape
  if (logits.shape.length !== 2 || classes !== imagenetWnids.length) {
    throw new InputError(
      `the sixteen categories need ${imagenetWnids.length} ImageNet logits per image, found ${formatShape(logits.shape)}`,
    )
  }
  const scores = new Float32Array(n * sixteenIndices.length)
  for (let i = 0; i < n; i++) {
    const row = logits.data.subarray(i * classes, (i + 1) * classes)
    const most = row.reduce((a, b) => Math.max(a, b))
    let total = 0
    for (const logit of row) total += Math.exp(logit - most)
    for (const [k, members] of sixteenIndices.entries()) {
      let sum = 0
      for (const member of members) sum += Math.exp(row[member]! - most)
      scores[i * sixteenIndices.length + k] = sum / members.length / total
    }
  }
  return float32([n, sixteenIndices.length], scores)
}

/** The category each image is decided for: index into {@link sixteenCategories}, by {@link sixteenScores}. */
export function sixteenDecisions(logits: FloatTensor): Int32Array {
  const scores = sixteenScores(logits)
  const n = scores.shape[0]!
  return Int32Array.from({ length: n }, (_, i) => {
    const row = scores.data.subarray(i * 16, i * 16 + 16)
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)))
  })
}
