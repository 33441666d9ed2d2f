// Cue-conflict images to look at. What the networks take them for is in the answers of the shape-bias probe.

import { z } from 'zod'
import type { CueConflictDataset } from '../../data/dataset.ts'
import type { Pixels } from '../../image/pixels.ts'
import { toPixels } from '../../image/to-tensor.ts'
import { Random } from '../../tensor/random.ts'
import type { Task } from '../task.ts'

const Samples = z.object({
  /** Places of the images among those that the shape-bias probe judges, which skips images whose cues agree. */
  places: z.array(z.number()),
})
export type Samples = z.infer<typeof Samples>

/** The task: `count` images picked by chance, as pictures `sample-0`, `sample-1`, ... */
export function samplesTask(
  data: CueConflictDataset,
  count: number,
  seed: number,
  encodePng: (image: Pixels) => Promise<Uint8Array>,
): Task<Samples> {
  return {
    label: 'cue-conflict samples',
    identity: {
      probe: 'cue-conflict-samples',
      version: 1,
      options: { count },
      models: {},
      data: [data.fingerprint],
      seed,
    },
    schema: Samples,
    async run({ progress, signal }) {
      const task = progress.start('reading', data.size, 'images')
      const order = [...new Random(seed).fork('cue-conflict samples').permutation(data.size)]
      // Some may turn out to have agreeing cues.
      const candidates = new Set(order.slice(0, 2 * count + 16))
      const found = new Map<number, { place: number; image: Pixels }>()
      let [index, judged] = [0, 0]
      for await (const { images, labels } of data.batches({ batchSize: 128 })) {
        signal?.throwIfAborted()
        for (const [i, shape] of labels.entries()) {
          const place = shape === data.textures[index] ? undefined : judged++
          if (place !== undefined && candidates.has(index)) {
            found.set(index, { place, image: toPixels(images, i) })
          }
          index++
        }
        task.advance(labels.length)
      }
      const chosen = order.flatMap(at => found.get(at) ?? []).slice(0, count)
      const pictures: Record<string, Uint8Array> = {}
      for (const [i, { image }] of chosen.entries()) pictures[`sample-${i}`] = await encodePng(image)
      task.end()
      return { result: { places: chosen.map(one => one.place) }, pictures }
    },
  }
}
