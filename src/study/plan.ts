// From a config, two networks and data to the tasks of a study. The order is that of the report; what cannot be
// asked of this data is left out.

import type { Classifier } from '../classifier/classifier.ts'
import { gaussianNoise, scramble } from '../distort/index.ts'
import type { Pixels } from '../image/pixels.ts'
import {
  type Accuracy,
  type AdversarialAccuracy,
  accuracy,
  adversarialAccuracy,
  type Probe,
  type ShapeBias,
  type Smoothness,
  shapeBias,
  smoothness,
} from '../probe/index.ts'
import { Random } from '../tensor/random.ts'
import type { StudyConfig } from './config.ts'
import { type Examples, examplesTask } from './evidence/examples.ts'
import { type Filters, filtersTask } from './evidence/filters.ts'
import { type Samples, samplesTask } from './evidence/samples.ts'
import type { StudyData } from './study-data.ts'
import type { Task } from './task.ts'

/** Something asked of both networks. */
export interface TaskPair<R> {
  readonly standard: Task<R>
  readonly robust: Task<R>
}

export interface Condition {
  /** `clean`, `shape-only`, `texture-only`, `scrambled`, `noise-0.1` */
  readonly id: string
  /** As the report calls it. */
  readonly label: string
  readonly tasks: TaskPair<Accuracy>
}

export interface Plan {
  readonly conditions: readonly Condition[]
  /** By ascending radius. */
  readonly attacks: readonly { readonly epsilon: number; readonly tasks: TaskPair<AdversarialAccuracy> }[]
  readonly shapeBias?: TaskPair<ShapeBias>
  readonly smoothness: TaskPair<Smoothness>
  readonly filters: TaskPair<Filters>
  readonly samples?: Task<Samples>
  readonly examples?: Task<Examples>
  /** All of the above, in the order in which they are run. */
  readonly tasks: readonly Task[]
}

export interface Planned {
  readonly config: StudyConfig
  readonly models: { readonly standard: Classifier; readonly robust: Classifier }
  readonly data: StudyData
  readonly encodePng: (image: Pixels) => Promise<Uint8Array>
}

/** The tasks of a study; none has been run. */
export function planStudy({ config, models, data, encodePng }: Planned): Plan {
  const { seed, attack, resamples, evidence } = config
  const names = { standard: config.models.standard.name, robust: config.models.robust.name }
  const ask = <R>(label: string, probe: Probe<R>): TaskPair<R> => ({
    standard: probeTask(`${label}: ${names.standard}`, probe, models.standard, seed),
    robust: probeTask(`${label}: ${names.robust}`, probe, models.robust, seed),
  })
  const condition = (id: string, label: string, probe: Probe<Accuracy>): Condition => ({
    id,
    label,
    tasks: ask(label, probe),
  })

  const { images, shapeOnly, textureOnly, cueConflict } = data
  const [height, width] = models.standard.preprocessing.size
  const conditions = [
    condition('clean', 'clean', accuracy({ data: images })),
    ...(shapeOnly ? [condition('shape-only', 'shape only', accuracy({ data: shapeOnly }))] : []),
    ...(textureOnly ? [condition('texture-only', 'texture only', accuracy({ data: textureOnly }))] : []),
    ...(height % 2 === 0 && width % 2 === 0
      ? [condition('scrambled', 'quarters exchanged', accuracy({ data: images, distortion: scramble() }))]
      : []),
    ...config.noise.map(sigma =>
      condition(
        `noise-${sigma}`,
        `Gaussian noise, sigma ${sigma}`,
        accuracy({ data: images, distortion: gaussianNoise(sigma) }),
      ),
    ),
  ]
  const { norm, steps } = attack
  const attacks = [...new Set([...attack.curve, attack.epsilon])]
    .sort((a, b) => a - b)
    .map(epsilon => ({
      epsilon,
      tasks: ask(
        `PGD-${steps} ${norm} ${epsilon}`,
        adversarialAccuracy({ data: images, norm, epsilon, steps, images: attack.images }),
      ),
    }))
  const plan = {
    conditions,
    attacks,
    ...(cueConflict && { shapeBias: ask('shape bias', shapeBias({ data: cueConflict, resamples })) }),
    smoothness: ask('smoothness', smoothness({ resamples })),
    filters: {
      standard: filtersTask(models.standard, names.standard, encodePng),
      robust: filtersTask(models.robust, names.robust, encodePng),
    },
    ...(cueConflict &&
      evidence.samples > 0 && { samples: samplesTask(cueConflict, evidence.samples, seed, encodePng) }),
    ...(evidence.examples > 0 && {
      examples: examplesTask(
        models,
        images,
        { norm, epsilon: attack.epsilon, steps, count: evidence.examples, seed },
        encodePng,
      ),
    }),
  }
  const both = (pair: TaskPair<unknown>): Task[] => [pair.standard, pair.robust]
  return {
    ...plan,
    tasks: [
      ...(plan.shapeBias ? both(plan.shapeBias) : []),
      ...conditions.flatMap(({ tasks }) => both(tasks)),
      ...both(plan.smoothness),
      ...both(plan.filters),
      ...(plan.samples ? [plan.samples] : []),
      ...(plan.examples ? [plan.examples] : []),
      ...attacks.flatMap(({ tasks }) => both(tasks)),
    ],
  }
}

/** A probe of one network as a task. Both networks get the same random draws: the same noise, the same starts. */
function probeTask<R>(label: string, probe: Probe<R>, model: Classifier, seed: number): Task<R> {
  return {
    label,
    identity: {
      probe: probe.name,
      version: probe.version,
      options: probe.options,
      models: { model: model.fingerprint },
      data: probe.data.map(set => set.fingerprint),
      seed,
    },
    schema: probe.schema,
    async run({ progress, signal }) {
      const random = new Random(seed).fork(probe.name)
      return { result: await probe.run({ model, random, progress, ...(signal && { signal }) }) }
    },
  }
}
