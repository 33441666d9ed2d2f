// Simplicity bias 1, seen from the activations: how smooth the maps are, and which channels pass noise on.

import { z } from 'zod'
import { type ActivationSmoothness, activationSmoothness, passesNoise } from '../../probe/index.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { Pair, pairOf } from '../pair.ts'
import type { TaskPair } from '../task.ts'

const Settings = z.strictObject({
  /** Standard deviation of the noise; 0.08 is ImageNet-C's severity 1. */
  sigma: z.number().positive().default(0.08),
  images: z.int().positive().default(400),
})
type Settings = z.infer<typeof Settings>

const Summary = z.object({
  images: z.number(),
  sigma: z.number(),
  layers: z.array(
    z.object({
      layer: z.string(),
      units: z.number(),
      /** Mean total variation of a map. */
      clean: Pair,
      noisy: Pair,
      /** Share of channels that pass noise on: |TV clean - TV noisy| >= 0.2 x the layer's mean clean TV in S. */
      passing: Pair,
    }),
  ),
})
type Summary = z.infer<typeof Summary>

/** Of one unit: total variation of its map, mean over the images. */
const UnitActivations = z.object({ clean: z.number(), noisy: z.number() })

export const activations: Chapter<Summary, Settings, z.infer<typeof UnitActivations>> = {
  schema: Summary,
  settings: Settings,
  unit: UnitActivations,

  plan({ config, data, layers, ask }, { sigma, images }) {
    if (layers.length === 0) return undefined
    const { resamples } = config
    const tasks = ask(
      'smoothness of activations',
      activationSmoothness({ data: data.images, layers, sigma, limit: images, resamples }),
    )
    return {
      tasks: [tasks.standard, tasks.robust],
      summarise: answers => summarise(tasks, answers),
      units: (answers, role) =>
        answers.of(tasks[role]).layers.map(({ layer, channels: { clean, noisy } }) => ({
          layer,
          units: clean.map((value, channel) => ({ clean: value, noisy: noisy[channel] ?? value })),
        })),
    }
  },

  claims({ layers: [first, ...others], sigma }, { standard: s, robust: r }) {
    if (first === undefined) return []
    return [
      {
        id: 'blocks-noise',
        claim: 'The first layer of the robust network blocks noise',
        measure: `share of the channels of ${first.layer} that pass noise of sigma ${sigma} on`,
        unit: 'percent',
        higher: 'standard',
        pair: first.passing,
        parts: [first, ...others].map(({ layer, passing }) => ({ label: layer, ...passing })),
        sentence: (_, text) =>
          `of the channels of ${first.layer}, ${text.r} pass noise on in ${r}, ${text.s} in ${s}`,
      },
    ]
  },
}

function summarise(tasks: TaskPair<ActivationSmoothness>, answers: Answers): Summary {
  const both = answers.pair(tasks, answer => answer)
  return {
    images: both.standard.images,
    sigma: both.standard.sigma,
    layers: both.standard.layers.flatMap((standard, i) => {
      const robust = both.robust.layers[i]
      if (robust === undefined) return []
      const layer = { standard, robust }
      return [
        {
          layer: standard.layer,
          units: standard.channels.clean.length,
          clean: pairOf(role => layer[role].clean),
          noisy: pairOf(role => layer[role].noisy),
          passing: pairOf(role => passesNoise(layer[role], standard.clean.value).share),
        },
      ]
    }),
  }
}
