// Networks beside people, averaged as the toolbox model-vs-human averages (Geirhos et al. 2021): per condition,
// each network against each person; then the mean over conditions, over people, over data sets.

import { z } from 'zod'
import { InputError } from '../../errors/input-error.ts'
import type { Random } from '../../tensor/random.ts'
import { Estimate, percentileInterval } from '../statistics.ts'
import { agreement } from './agreement.ts'
import { type Experiment, isPerson } from './experiment.ts'

const measures = ['accuracy', 'accuracyDifference', 'observedConsistency', 'errorConsistency'] as const
type Measure = (typeof measures)[number]
type Measures = Record<Measure, number>

const Row = z.object({
  /** A network's name, or `people`: each person against every other. */
  observer: z.string(),
  /** Share of right answers; people's are pooled. */
  accuracy: Estimate,
  /** Mean square of the difference of accuracies to a person's; 0 is human. */
  accuracyDifference: Estimate,
  observedConsistency: Estimate,
  errorConsistency: Estimate,
  /** Mean of the ranks among the networks in the last three measures; null for people. */
  meanRank: z.number().nullable(),
})

export const Benchmark = z.object({
  datasets: z.array(z.object({ name: z.string(), conditions: z.int(), images: z.int(), people: z.int() })),
  /** Data sets that not every network has answered, or no person has. */
  leftOut: z.array(z.string()),
  /** Networks by mean rank, people last. */
  rows: z.array(Row),
})
export type Benchmark = z.infer<typeof Benchmark>

export interface BenchmarkOptions {
  readonly random: Random
  /** Bootstrap resamples behind each interval: pictures are drawn, the same ones for all observers. */
  readonly resamples: number
}

/**
 * The benchmark table, with 95 % intervals over pictures (people and data sets are taken as they are).
 * @throws InputError when no data set has been seen by people and by every network
 */
export function benchmark(experiments: readonly Experiment[], options: BenchmarkOptions): Benchmark {
  const networks = [...new Set(experiments.flatMap(({ observers }) => observers))].filter(
    name => !isPerson(name),
  )
  const complete = ({ observers }: Experiment) =>
    observers.some(isPerson) && networks.every(name => observers.includes(name))
  const used = experiments.filter(complete)
  if (used.length === 0) {
    throw new InputError(
      'no data set has answers of people and of every network: put their CSV files into one folder per data set',
    )
  }
  const observers = used[0]!.observers.filter(isPerson).length > 1 ? [...networks, people] : networks
  if (observers.length === 0)
    throw new InputError('a benchmark needs a network or two people, found one person')
  const found = evaluate(used, observers, () => undefined)
  const drawn = intervals(used, observers, options)
  const estimate = (observer: string, measure: Measure): Estimate => ({
    value: found.get(observer)![measure],
    ...drawn.get(observer)![measure],
  })
  const ranks = meanRanks(networks, found)
  const rows = observers.map(observer => ({
    observer,
    accuracy: estimate(observer, 'accuracy'),
    accuracyDifference: estimate(observer, 'accuracyDifference'),
    observedConsistency: estimate(observer, 'observedConsistency'),
    errorConsistency: estimate(observer, 'errorConsistency'),
    meanRank: ranks.get(observer) ?? null,
  }))
  return {
    datasets: used.map(({ dataset, conditions, observers }) => ({
      name: dataset,
      conditions: conditions.length,
      images: conditions.reduce((sum, { images }) => sum + images.length, 0),
      people: observers.filter(isPerson).length,
    })),
    leftOut: experiments.filter(experiment => !complete(experiment)).map(({ dataset }) => dataset),
    rows: rows.sort(
      (a, b) => (a.meanRank ?? Number.POSITIVE_INFINITY) - (b.meanRank ?? Number.POSITIVE_INFINITY),
    ),
  }
}

const people = 'people'

/** All measures of all observers. @param weightsOf how often each picture of a condition counts */
function evaluate(
  experiments: readonly Experiment[],
  observers: readonly string[],
  weightsOf: (experiment: number, condition: number) => Uint32Array | undefined,
): Map<string, Measures> {
  const sums = new Map(observers.map(name => [name, zero()]))
  for (const [e, experiment] of experiments.entries()) {
    const persons = experiment.observers.filter(isPerson)
    for (const observer of observers) {
      const pairs =
        observer === people
          ? persons.flatMap((a, i) => persons.slice(i + 1).map(b => [a, b] as const))
          : persons.map(person => [observer, person] as const)
      const own = observer === people ? persons : [observer]
      const mean = zero()
      let [hits, shown] = [0, 0]
      for (const [c, { images, right }] of experiment.conditions.entries()) {
        const weights = weightsOf(e, c)
        const share = 1 / (pairs.length * experiment.conditions.length)
        for (const [a, b] of pairs) {
          const { accuracies, observed, errorConsistency } = agreement(right.get(a)!, right.get(b)!, weights)
          mean.accuracyDifference += share * (accuracies[0] - accuracies[1]) ** 2
          mean.observedConsistency += share * observed
          mean.errorConsistency += share * errorConsistency
        }
        for (const name of own) {
          const answers = right.get(name)!
          for (let i = 0; i < answers.length; i++)
            hits += answers[i]! * (weights === undefined ? 1 : weights[i]!)
        }
        shown += own.length * images.length
      }
      mean.accuracy = hits / shown
      const sum = sums.get(observer)!
      for (const measure of measures) sum[measure] += mean[measure] / experiments.length
    }
  }
  return sums
}

const zero = (): Measures => ({
  accuracy: 0,
  accuracyDifference: 0,
  observedConsistency: 0,
  errorConsistency: 0,
})

function intervals(
  experiments: readonly Experiment[],
  observers: readonly string[],
  { random, resamples }: BenchmarkOptions,
): Map<string, Record<Measure, { low: number; high: number }>> {
  const counts = experiments.map(({ conditions }) =>
    conditions.map(({ images }) => new Uint32Array(images.length)),
  )
  const values = new Map(
    observers.map(name => [
      name,
      { accuracy: [], accuracyDifference: [], observedConsistency: [], errorConsistency: [] } as Record<
        Measure,
        number[]
      >,
    ]),
  )
  for (let k = 0; k < resamples; k++) {
    for (const weights of counts.flat()) {
      weights.fill(0)
      for (let i = 0; i < weights.length; i++) weights[random.integer(weights.length)]! += 1
    }
    const found = evaluate(experiments, observers, (e, c) => counts[e]![c]!)
    for (const [name, of] of values) {
      for (const measure of measures) of[measure].push(found.get(name)![measure])
    }
  }
  return new Map(
    Array.from(values, ([name, of]) => [
      name,
      {
        accuracy: percentileInterval(of.accuracy),
        accuracyDifference: percentileInterval(of.accuracyDifference),
        observedConsistency: percentileInterval(of.observedConsistency),
        errorConsistency: percentileInterval(of.errorConsistency),
      },
    ]),
  )
}

function meanRanks(networks: readonly string[], found: ReadonlyMap<string, Measures>): Map<string, number> {
  const rank = (measure: Measure, best: 1 | -1) => {
    const values = networks.map(name => best * found.get(name)![measure])
    // Those that share a value share the mean of their ranks.
    return values.map(value => {
      const better = values.filter(other => other < value).length
      const equal = values.filter(other => other === value).length
      return better + (equal + 1) / 2
    })
  }
  const ranks = [rank('accuracyDifference', 1), rank('observedConsistency', -1), rank('errorConsistency', -1)]
  return new Map(networks.map((name, i) => [name, ranks.reduce((sum, of) => sum + of[i]!, 0) / 3]))
}
