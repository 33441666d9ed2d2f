// Error consistency of every two observers of a data set, all its counted conditions together.

import { z } from 'zod'
import { Estimate, percentileInterval } from '../statistics.ts'
import { agreement } from './agreement.ts'
import type { BenchmarkOptions } from './benchmark.ts'
import type { Experiment } from './experiment.ts'

export const ConsistencyMatrix = z.object({
  dataset: z.string(),
  images: z.int(),
  /** People first. */
  observers: z.array(z.string()),
  accuracies: z.array(z.number()),
  /** Every two, once. */
  pairs: z.array(
    z.object({
      first: z.string(),
      second: z.string(),
      observed: z.number(),
      expected: z.number(),
      /** Interval over pictures. */
      errorConsistency: Estimate,
    }),
  ),
})
export type ConsistencyMatrix = z.infer<typeof ConsistencyMatrix>

export function consistencyMatrix(
  { dataset, observers, conditions }: Experiment,
  { random, resamples }: BenchmarkOptions,
): ConsistencyMatrix {
  const answers = observers.map(observer =>
    Uint8Array.from(conditions.flatMap(({ right }) => Array.from(right.get(observer)!))),
  )
  const images = answers[0]?.length ?? 0
  const draws = Array.from({ length: resamples }, () => {
    const weights = new Uint32Array(images)
    for (let i = 0; i < images; i++) weights[random.integer(images)]! += 1
    return weights
  })
  const pairs = observers.flatMap((first, i) =>
    observers.slice(i + 1).map((second, k) => {
      const [a, b] = [answers[i]!, answers[i + 1 + k]!]
      const { observed, expected, errorConsistency } = agreement(a, b)
      const interval = percentileInterval(draws.map(weights => agreement(a, b, weights).errorConsistency))
      return { first, second, observed, expected, errorConsistency: { value: errorConsistency, ...interval } }
    }),
  )
  return {
    dataset,
    images,
    observers: [...observers],
    accuracies: answers.map(right => right.reduce((sum, hit) => sum + hit, 0) / images),
    pairs,
  }
}
