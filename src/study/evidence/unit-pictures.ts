// What each unit sees: its top images with its thresholded map drawn on them, one picture per unit.

import { z } from 'zod'
import type { Classifier } from '../../classifier/classifier.ts'
import type { ConceptDataset } from '../../data/concepts.ts'
import type { Pixels } from '../../image/pixels.ts'
import { type Dissection, unitPictures } from '../../probe/index.ts'
import type { Task } from '../task.ts'

/** Units of one layer that get a picture at most: a network with thousands would fill the disk. */
export const drawnPerLayer = 128

const UnitPictures = z.object({
  /** Names of the pictures that were drawn; silent units have none. */
  pictures: z.array(z.string()),
})
export type UnitPictures = z.infer<typeof UnitPictures>

/** Name of the picture of the unit `channel` of the layer with this place in the dissection. */
export function unitPictureName(layer: number, channel: number): string {
  return `unit-${layer}-${channel}.webp`
}

/** The task that draws the units that `dissected` is about, for the network that people call `name`. */
export function unitPicturesTask(
  model: Classifier,
  name: string,
  data: ConceptDataset,
  dissected: Task<Dissection>,
  encode: (image: Pixels) => Promise<Uint8Array>,
): Task<UnitPictures> {
  const { version, options } = dissected.identity
  return {
    label: `pictures of units of ${name}`,
    identity: {
      probe: 'unit-pictures',
      version: 1,
      options: { dissection: { version, options }, drawnPerLayer },
      models: { model: model.fingerprint },
      data: [data.fingerprint],
      seed: 0,
    },
    schema: UnitPictures,
    needs: [dissected],
    async run({ progress, signal, answerOf }) {
      const dissection = answerOf(dissected)
      const units = dissection.layers.flatMap(({ layer, units }) =>
        units.slice(0, drawnPerLayer).map(({ channel }) => ({ layer, channel })),
      )
      const place = new Map(dissection.layers.map(({ layer }, i) => [layer, i]))
      const drawn = await unitPictures(
        { data, dissection, units, encodePng: encode },
        { model, progress, ...(signal && { signal }) },
      )
      const pictures = Object.fromEntries(
        drawn.map(({ layer, channel, png }) => [unitPictureName(place.get(layer)!, channel), png]),
      )
      return { result: { pictures: Object.keys(pictures) }, pictures }
    },
  }
}
