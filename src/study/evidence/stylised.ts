// What both networks make of images in the style of others. One task asks both, since making the images costs more than
// looking at them.

import type { Classifier } from '../../classifier/classifier.ts'
import type { Dataset } from '../../data/dataset.ts'
import { Accuracy, accuracy } from '../../probe/index.ts'
import { stylised } from '../../synth/index.ts'
import { Random } from '../../tensor/random.ts'
import { PairOf } from '../pair.ts'
import type { Task } from '../task.ts'

const StylisedAccuracy = PairOf(Accuracy)
export type StylisedAccuracy = PairOf<Accuracy>

/** The task on `count` of `images`; undefined where the networks' images are too small for it, or no squares. */
export function stylisedTask(
  images: Dataset,
  count: number,
  models: PairOf<Classifier>,
  seed: number,
): Task<StylisedAccuracy> | undefined {
  const [height, width] = models.standard.preprocessing.size
  if (height !== width || height < 32) return undefined
  const data = stylised(images, count, height, models.standard.runtime)
  const probe = accuracy({ data })
  return {
    label: 'in the style of another',
    identity: {
      probe: 'stylised-accuracy',
      version: probe.version,
      options: {},
      models: { standard: models.standard.fingerprint, robust: models.robust.fingerprint },
      data: [data.fingerprint],
      seed,
    },
    schema: StylisedAccuracy,
    async run({ progress, signal }) {
      const ask = (model: Classifier) =>
        probe.run({ model, random: new Random(seed), progress, ...(signal && { signal }) })
      return { result: { standard: await ask(models.standard), robust: await ask(models.robust) } }
    },
  }
}
