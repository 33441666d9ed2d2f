// The part of an audit under the fifteen corruptions of ImageNet-C: accuracy over all of them, and, where five
// severities were asked about a network of ImageNet's classes, the errors over AlexNet's published ones (mCE).

import type { Classifier } from '../classifier/classifier.ts'
import type { Dataset } from '../data/dataset.ts'
import { imagenetNames, imagenetWnids } from '../data/imagenet.ts'
import {
  type CorruptionName,
  corruption,
  corruptionGroups,
  type Severity,
  severities,
} from '../distort/index.ts'
import {
  type Accuracy,
  accuracy,
  type BootstrapOptions,
  bootstrap,
  bootstrapMeanShare,
  corruptionError,
  type Estimate,
  rightOf,
  wilson,
} from '../probe/index.ts'
import type { Answers, Task } from '../study/index.ts'
import { Random } from '../tensor/random.ts'
import type { CorruptionRow, Measure } from './audit.ts'
import { type Ask, decisionsOf, type Part } from './part.ts'
import type { AuditSettings } from './settings.ts'

export interface CorruptionPart extends Part {
  /** Accuracy by corruption and severity. */
  rows(answers: Answers): CorruptionRow[]
}

/** @param sampled accuracy on the same images uncorrupted */
export function corruptionPart(
  ask: Ask,
  data: Dataset,
  { classes }: Pick<Classifier, 'classes'>,
  settings: AuditSettings,
  sampled: Task<Accuracy>,
): CorruptionPart {
  const corrupted = (['noise', 'blur', 'weather', 'digital'] as const).flatMap(group =>
    corruptionGroups[group].map(name => ({
      name,
      group,
      levels: settings.severities.map(severity => ({
        name,
        severity,
        task: ask(`${name} ${severity}`, accuracy({ data, distortion: corruption(name, severity) })),
      })),
    })),
  )
  const levels = corrupted.flatMap(row => row.levels)
  const rightOn = (answers: Answers) =>
    levels.map(level => ({ ...level, right: rightOf(answers.of(level.task).perImage) }))
  const options = (id: string) => ({
    random: new Random(settings.seed).fork(id),
    resamples: settings.resamples,
  })
  const measure = (
    id: string,
    label: string,
    better: Measure['better'],
    of: (answers: Answers) => Estimate,
  ) => ({
    id,
    of: (answers: Answers): Measure => ({
      ...{ id, label, better, unit: 'percent', images: data.size },
      ...of(answers),
    }),
  })
  const isBenchmark =
    new Set(settings.severities).size === severities.length && isImageNet(classes.length, data.classes)
  const ofAlexNet = (answers: Answers, which: 'mce' | 'relativeMce') =>
    meanCorruptionError(rightOn(answers), rightOf(answers.of(sampled).perImage), which, options(which))
  return {
    tasks: [sampled, ...levels.map(({ task }) => task)],
    measures: [
      measure(
        'corruption-accuracy',
        `accuracy under the 15 corruptions of ImageNet-C, severities ${settings.severities.join(', ')}`,
        'higher',
        answers => overallAccuracy(rightOn(answers), options('corruption-accuracy')),
      ),
      ...(isBenchmark
        ? [
            measure('mce', "mCE: errors under corruption over AlexNet's", 'lower', answers =>
              ofAlexNet(answers, 'mce'),
            ),
            measure(
              'relative-mce',
              "relative mCE: what corruption adds to the error, over AlexNet's",
              'lower',
              answers => ofAlexNet(answers, 'relativeMce'),
            ),
          ]
        : []),
    ],
    decisions: answers =>
      levels.map(({ name, severity, task }) => decisionsOf(`${name}-${severity}`, answers.of(task))),
    rows: answers =>
      corrupted.map(({ name, group, levels: own }) => ({
        name,
        group,
        severities: own.map(({ severity, task }) => ({ severity, ...answers.of(task).accuracy })),
      })),
  }
}

interface Right {
  readonly name: CorruptionName
  readonly severity: Severity
  /** Per image: 1 where it was decided right. */
  readonly right: Uint8Array
}

/** Per image: the share of corruptions under which it is decided right; images are what is resampled. */
export function overallAccuracy(found: readonly Pick<Right, 'right'>[], options: BootstrapOptions): Estimate {
  const shares = Float64Array.from(
    { length: found[0]!.right.length },
    (_, i) => found.reduce((sum, { right }) => sum + right[i]!, 0) / found.length,
  )
  return bootstrapMeanShare(shares, options)
}

/**
 * The summary of ImageNet-C as a share (1 is as bad as AlexNet), with its bootstrap interval over images. Where every
 * image is right under every corruption, or wrong, resamples could not differ: there, Wilson's interval of the errors.
 */
export function meanCorruptionError(
  found: readonly Right[],
  clean: Uint8Array,
  which: 'mce' | 'relativeMce',
  options: BootstrapOptions,
): Estimate {
  const names = [...new Set(found.map(({ name }) => name))]
  const same = found.every(({ right }) => right.every(hit => hit === found[0]!.right[0]))
  if (same) {
    const share = (right: Uint8Array) =>
      wilson(right.length - right.reduce((sum, hit) => sum + hit, 0), right.length)
    const [corrupted, uncorrupted] = [share(found[0]!.right), share(clean)]
    const summary = (error: number, cleanError: number) => {
      const errors = Object.fromEntries(names.map(name => [name, severities.map(() => error)]))
      return corruptionError(errors, cleanError)[which]! / 100
    }
    return {
      value: summary(corrupted.value, uncorrupted.value),
      low: summary(corrupted.low, uncorrupted.high),
      high: summary(corrupted.high, uncorrupted.low),
    }
  }
  return bootstrap(
    clean.length,
    indices => {
      const error = (right: Uint8Array) => 1 - indices.reduce((sum, i) => sum + right[i]!, 0) / indices.length
      const errors: Record<string, number[]> = {}
      for (const { name, right } of found) {
        errors[name] ??= []
        errors[name].push(error(right))
      }
      return corruptionError(errors, error(clean))[which]! / 100
    },
    options,
  )
}

/** Only there do AlexNet's errors mean anything. */
export function isImageNet(outputs: number, classes: readonly string[]): boolean {
  return (
    outputs === imagenetWnids.length &&
    [imagenetWnids, imagenetNames].some(known => classes.every(name => known.includes(name)))
  )
}
