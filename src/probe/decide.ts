// Turns a network's scores into decisions among a data set's classes, where the two do not number or name
// their classes alike.

import { predictions } from '../attack/criterion.ts'
import type { Classifier } from '../classifier/classifier.ts'
import { imagenetNames, imagenetWnids, sixteenCategories, sixteenDecisions } from '../data/imagenet.ts'
import { InputError } from '../errors/input-error.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

/** How one network decides among one data set's classes. */
export interface Decider {
  /**
   * The class each image is decided for, as the data set numbers them; -1 for a class that it does not have.
   * @param logits `[n, classes of the network]`
   */
  decide(logits: FloatTensor): Int32Array
  /** The network's output for each class of the data set; undefined where several stand for one class. */
  readonly outputs: Int32Array | undefined
  /** How many classes it decides among: guessing is right in one of so many. */
  readonly choices: number
}

/**
 * Matches classes by name; an ImageNet network takes folders named by WordNet id or by ImageNet's names, and
 * decides among the sixteen categories of Geirhos et al. (2019) by mean softmax probability. A network whose
 * classes have no names (`class 0`, `class 1`, ...) is taken to number them as the data set does.
 * @throws InputError when the classes do not fit
 */
export function deciderFor(model: Pick<Classifier, 'name' | 'classes'>, classes: readonly string[]): Decider {
  const own = model.classes
  const byName = outputsOf(own, classes)
  if (byName !== undefined) return singleOutputs(byName, own.length)
  if (own.length === imagenetWnids.length) {
    const byImageNet = outputsOf(imagenetWnids, classes) ?? outputsOf(imagenetNames, classes)
    if (byImageNet !== undefined) return singleOutputs(byImageNet, own.length)
    if (classes.every(name => sixteenCategories.includes(name))) return sixteenWay(classes)
  }
  if (own.length === classes.length && isUnnamed(own)) {
    return singleOutputs(
      Int32Array.from(classes, (_, i) => i),
      own.length,
    )
  }
  const missing = classes.filter(name => !own.includes(name))
  throw new InputError(
    `${model.name} does not know ${missing.length} of the ${classes.length} classes of the data ` +
      `(${some(missing)}); its ${own.length} classes are ${some(own)}`,
  )
}

/**
 * The classes among which a network decides on cue-conflict images: its own, or the sixteen categories of an
 * ImageNet network; undefined where it has no class names.
 */
export function cueConflictClasses({ classes }: Pick<Classifier, 'classes'>): readonly string[] | undefined {
  if (classes.length === imagenetWnids.length) return sixteenCategories
  return isUnnamed(classes) ? undefined : classes
}

const isUnnamed = (classes: readonly string[]) =>
  classes.every((name, i) => name === String(i) || name === `class ${i}`)

function outputsOf(own: readonly string[], classes: readonly string[]): Int32Array | undefined {
  const index = new Map(own.map((name, i) => [name, i]))
  return classes.every(name => index.has(name))
    ? Int32Array.from(classes, name => index.get(name)!)
    : undefined
}

function singleOutputs(outputs: Int32Array, choices: number): Decider {
  const classOf = new Map(Array.from(outputs, (output, i) => [output, i]))
  return {
    outputs,
    choices,
    decide(logits) {
      return predictions(logits).map(output => classOf.get(output) ?? -1)
    },
  }
}

function sixteenWay(classes: readonly string[]): Decider {
  const place = sixteenCategories.map(name => classes.indexOf(name))
  return {
    outputs: undefined,
    choices: sixteenCategories.length,
    decide: logits => sixteenDecisions(logits).map(category => place[category]!),
  }
}

const some = (names: readonly string[]) =>
  names.length > 4 ? `${names.slice(0, 4).join(', ')}, ...` : names.join(', ')
