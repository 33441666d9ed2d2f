// Everything that trials of people and networks say when they are laid side by side: the benchmark, who errs alike
// on each data set, and shape bias by category where there are cue-conflict trials.

import { z } from 'zod'
import { cuesOfName, subjectName, type Trial } from '../../data/trials.ts'
import { InputError } from '../../errors/input-error.ts'
import { shapeBiasOf } from '../shape-bias.ts'
import { Estimate } from '../statistics.ts'
import { Benchmark, type BenchmarkOptions, benchmark } from './benchmark.ts'
import { experimentOf, isPerson } from './experiment.ts'
import { ConsistencyMatrix, consistencyMatrix } from './matrix.ts'

const ObserverBias = z.object({
  /** A network's name, or `people`, whose trials are pooled. */
  observer: z.string(),
  trials: z.int(),
  /** Null where no decision was for either cue. */
  shapeBias: Estimate.nullable(),
  /** Null where no decision was for either cue. */
  categories: z.array(z.object({ name: z.string(), shapeBias: z.number().nullable() })),
})
export type ObserverBias = z.infer<typeof ObserverBias>

export const Consistency = z.object({
  benchmark: Benchmark,
  matrices: z.array(ConsistencyMatrix),
  /** Absent without trials on cue-conflict pictures. */
  shapeBias: z.array(ObserverBias).optional(),
})
export type Consistency = z.infer<typeof Consistency>

/** The trials of one data set, of everybody who saw it. */
export interface DatasetTrials {
  readonly dataset: string
  readonly trials: readonly Trial[]
}

/** @throws InputError when the trials of a data set are not comparable, or there are no people */
export function consistency(
  datasets: readonly DatasetTrials[],
  { random, resamples }: BenchmarkOptions,
): Consistency {
  const experiments = datasets.map(({ dataset, trials }) => experimentOf(dataset, trials))
  const conflict = datasets.find(({ dataset }) => dataset === 'cue-conflict')
  return {
    benchmark: benchmark(experiments, { random: random.fork('benchmark'), resamples }),
    matrices: experiments.map(experiment =>
      consistencyMatrix(experiment, { random: random.fork(`matrix ${experiment.dataset}`), resamples }),
    ),
    ...(conflict && { shapeBias: observerBiases(conflict.trials, { random, resamples }) }),
  }
}

/** Shape bias of every network, by name, and of all people together, who come last. */
export function observerBiases(
  trials: readonly Trial[],
  { random, resamples }: BenchmarkOptions,
): ObserverBias[] {
  const classes = [...new Set(trials.map(({ category }) => category))].sort()
  const byObserver = new Map<string, Trial[]>()
  for (const trial of trials) {
    const observer = isPerson(trial.subject) ? 'people' : subjectName(trial.subject)
    const own = byObserver.get(observer)
    if (own === undefined) byObserver.set(observer, [trial])
    else own.push(trial)
  }
  const names = [...byObserver.keys()].filter(name => name !== 'people').sort()
  if (byObserver.has('people')) names.push('people')
  return names.map(observer => {
    const own = byObserver.get(observer)!
    const perImage = {
      names: [] as string[],
      shapes: [] as number[],
      textures: [] as number[],
      decisions: [] as number[],
    }
    for (const { image, category, response } of own) {
      const texture = classes.indexOf(cuesOfName(image)?.texture ?? '')
      if (texture < 0)
        throw new InputError(
          `cue-conflict trials need pictures such as cat1-bird3.png, found ${image} of ${observer}`,
        )
      const shape = classes.indexOf(category)
      if (shape === texture) continue
      perImage.names.push(image)
      perImage.shapes.push(shape)
      perImage.textures.push(texture)
      perImage.decisions.push(classes.indexOf(response))
    }
    const bias = shapeBiasOf(perImage, classes, { random: random.fork(`shape bias ${observer}`), resamples })
    return {
      observer,
      trials: bias.images,
      shapeBias: bias.shapeBias,
      categories: bias.categories.map(({ name, shapeBias }) => ({ name, shapeBias })),
    }
  })
}
