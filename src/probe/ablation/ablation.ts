// What each unit is for (Chen, Agarwal & Nguyen 2020, section on ablation): switch it off and count what becomes
// wrong. A unit whose loss breaks decisions by shape is needed for shape, and likewise for texture, for each kind
// of image, and for what shows a concept. Groups of units are switched off together, and kept as the only ones.

import { z } from 'zod'
import { predictions } from '../../attack/criterion.ts'
import { layerOf } from '../../classifier/ablate.ts'
import type { ConceptDataset, ConceptMasks } from '../../data/concepts.ts'
import type { CueConflictDataset, Dataset } from '../../data/dataset.ts'
import type { Distortion } from '../../distort/distortion.ts'
import type { Random } from '../../tensor/random.ts'
import { attackedImages, type PgdSettings } from '../attacked.ts'
import { batchSizeFor } from '../batch-size.ts'
import { deciderFor } from '../decide.ts'
import { picked } from '../picked.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { Estimate, wilson } from '../statistics.ts'
import { type AblationMode, ablate, type Decide } from './ablate.ts'
import type { UnitGroup } from './groups.ts'
import { type ConceptDecisions, hits, type LabelledDecisions, resampledCounts, Use, useOf } from './uses.ts'

const UnitUse = Use.extend({ channel: z.int() })

const GroupUse = Use.extend({
  name: z.string(),
  /** The group was switched off, or everything else of the layer was. */
  kind: z.enum(['without', 'only']),
  channels: z.array(z.int()),
})

const LayerUse = z.object({
  layer: z.string(),
  units: z.array(UnitUse),
  groups: z.array(GroupUse),
  /** Shares of the layer's units that are needed for some decision by shape, by texture, and for both. */
  forShape: Estimate,
  forTexture: Estimate,
  forBoth: Estimate,
})

export const Ablation = z.object({
  /** What a unit's map becomes. */
  mode: z.enum(['zero', 'mean']),
  /** The intact network on the cue-conflict images. */
  intact: z.object({ images: z.int(), shape: z.int(), texture: z.int(), shapeBias: z.number().nullable() }),
  /** What `lost` and `gained` are about, in their order; `right`: images the intact network had right. */
  conditions: z.array(z.object({ name: z.string(), images: z.int(), right: z.int() })),
  /** What `changed` is about, in its order; `images`: those that show the concept. */
  concepts: z.array(z.object({ concept: z.string(), category: z.string(), images: z.int() })),
  layers: z.array(LayerUse),
})
export type Ablation = z.infer<typeof Ablation>

export interface AblationProbeOptions {
  readonly cueConflict: CueConflictDataset
  /** Labelled images; judged as they are (condition `clean`) and under each of `distortions`. Default: none. */
  readonly images?: Dataset
  readonly distortions?: readonly Distortion[]
  /** Images made to mislead this network, with their true labels (condition `adversarial`). */
  readonly adversarial?: Dataset
  /** Attack `images` on the whole network, once, and judge these as well (condition `attacked`). */
  readonly attack?: PgdSettings
  /** Images with concept masks: whose decisions change, by what they show. */
  readonly concepts?: ConceptDataset
  readonly layers: readonly string[]
  /** Units to switch off together and to keep alone, in `layers`. */
  readonly groups?: readonly UnitGroup[]
  /** Default `zero`. */
  readonly mode?: AblationMode
  /** Use so many images of each set. Default 320. */
  readonly limit?: number
  /** Bootstrap resamples behind each change of shape bias. Default 500. */
  readonly resamples?: number
}

/** Concepts on fewer images than this have no row: a share of nearly nothing says nothing. */
const FEWEST_IMAGES = 10

