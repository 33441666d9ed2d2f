// Trials put in order: per data set and condition, the same pictures in the same order for every observer, person
// or network, so that their answers can be compared picture by picture.

import { subjectName, type Trial } from '../../data/trials.ts'
import { InputError } from '../../errors/input-error.ts'
import { publishedConditions } from './published-conditions.ts'

/** Who was right about which picture under one condition. */
export interface ConditionAnswers {
  /** Empty where the data set has only one. */
  readonly condition: string
  /** Ids of the pictures, ascending. */
  readonly images: readonly string[]
  /** By observer: 1 where the answer was the picture's category, aligned with `images`. */
  readonly right: ReadonlyMap<string, Uint8Array>
}

export interface Experiment {
  readonly dataset: string
  /** In byte order; people first. */
  readonly observers: readonly string[]
  readonly conditions: readonly ConditionAnswers[]
}

/** People are called `subject-01`, `subject-02`, ...; whoever else answers is a network. */
export const isPerson = (observer: string) => observer.startsWith('subject-')

/**
 * Orders the trials of one data set.
 * @throws InputError when an observer saw a picture twice, or other pictures than the others did
 */
export function experimentOf(dataset: string, trials: readonly Trial[]): Experiment {
  const known = publishedConditions[dataset]
  const byCondition = new Map<string, Map<string, Map<string, 0 | 1>>>()
  for (const trial of trials) {
    const condition = known === undefined ? '' : countedCondition(trial.condition, known)
    if (condition === undefined) continue
    const observers = byCondition.get(condition) ?? new Map<string, Map<string, 0 | 1>>()
    const observer = subjectName(trial.subject)
    const answers = observers.get(observer) ?? new Map<string, 0 | 1>()
    const image = imageId(trial.image)
    if (answers.has(image))
      throw new InputError(`${observer} answers twice on ${image} of ${dataset}: remove one of its CSV files`)
    answers.set(image, trial.response === trial.category ? 1 : 0)
    byCondition.set(condition, observers.set(observer, answers))
  }
  const order = known ?? ['']
  const conditions = order.flatMap(condition => {
    const observers = byCondition.get(condition)
    return observers === undefined ? [] : [aligned(dataset, condition, observers)]
  })
  const names = new Set(conditions.flatMap(({ right }) => [...right.keys()]))
  for (const { condition, right } of conditions) {
    const absent = [...names].find(name => !right.has(name))
    if (absent !== undefined)
      throw new InputError(
        `${absent} has no trials under condition ${condition} of ${dataset}, which others have`,
      )
  }
  return { dataset, observers: inOrder([...names]), conditions }
}

/** The published CSV files spell some conditions in several ways: `False` and `false`, `3.0` and `3`. */
function countedCondition(condition: string, known: readonly string[]): string | undefined {
  const spelt = condition.trim().toLowerCase()
  const value = spelt === '' ? Number.NaN : Number(spelt)
  return known.find(name => name.toLowerCase() === spelt || Number(name) === value)
}

function aligned(
  dataset: string,
  condition: string,
  observers: ReadonlyMap<string, ReadonlyMap<string, 0 | 1>>,
): ConditionAnswers {
  const images = [...new Set([...observers.values()].flatMap(answers => [...answers.keys()]))].sort()
  const right = new Map<string, Uint8Array>()
  for (const [observer, answers] of observers) {
    if (answers.size !== images.length) {
      const missing = images.find(image => !answers.has(image))
      throw new InputError(
        `${observer} saw ${answers.size} of the ${images.length} pictures of ${dataset}` +
          `${condition === '' ? '' : ` under condition ${condition}`} that others saw (not ${missing}): ` +
          'consistency needs the same pictures for everybody',
      )
    }
    right.set(
      observer,
      Uint8Array.from(images, image => answers.get(image)!),
    )
  }
  return { condition, images, right }
}

/**
 * What identifies a picture whoever saw it: its name without the trial, the experiment and the observer
 * (`0001_cop_dnn_c30_knife_10_n03041632_7380.png` -> `n03041632_7380.png`).
 */
export function imageId(name: string): string {
  const parts = name.slice(name.lastIndexOf('/') + 1).split('_')
  const [before = '', last = ''] = parts.length > 1 ? parts.slice(-2) : ['', parts[0]]
  return before.startsWith('n0') ? `${before}_${last}` : last
}

function inOrder(names: string[]): string[] {
  const sorted = names.sort()
  return [...sorted.filter(isPerson), ...sorted.filter(name => !isPerson(name))]
}
