// What each unit is for (Chen, Agarwal & Nguyen 2020, section on ablation): switch it off and count what becomes
// wrong. A unit whose loss breaks decisions by shape is needed for shape, and likewise for texture and for each
// kind of image.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import type { CueConflictDataset, Dataset } from '../../data/dataset.ts'
import type { Distortion } from '../../distort/distortion.ts'
import type { Random } from '../../tensor/random.ts'
import { batchSizeFor } from '../batch-size.ts'
import { deciderFor } from '../decide.ts'
import type { Probe } from '../probe.ts'
import { Estimate, wilson } from '../statistics.ts'
import { ablate } from './ablate.ts'

const UnitUse = z.object({
  channel: z.int(),
  /** Cue-conflict images that were decided by shape and no longer are, and those decided by texture. */
  shape: z.int(),
  texture: z.int(),
  /** Per condition: images that were right and turn wrong. */
  lost: z.array(z.int()),
  /** Shape bias without the unit; null when no decision is for either cue. */
  shapeBias: z.number().nullable(),
})

const LayerUse = z.object({
  layer: z.string(),
  units: z.array(UnitUse),
  /** Shares of the layer's units that are needed for some decision by shape, by texture, and for both. */
  forShape: Estimate,
  forTexture: Estimate,
  forBoth: Estimate,
})

export const Ablation = z.object({
  /** The intact network on the cue-conflict images. */
  intact: z.object({ images: z.int(), shape: z.int(), texture: z.int(), shapeBias: z.number().nullable() }),
  /** What the `lost` counts are about, in their order; `right`: images the intact network had right. */
  conditions: z.array(z.object({ name: z.string(), images: z.int(), right: z.int() })),
  layers: z.array(LayerUse),
})
export type Ablation = z.infer<typeof Ablation>

export interface AblationProbeOptions {
  readonly cueConflict: CueConflictDataset
  /** Labelled images; judged as they are and under each of `distortions`. */
  readonly images: Dataset
  readonly distortions?: readonly Distortion[]
  readonly layers: readonly string[]
  /** Use the first so many images of each set. Default 320. */
  readonly limit?: number
}

/** Decisions of the intact network and without each unit of one layer, on one set of images. */
interface Decisions {
  readonly labels: number[]
  readonly intact: number[]
  readonly ablated: number[][]
}

/** The probe. Its run throws InputError for an unknown layer or classes that do not fit. */
export function ablation(options: AblationProbeOptions): Probe<Ablation> {
  const { cueConflict, images, distortions = [], layers, limit = 320 } = options
  const described = distortions.map(({ name, settings }) => ({ name, ...settings }))
  return {
    name: 'ablation',
    version: 1,
    options: { layers: [...layers], distortions: described, limit },
    data: [cueConflict, images],
    schema: Ablation,
    async run({ model, random, progress, signal }) {
      const sets = [
        { name: 'clean', distortion: undefined },
        ...distortions.map(d => ({ name: d.name, distortion: d })),
      ]
      const total =
        layers.length * (Math.min(limit, cueConflict.size) + sets.length * Math.min(limit, images.size))
      const task = progress.start(`ablating units of ${model.name}`, total, 'images')
      const decisionsOn = async (data: Dataset, layer: string, change?: Distortion, draws?: Random) => {
        const decider = deciderFor(model, data.classes)
        const channels = Array.from({ length: layerOf(model.layers, layer).units }, (_, channel) => [channel])
        const all: Decisions = { labels: [], intact: [], ablated: channels.map(() => []) }
        for await (const batch of data.batches({ batchSize: batchSizeFor(model), limit })) {
          signal?.throwIfAborted()
          const shown = change && draws ? change.apply(batch.images, draws) : batch.images
          const result = await ablate(model, shown, { layer, ablations: channels }, decider.decide)
          all.labels.push(...batch.labels)
          all.intact.push(...result.intact)
          for (const [channel, decisions] of result.ablated.entries())
            all.ablated[channel]!.push(...decisions)
          task.advance(batch.labels.length)
        }
        return all
      }
      const found: Ablation['layers'] = []
      let intact: Ablation['intact'] | undefined
      let conditions: Ablation['conditions'] = []
      for (const layer of layers) {
        const conflict = await decisionsOn(cueConflict, layer)
        const onSets: Decisions[] = []
        // The same draws for every layer, so that all layers are judged on the same images.
        for (const { name, distortion } of sets)
          onSets.push(await decisionsOn(images, layer, distortion, random.fork(name)))
        const textures = cueConflict.textures.subarray(0, conflict.labels.length)
        intact ??= { images: conflict.labels.length, ...hits(conflict.intact, conflict.labels, textures) }
        conditions = onSets.map((set, i) => ({
          name: sets[i]!.name,
          images: set.labels.length,
          right: set.labels.filter((label, k) => set.intact[k] === label).length,
        }))
        found.push(layerUse(layer, conflict, textures, onSets))
      }
      task.end()
      return {
        intact: intact ?? { images: 0, shape: 0, texture: 0, shapeBias: null },
        conditions,
        layers: found,
      }
    },
  }
}

function layerUse(
  layer: string,
  conflict: Decisions,
  textures: Int32Array,
  onSets: readonly Decisions[],
): z.infer<typeof LayerUse> {
  const units = conflict.ablated.map((decisions, channel) => ({
    channel,
    shape: turnedWrong(conflict.intact, decisions, conflict.labels),
    texture: turnedWrong(conflict.intact, decisions, textures),
    lost: onSets.map(set => turnedWrong(set.intact, set.ablated[channel]!, set.labels)),
    shapeBias: hits(decisions, conflict.labels, textures).shapeBias,
  }))
  const share = (needed: (unit: (typeof units)[number]) => boolean) =>
    wilson(units.filter(needed).length, units.length)
  return {
    layer,
    units,
    forShape: share(unit => unit.shape > 0),
    forTexture: share(unit => unit.texture > 0),
    forBoth: share(unit => unit.shape > 0 && unit.texture > 0),
  }
}

/** Images decided for `wanted` before and not after. */
function turnedWrong(before: readonly number[], after: readonly number[], wanted: ArrayLike<number>): number {
  return before.filter((decision, i) => decision === wanted[i] && after[i] !== wanted[i]).length
}

function hits(decisions: readonly number[], shapes: ArrayLike<number>, textures: ArrayLike<number>) {
  const shape = decisions.filter((decision, i) => decision === shapes[i]).length
  const texture = decisions.filter((decision, i) => decision === textures[i]).length
  return { shape, texture, shapeBias: shape + texture > 0 ? shape / (shape + texture) : null }
}