/** The probe. Its run throws InputError for an unknown layer or unit, or classes that do not fit. */
export function ablation(options: AblationProbeOptions): Probe<Ablation> {
  const {
    cueConflict,
    images,
    distortions = [],
    adversarial,
    attack,
    concepts,
    layers,
    groups = [],
  } = options
  const { mode = 'zero', limit = 320, resamples = 500 } = options
  const conditions: Condition[] = [
    ...(images
      ? [undefined, ...distortions].map(change => ({ name: change?.name ?? 'clean', data: images, change }))
      : []),
    ...(adversarial ? [{ name: 'adversarial', data: adversarial, change: undefined }] : []),
  ]
  const described = distortions.map(({ name, settings }) => ({ name, ...settings }))
  const named = groups.map(({ name, layer, channels }) => ({ name, layer, channels: [...channels] }))
  return {
    name: 'ablation',
    version: 2,
    options: {
      ...{ layers: [...layers], distortions: described, groups: named, mode, limit, resamples },
      ...(attack && { attack: { ...attack } }),
    },
    data: [
      cueConflict,
      ...(images ? [images] : []),
      ...(adversarial ? [adversarial] : []),
      ...(concepts ? [concepts] : []),
    ],
    schema: Ablation,
    async run(context) {
      const { model, random, progress } = context
      const sizes = [
        ...[cueConflict, ...conditions.map(c => c.data), ...(concepts ? [concepts] : [])],
        ...(attack && images ? [images] : []),
      ]
      const total = layers.length * sizes.reduce((sum, { size }) => sum + Math.min(limit, size), 0)
      const task = progress.start(`ablating units of ${model.name}`, total, 'images')
      const run = (layer: string, ablations: readonly Switched[]) =>
        decider(context, { layer, ablations: ablations.map(a => a.off), mode, limit }, n => task.advance(n))

      const attacked = attack && images && (await attackedImages(context, images, limit, attack))
      const judged = [
        ...conditions,
        ...(attacked ? [{ name: 'attacked', data: attacked, change: undefined }] : []),
      ]
      const answer: Ablation = {
        mode,
        intact: { images: 0, shape: 0, texture: 0, shapeBias: null },
        conditions: [],
        concepts: [],
        layers: [],
      }
      for (const layer of layers) {
        const ablations = switchedIn(layerOf(model.layers, layer), groups)
        const decide = run(layer, ablations)
        const conflict = await decide.labelled(cueConflict)
        const sets: LabelledDecisions[] = []
        // The same draws for every layer, so that all layers are judged on the same images.
        for (const { name, data, change } of judged)
          sets.push(await decide.labelled(data, change, random.fork(name)))
        const shown = concepts && (await decide.concepts(concepts))

        const textures = conflict.places.map(place => cueConflict.textures[place]!)
        const resampled = resampledCounts(conflict.labels.length, resamples, random.fork('resamples'))
        answer.intact = {
          images: conflict.labels.length,
          ...hits(conflict.intact, conflict.labels, textures),
        }
        answer.conditions = sets.map((set, i) => ({
          name: judged[i]!.name,
          images: set.labels.length,
          right: set.labels.filter((label, k) => set.intact[k] === label).length,
        }))
        answer.concepts = shown?.counted ?? []
        const uses = ablations.map((switched, i) => ({
          ...switched,
          use: useOf(i, conflict, textures, sets, shown, resampled),
        }))
        answer.layers.push(layerUse(layer, uses))
      }
      task.end()
      return answer
    },
  }
}

interface Condition {
  readonly name: string
  readonly data: Dataset
  readonly change: Distortion | undefined
}

/** One ablation: the channels that are off, and what it is about. */
interface Switched {
  readonly off: readonly number[]
  readonly unit?: number
  readonly group?: Pick<z.infer<typeof GroupUse>, 'name' | 'kind' | 'channels'>
}

