// Simplicity bias 3: how many types of images a unit responds to, told by how alike its top images are.

import { z } from 'zod'
import { scaleWeights } from '../../image/ms-ssim.ts'
import {
  compareDiversity,
  type Diversity,
  type DiversityComparison,
  type diversityMeasures,
  diversity as diversityProbe,
  holm,
  PairedComparison,
} from '../../probe/index.ts'
import { bootstrapWeightedMean } from '../../probe/statistics.ts'
import { Random } from '../../tensor/random.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { Pair, pairOf } from '../pair.ts'
import type { TaskPair } from '../task.ts'

const Settings = z.strictObject({
  /** Images per unit. */
  top: z.int().min(2).max(100).default(25),
})
type Settings = z.infer<typeof Settings>

/**
 * Over units: mean pairwise MS-SSIM of the top images (the primary measure), mean pairwise distance between the
 * network's own features of them, entropy of their labels and of their basic colours in bits.
 */
const Measured = z.object({
  similarity: Pair,
  featureDistance: Pair,
  labelEntropy: Pair,
  colourEntropy: Pair,
})
type Measured = z.infer<typeof Measured>

const Summary = z.object({
  images: z.number(),
  top: z.number(),
  /** Layers in which both networks have live units. */
  layers: z.array(
    Measured.extend({
      layer: z.string(),
      units: z.number(),
      /**
       * R minus S in similarity, by a permutation test over units; `corrected` is p after Holm's correction for the
       * layers. None where fewer than two units live in both.
       */
      difference: PairedComparison.extend({ corrected: z.number() }).optional(),
    }),
  ),
  network: Measured,
})
type Summary = z.infer<typeof Summary>

/** Of one unit; null where it is silent on all but one image. */
const UnitDiversity = z.object({
  similarity: z.number().nullable(),
  featureDistance: z.number().nullable(),
  labelEntropy: z.number().nullable(),
  colourEntropy: z.number().nullable(),
})

export const diversity: Chapter<Summary, Settings, z.infer<typeof UnitDiversity>> = {
  schema: Summary,
  settings: Settings,
  unit: UnitDiversity,

  plan({ config, models, data: { images }, layers, ask }, { top }) {
    const isTooSmall = scaleWeights(Math.min(...models.standard.preprocessing.size)).length === 0
    if (layers.length === 0 || isTooSmall) return undefined
    const { seed, resamples } = config
    const tasks = ask('diversity', diversityProbe({ data: images, layers, top, resamples }))
    return {
      tasks: [tasks.standard, tasks.robust],
      summarise: answers => summarise(tasks, { seed, resamples }, answers),
      units: (answers, role) =>
        answers.of(tasks[role]).layers.map(({ layer, units }) => ({
          layer,
          units: units.map(({ similarity, featureDistance, labelEntropy, colourEntropy }) => ({
            similarity,
            featureDistance,
            labelEntropy,
            colourEntropy,
          })),
        })),
    }
  },

  claims: ({ top, layers, network }, { standard: s, robust: r }) =>
    layers.length === 0
      ? []
      : [
          {
            id: 'fewer-types',
            claim: 'Units of the robust network respond to fewer types of images',
            measure: `mean pairwise MS-SSIM of the ${top} images that excite a unit most, mean over units`,
            unit: 'number',
            higher: 'robust',
            bias: 'diversity',
            topic: `likeness of the top ${top} images of a unit (MS-SSIM)`,
            pair: network.similarity,
            parts: layers.map(({ layer, similarity }) => ({ label: layer, ...similarity })),
            sentence: (verdict, text) =>
              ({
                reproduced: `the images that excite a unit most are more alike in ${r} (MS-SSIM ${text.r}) than in ${s} (${text.s})`,
                'not at this size': `the images that excite a unit most are about as alike in ${r} (MS-SSIM ${text.r}) as in ${s} (${text.s})`,
                reversed: `the images that excite a unit most are less alike in ${r} (MS-SSIM ${text.r}) than in ${s} (${text.s})`,
              })[verdict],
          },
        ],
}

function summarise(
  tasks: TaskPair<Diversity>,
  { seed, resamples }: { seed: number; resamples: number },
  answers: Answers,
): Summary {
  const both = answers.pair(tasks, answer => answer)
  const live = both.standard.layers.flatMap((standard, i) => {
    const robust = both.robust.layers[i]
    return robust === undefined || standard.similarity === null || robust.similarity === null
      ? []
      : [{ standard, robust }]
  })
  const random = new Random(seed).fork('diversity, S against R')
  const differences = corrected(compareDiversity(both.robust, both.standard, { random, resamples }))
  return {
    images: both.standard.images,
    top: both.standard.top,
    layers: live.map(layer => {
      const difference = differences.get(layer.standard.layer)
      return {
        layer: layer.standard.layer,
        units: layer.standard.units.length,
        ...eachMeasure(measure => pairOf(role => layer[role][measure] ?? nothing)),
        ...(difference && { difference }),
      }
    }),
    network: eachMeasure(measure =>
      pairOf(role => {
        const strata = live.map(layer => {
          const values = layer[role].units.flatMap(unit => unit[measure] ?? [])
          return { values, weight: values.length }
        })
        const random = new Random(seed).fork(`diversity ${measure}`)
        return strata.length === 0 ? nothing : bootstrapWeightedMean(strata, { random, resamples })
      }),
    ),
  }
}

const nothing = { value: 0, low: 0, high: 0 }

/** The tests of similarity by layer, p-values corrected for the number of layers. */
function corrected(compared: readonly DiversityComparison[]) {
  const own = compared.filter(({ measure }) => measure === 'similarity')
  const values = holm(own.map(({ p }) => p))
  return new Map(
    own.map(({ layer, difference, n, p }, i) => [layer, { difference, n, p, corrected: values[i]! }]),
  )
}

function eachMeasure(of: (measure: (typeof diversityMeasures)[number]) => Pair): Measured {
  return {
    similarity: of('similarity'),
    featureDistance: of('featureDistance'),
    labelEntropy: of('labelEntropy'),
    colourEntropy: of('colourEntropy'),
  }
}
