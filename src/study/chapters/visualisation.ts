// What excites each unit most, as a picture made for it: the unit in S beside the unit of the same place in R.
// Pictures decide no claim, so that only the first pair of networks is asked.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { drawnPerLayer } from '../evidence/unit-pictures.ts'
import { type Visualisations, visualisationName, visualisationsTask } from '../evidence/visualisations.ts'
import { PairOf, pairOf } from '../pair.ts'
import { Picture } from '../picture.ts'
import type { Task } from '../task.ts'

const Settings = z.strictObject({
  /**
   * Steps of Adam on Fourier coefficients. On the default networks 16 steps of length 0.2 raise units of conv2 and
   * conv5 to 89 to 97 % of what lucid's length 0.05 reaches in 64, and the pictures show the same.
   */
  steps: z.int().positive().max(4096).default(16),
  learningRate: z.number().positive().default(0.2),
  /** Units of each layer whose pictures the report itself shows. */
  shown: z.int().nonnegative().max(32).default(8),
})
type Settings = z.infer<typeof Settings>

/** A unit's picture; none where no picture woke it. */
const UnitVisualisation = z.object({ picture: Picture.optional() })
type UnitVisualisation = z.infer<typeof UnitVisualisation>

const Summary = z.object({
  steps: z.number(),
  layers: z.array(
    z.object({
      layer: z.string(),
      units: z.number(),
      /** How many units no picture woke. */
      asleep: PairOf(z.number()),
      /** The first units, from channel 0 on. */
      shown: PairOf(z.array(UnitVisualisation)),
    }),
  ),
})
type Summary = z.infer<typeof Summary>

export const visualisation: Chapter<Summary, Settings, UnitVisualisation> = {
  schema: Summary,
  settings: Settings,
  unit: UnitVisualisation,

  plan({ config: { seed }, models, names, layers, evidence, encodeWebp }, { steps, learningRate, shown }) {
    if (!evidence || layers.length === 0) return undefined
    const tasks = pairOf(role =>
      layers.map(layer => {
        const units = Math.min(layerOf(models[role].layers, layer).units, drawnPerLayer)
        const options = { layer, units, steps, learningRate, seed }
        return { layer, task: visualisationsTask(models[role], names[role], options, encodeWebp) }
      }),
    )
    return {
      tasks: [...tasks.standard, ...tasks.robust].map(({ task }) => task),
      summarise: answers => ({
        steps,
        layers: tasks.standard.map(({ layer, task }, i) => {
          const both = { standard: task, robust: tasks.robust[i]!.task }
          return {
            layer,
            units: answers.of(task).units,
            asleep: pairOf(role => answers.of(both[role]).asleep.length),
            shown: pairOf(role => unitsOf(both[role], answers).slice(0, shown)),
          }
        }),
      }),
      units: (answers, role) =>
        tasks[role].map(({ layer, task }) => ({ layer, units: unitsOf(task, answers) })),
    }
  },
}

function unitsOf(task: Task<Visualisations>, answers: Answers): UnitVisualisation[] {
  const { units, asleep } = answers.of(task)
  return Array.from({ length: units }, (_, channel) =>
    asleep.includes(channel) ? {} : { picture: answers.picture(task, visualisationName(channel)) },
  )
}
