// Images whose texture says nothing of their class, as a data set: each in the style of one of another class (Geirhos
// et al. 2019 take paintings). The features are those of a small network with random weights (Ustyuzhaninov et al. 2016
// make textures with such), so that no network under study is attacked by its own features, or helped by them.

import { createClassifier } from '../classifier/create.ts'
import type { Batch, Dataset } from '../data/dataset.ts'
import { type Picked, picked } from '../probe/picked.ts'
import type { Runtime } from '../runtime/session.ts'
import { gatherRows } from '../tensor/gather.ts'
import { Random } from '../tensor/random.ts'
import { rows } from '../tensor/tensor.ts'
import { buildNetwork } from '../zoo/index.ts'
import { stylise } from './recipes/stylise.ts'

/** Goes up when the same images would come out otherwise. */
const version = 1

const settings = {
  contentLayer: 'conv3',
  styleLayers: ['conv1', 'conv2', 'conv3'],
  smoothness: 1,
  learningRate: 0.05,
  steps: 40,
}

export interface StylisedOptions {
  /** How many are made together, which makes no difference beyond rounding. */
  readonly atOnce?: number
}

/**
 * `count` images of `data` (all, where there are fewer), always the same ones, under their names and labels; made when
 * they are first read, and then kept.
 * @param size height and width of the images, of at least 32
 */
export function stylised(
  data: Dataset,
  count: number,
  size: number,
  runtime: Runtime,
  { atOnce = 32 }: StylisedOptions = {},
): Dataset {
  const n = Math.min(count, data.size)
  /** By the number of their first image. */
  const pieces: Promise<Batch>[] = []
  let originals: Promise<Picked<Batch>> | undefined
  return {
    ...data,
    name: `${data.name} stylised`,
    size: n,
    fingerprint: `${data.fingerprint}/stylised-${n}-v${version}`,
    async *batches({ batchSize, limit = n }) {
      const end = Math.min(limit, n)
      for (let at = 0; at < end; ) {
        originals ??= whole(data, n)
        const from = at - (at % atOnce)
        pieces[from] ??= made(await originals, [from, Math.min(from + atOnce, n)], size, runtime)
        const { images, labels, names } = await pieces[from]
        const [first, last] = [at - from, Math.min(at + batchSize, from + atOnce, end) - from]
        yield {
          images: rows(images, first, last),
          labels: labels.slice(first, last),
          names: names.slice(first, last),
        }
        at = from + last
      }
    },
  }
}

async function whole(data: Dataset, n: number): Promise<Picked<Batch>> {
  for await (const all of picked(data, n, n)) return all
  throw new Error(`${data.name} has no images`)
}

/** The images of these numbers, each in the style of a random one of another class. */
async function made(
  originals: Picked<Batch>,
  [from, to]: readonly [number, number],
  size: number,
  runtime: Runtime,
): Promise<Batch> {
  const labels = Int32Array.from(originals.rows, ({ batch, row }) => batch.labels[row]!)
  const places = Array.from({ length: to - from }, (_, i) => from + i)
  const styles = places.map(place => {
    const draws = new Random(0).fork(`style ${place}`)
    const others = Array.from(labels.keys()).filter(other => labels[other] !== labels[place])
    return others.length > 0 ? others[draws.integer(others.length)]! : draws.integer(labels.length)
  })
  const network = buildNetwork('mini-alex', { classes: 2, size, random: new Random(0).fork('features') })
  const model = await createClassifier({ ...network, name: 'random features', runtime })
  try {
    const { pictures } = await stylise(
      { model, random: new Random(0) },
      gatherRows(originals.images, places),
      gatherRows(originals.images, styles),
      settings,
    )
    return {
      images: pictures,
      labels: labels.slice(from, to),
      names: places.map(place => {
        const { batch, row } = originals.rows[place]!
        return batch.names[row]!
      }),
    }
  } finally {
    await model.dispose()
  }
}
