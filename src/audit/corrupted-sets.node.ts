// A network on sets that somebody corrupted: accuracy by corruption and severity, and the benchmark's summary where it
// has one. A level is opened, asked about and let go before the next: the names of all of ImageNet-C fill a memory.

import { z } from 'zod'
import type { Classifier } from '../classifier/classifier.ts'
import type { CorruptedSets, CorruptionLevel } from '../data/corrupted-sets.node.ts'
import type { Dataset } from '../data/dataset.ts'
import { type CorruptionName, corruptionNames, type Severity, severities } from '../distort/index.ts'
import { InputError } from '../errors/input-error.ts'
import { accuracy, type BootstrapOptions, Estimate, rightOf } from '../probe/index.ts'
import type { Progress } from '../progress/progress.ts'
import { type Ledger, probeTask, runTasks } from '../study/index.ts'
import { Random } from '../tensor/random.ts'
import { isImageNet, meanCorruptionError, overallAccuracy } from './corruptions.ts'

export const CorruptedSetsResult = z.object({
  model: z.object({ name: z.string(), fingerprint: z.string() }),
  layout: z.enum(['ImageNet-C', 'CIFAR-C']),
  /** Whether the images did not have the network's size. */
  resized: z.boolean(),
  levels: z.array(
    z.object({ corruption: z.string(), severity: z.int(), images: z.int(), accuracy: Estimate }),
  ),
  /** Mean over the levels; images are what is resampled. Null where the levels hold different images. */
  accuracy: Estimate.nullable(),
  /** Accuracy on the same images uncorrupted, where they were given. */
  clean: Estimate.nullable(),
  /**
   * Errors over those of AlexNet (1 is as bad); null unless the images are ImageNet's, the same at every level, and all
   * fifteen corruptions of the benchmark are there at five severities. The relative one needs the clean images too.
   */
  mce: Estimate.nullable(),
  relativeMce: Estimate.nullable(),
})
export type CorruptedSetsResult = z.infer<typeof CorruptedSetsResult>

export interface CorruptedSetsOptions {
  readonly model: Classifier
  readonly sets: CorruptedSets
  /** The images before they were corrupted. */
  readonly clean?: Dataset | undefined
  readonly corruptions?: readonly string[] | undefined
  readonly severities?: readonly Severity[] | undefined
  /** How many of the images, drawn by the seed; default: all. */
  readonly images?: number | undefined
  readonly ledger: Ledger
  readonly seed: number
  readonly resamples: number
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Per image: 1 where it was decided right. */
interface Level extends CorruptionLevel {
  readonly right: Uint8Array
  readonly accuracy: Estimate
}

/**
 * Asks about level after level, each once: what the ledger holds is not asked again.
 * @throws InputError when no level is wanted, the network's classes do not fit, or `clean` holds other images
 */
export async function corruptedSetsResult(options: CorruptedSetsOptions): Promise<CorruptedSetsResult> {
  const { model, sets, clean, seed, images } = options
  const { corruptions, severities: wantedSeverities = severities } = options
  const wanted = sets.levels.filter(
    ({ corruption, severity }) =>
      (corruptions?.includes(corruption) ?? true) && wantedSeverities.some(one => one === severity),
  )
  if (wanted.length === 0) {
    const known = [...new Set(sets.levels.map(({ corruption }) => corruption))]
    throw new InputError(`none of the levels asked for is there (corruptions there: ${known.join(', ')})`)
  }
  const sample = images === undefined ? undefined : { count: images, seed }
  const levels: Level[] = []
  let names: readonly string[] = []
  let classes: readonly string[] = []
  let [same, resized] = [true, false]
  // In CIFAR-C the same row of every severity is the same image, whatever its name.
  const isSame = (others: readonly string[]) =>
    others.length === names.length &&
    (sets.layout === 'CIFAR-C' || others.every((name, i) => name === names[i]))
  for (const [i, level] of wanted.entries()) {
    const opened = await sets.open(level, model.preprocessing, sample)
    const found = await ask(
      opened.data,
      `${i + 1}/${wanted.length} ${level.corruption} ${level.severity}`,
      options,
    )
    resized ||= opened.resized
    if (i === 0) [names, classes] = [found.names, opened.data.classes]
    same &&= isSame(found.names)
    levels.push({ ...level, right: found.right, accuracy: found.accuracy })
  }
  const whole = clean && (await ask(clean, 'clean', options))
  if (whole !== undefined && !(same && isSame(whole.names))) {
    throw new InputError(
      `the clean images must be those that were corrupted, in the same folders: found ${whole.names.length} ` +
        `(${whole.names[0]}, ...) and ${names.length} (${names[0]}, ...)`,
    )
  }
  const bootstrapFor = (id: string): BootstrapOptions => ({
    random: new Random(seed).fork(id),
    resamples: options.resamples,
  })
  const benchmark = same && isImageNet(model.classes.length, classes) ? ofBenchmark(levels) : undefined
  const summary = (which: 'mce' | 'relativeMce', right: Uint8Array) =>
    benchmark === undefined ? null : meanCorruptionError(benchmark, right, which, bootstrapFor(which))
  return {
    model: { name: model.name, fingerprint: model.fingerprint },
    layout: sets.layout,
    resized,
    levels: levels.map(({ corruption, severity, right, accuracy: estimate }) => ({
      ...{ corruption, severity, images: right.length, accuracy: estimate },
    })),
    accuracy: same ? overallAccuracy(levels, bootstrapFor('accuracy')) : null,
    clean: whole?.accuracy ?? null,
    // Without clean images their error takes no part in it.
    mce: summary('mce', whole?.right ?? levels[0]!.right),
    relativeMce: whole === undefined ? null : summary('relativeMce', whole.right),
  }
}

async function ask(
  data: Dataset,
  label: string,
  { model, seed, ledger, progress, signal }: CorruptedSetsOptions,
) {
  const task = probeTask(label, accuracy({ data }), model, seed)
  const { finished } = await runTasks([task], ledger, {
    ...(progress && { progress }),
    ...(signal && { signal }),
  })
  const answer = task.schema.parse(finished[0]!.outcome.result)
  return { right: rightOf(answer.perImage), names: answer.perImage.names, accuracy: answer.accuracy }
}

/** The levels that the benchmark counts; undefined unless all are there. */
function ofBenchmark(levels: readonly Level[]) {
  const counted = corruptionNames
    .slice(0, 15)
    .flatMap((name: CorruptionName) =>
      severities.flatMap(severity =>
        levels
          .filter(level => level.corruption === name && level.severity === severity)
          .map(({ right }) => ({ name, severity, right })),
      ),
    )
  return counted.length === 75 ? counted : undefined
}
