// Whether the labels of a data set can be the outputs of a network, and in which sense.

import type { Dataset } from '../data/dataset.ts'
import { imagenetWnids, sixteenCategories, sixteenDecisions } from '../data/imagenet.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import type { Classifier } from './classifier.ts'
import type { Lint } from './lint.ts'

/** How decisions are compared with labels. */
export interface LabelFit {
  /** `names`: classes are matched by name; `order`: by index; `sixteen`: ImageNet's outputs mapped to 16 categories. */
  readonly by: 'names' | 'order' | 'sixteen'
  /** One decision per image, comparable with {@link LabelFit.expected}. */
  decide(logits: FloatTensor): Int32Array
  /** The decision that would be right for a label of the data. */
  expected(label: number): number
}

type ModelClasses = Pick<Classifier, 'name' | 'classes'>

/** How the labels of `data` fit `model`; a lint alone when they cannot. */
export function fitLabels(model: ModelClasses, data: Dataset): { fit?: LabelFit; lints: Lint[] } {
  const { classes } = model
  const index = new Map(classes.map((name, i) => [name, i]))
  if (data.classes.every(name => index.has(name))) {
    const map = data.classes.map(name => index.get(name)!)
    return { fit: { by: 'names', decide: argmax, expected: label => map[label]! }, lints: [] }
  }
  if (
    classes.length === imagenetWnids.length &&
    data.classes.every(name => sixteenCategories.includes(name))
  ) {
    const map = data.classes.map(name => sixteenCategories.indexOf(name))
    return { fit: { by: 'sixteen', decide: sixteenDecisions, expected: label => map[label]! }, lints: [] }
  }
  if (data.classes.length === classes.length) {
    const at = classes.findIndex((name, i) => name !== data.classes[i])
    const lint: Lint = {
      code: 'labels',
      message: `class ${at} is ${data.classes[at]} in ${data.name} but ${classes[at]} in ${model.name}: classes were matched by their order; name them in the manifest to be sure`,
    }
    const fit: LabelFit = { by: 'order', decide: argmax, expected: label => label }
    return { fit, lints: isUnnamed(classes) ? [] : [lint] }
  }
  const foreign = data.classes.find(name => !index.has(name))
  const message = `${data.name} has ${data.classes.length} classes, ${model.name} ${classes.length}, and ${foreign} is none of them: nothing can be compared`
  return { lints: [{ code: 'labels', message }] }
}

const isUnnamed = (classes: readonly string[]) => classes.every((name, i) => name === `class ${i}`)

/** Index of the greatest logit of each row; the first where several are equal. */
export function argmax(logits: FloatTensor): Int32Array {
  const [n = 0, classes = 0] = logits.shape
  return Int32Array.from({ length: n }, (_, i) => {
    let best = 0
    for (let c = 1; c < classes; c++)
      if (logits.data[i * classes + c]! > logits.data[i * classes + best]!) best = c
    return best
  })
}

/**
 * Whether labels are consistent but in another order than the outputs: every class has a favourite decision of its
 * own, most images go there, and it is mostly not the right one.
 * @param pairs expected and actual decision per image.
 */
export function lintOrder(pairs: readonly (readonly [number, number])[], data: Dataset): Lint[] {
  const votes = new Map<number, Map<number, number>>()
  for (const [expected, actual] of pairs) {
    const row = votes.get(expected) ?? new Map<number, number>()
    votes.set(expected, row.set(actual, (row.get(actual) ?? 0) + 1))
  }
  // With few images per class a favourite means nothing.
  if (pairs.length < 5 * votes.size || votes.size < 2) return []
  const favourites = [...votes].map(([expected, row]) => {
    const [decision, count] = [...row].reduce((best, entry) => (entry[1] > best[1] ? entry : best))
    return { expected, decision, count }
  })
  const distinct = new Set(favourites.map(({ decision }) => decision)).size === favourites.length
  const permuted = favourites.reduce((sum, { count }) => sum + count, 0) / pairs.length
  const right = pairs.filter(([expected, actual]) => expected === actual).length / pairs.length
  if (!distinct || permuted < 0.5 || permuted < 3 * right) return []
  const moved = favourites.find(({ expected, decision }) => expected !== decision)!
  return [
    {
      code: 'labels',
      message: `the labels of ${data.name} seem to be in another order than the outputs: class ${moved.expected} is mostly taken for ${moved.decision}; right would be ${permuted.toFixed(2)} instead of ${right.toFixed(2)}`,
    },
  ]
}