/** Every unit of a layer alone, then each of its groups twice. */
function switchedIn(
  { name: layer, units }: { readonly name: string; readonly units: number },
  groups: readonly UnitGroup[],
): Switched[] {
  const all = Array.from({ length: units }, (_, channel) => channel)
  const grouped = groups
    .filter(group => group.layer === layer)
    .flatMap(({ name, channels }): Switched[] => {
      const own = new Set(channels)
      const rest = all.filter(channel => !own.has(channel))
      return [
        { off: [...channels], group: { name, kind: 'without', channels: [...channels] } },
        { off: rest, group: { name, kind: 'only', channels: [...channels] } },
      ]
    })
  return [...all.map(unit => ({ off: [unit], unit })), ...grouped]
}

function layerUse(
  layer: string,
  uses: readonly (Switched & { readonly use: Use })[],
): z.infer<typeof LayerUse> {
  const units = uses.flatMap(({ unit, use }) => (unit === undefined ? [] : [{ channel: unit, ...use }]))
  const groups = uses.flatMap(({ group, use }) => (group === undefined ? [] : [{ ...group, ...use }]))
  const share = (needed: (unit: Use) => boolean) => wilson(units.filter(needed).length, units.length)
  return {
    layer,
    units,
    groups,
    forShape: share(unit => unit.shape > 0),
    forTexture: share(unit => unit.texture > 0),
    forBoth: share(unit => unit.shape > 0 && unit.texture > 0),
  }
}

/** Gets the decisions of all ablations of one layer on whole sets of images. */
function decider(
  { model, signal }: ProbeContext,
  settings: {
    readonly layer: string
    readonly ablations: readonly (readonly number[])[]
    readonly mode: AblationMode
    readonly limit: number
  },
  advance: (images: number) => void,
) {
  const { limit, ablations } = settings
  const collect = () => {
    const all = { intact: [] as number[], ablated: ablations.map((): number[] => []) }
    const add = async (images: Parameters<typeof ablate>[1], decide: Decide) => {
      signal?.throwIfAborted()
      const result = await ablate(model, images, settings, decide)
      all.intact.push(...result.intact)
      for (const [i, decisions] of result.ablated.entries()) all.ablated[i]!.push(...decisions)
      advance(images.shape[0] ?? 0)
    }
    return { all, add }
  }
  const batchSize = batchSizeFor(model)
  return {
    async labelled(
      data: Dataset,
      change?: Distortion,
      draws?: Random,
    ): Promise<LabelledDecisions & { readonly places: readonly number[] }> {
      const { decide } = deciderFor(model, data.classes)
      const { all, add } = collect()
      const [labels, seen]: [number[], number[]] = [[], []]
      for await (const { images, rows, places } of picked(data, limit, batchSize)) {
        await add(change && draws ? change.apply(images, draws) : images, decide)
        labels.push(...rows.map(({ batch, row }) => batch.labels[row]!))
        seen.push(...places)
      }
      return { ...all, labels, places: seen }
    },
    /** Decisions among the network's own classes, and the concepts that enough images show. */
    async concepts(
      data: ConceptDataset,
    ): Promise<ConceptDecisions & { readonly counted: Ablation['concepts'] }> {
      const { all, add } = collect()
      const images = new Map<number, number[]>()
      let seen = 0
      for await (const { images: shown, rows } of picked(data, limit, batchSize)) {
        await add(shown, predictions)
        for (const { batch, row } of rows) {
          for (const number of shownIn(batch.masks[row]!))
            images.set(number, [...(images.get(number) ?? []), seen])
          seen++
        }
      }
      const counted = data.concepts.filter(c => (images.get(c.number)?.length ?? 0) >= FEWEST_IMAGES)
      return {
        ...all,
        shownOn: counted.map(({ number }) => images.get(number)!),
        counted: counted.map(({ number, name, category }) => ({
          concept: name,
          category,
          images: images.get(number)!.length,
        })),
      }
    },
  }
}

/** Numbers of the concepts that an image shows. */
function shownIn({ maps, whole }: ConceptMasks): Set<number> {
  const shown = new Set(whole)
  for (const map of maps) {
    let last = 0
    for (const number of map) {
      if (number === last) continue
      last = number
      if (number !== 0) shown.add(number)
    }
  }
  return shown
}
