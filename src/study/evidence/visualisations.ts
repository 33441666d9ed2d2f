// What excites each unit of a layer most of all pictures: feature visualisations, one picture per unit.

import { z } from 'zod'
import type { Classifier } from '../../classifier/classifier.ts'
import type { Pixels } from '../../image/pixels.ts'
import { toPixels } from '../../image/to-tensor.ts'
import { visualiseUnits } from '../../synth/index.ts'
import { Random } from '../../tensor/random.ts'
import type { Task } from '../task.ts'

const Visualisations = z.object({
  /** Units that a picture was made for, from channel 0 on. */
  units: z.number(),
  /** Channels that no picture woke; the others have one, `visualisation-<channel>.webp`. */
  asleep: z.array(z.number()),
})
export type Visualisations = z.infer<typeof Visualisations>

export interface VisualisationOptions {
  readonly layer: string
  /** Channels 0 to this many less one. */
  readonly units: number
  readonly steps: number
  readonly learningRate: number
  readonly seed: number
}

/** Pictures that go through the network together: fewer would waste time, more memory. */
const BATCH = 32

/** Name of the picture of the unit `channel`. */
export function visualisationName(channel: number): string {
  return `visualisation-${channel}.webp`
}

/** The task that makes them for a layer of the network that people call `name`. */
export function visualisationsTask(
  model: Classifier,
  name: string,
  { layer, units, steps, learningRate, seed }: VisualisationOptions,
  encode: (image: Pixels) => Promise<Uint8Array>,
): Task<Visualisations> {
  return {
    label: `what excites ${layer} of ${name}`,
    identity: {
      probe: 'unit-visualisations',
      version: 1,
      options: { layer, units, steps, learningRate },
      models: { model: model.fingerprint },
      data: [],
      seed,
    },
    schema: Visualisations,
    async run({ progress, signal }) {
      const made = await visualiseUnits(
        {
          model,
          random: new Random(seed).fork('unit-visualisations'),
          batchSize: BATCH,
          progress,
          ...(signal && { signal }),
        },
        layer,
        Array.from({ length: units }, (_, channel) => channel),
        { steps, learningRate },
      )
      const asleep: number[] = []
      const pictures: Record<string, Uint8Array> = {}
      for (const [channel, goal] of made.goal.entries()) {
        if (goal < 0) pictures[visualisationName(channel)] = await encode(toPixels(made.pictures, channel))
        else asleep.push(channel)
      }
      return { result: { units, asleep }, pictures }
    },
  }
}
