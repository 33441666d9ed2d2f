// Network Dissection (Bau et al. 2017; Chen, Agarwal & Nguyen 2020, simplicity bias 2): which human concept, if
// any, each unit detects. Two passes over the images: thresholds first, then overlaps.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import type { Classifier } from '../../classifier/classifier.ts'
import type { ConceptDataset } from '../../data/concepts.ts'
import { activationBatchSize } from '../batch-size.ts'
import type { Probe } from '../probe.ts'
import { Estimate, wilson } from '../statistics.ts'
import { TopImages } from '../top-images.ts'
import { fieldGeometry, mapShape, netDissectGeometry } from './geometry.ts'
import { type ConceptScore, ConceptTally } from './tally.ts'
import { TopQuantile } from './top-quantile.ts'

const Score = z.object({
  /** Name of the concept. */
  concept: z.string(),
  category: z.string(),
  iou: z.number(),
  /** Pixels over the whole data set: unit and concept, concept, unit (where the category is annotated). */
  intersection: z.number(),
  truth: z.number(),
  activation: z.number(),
})

const UnitDissection = z.object({
  channel: z.int(),
  /** Activation level that the unit exceeds at the chosen share of all positions. */
  threshold: z.number(),
  /** The images with the unit's highest activations, highest first; without those on which it is silent. */
  top: z.array(z.object({ image: z.int(), activation: z.number() })),
  /** Best concept of every category, best category first. */
  scores: z.array(Score),
})

const LayerDissection = z.object({
  layer: z.string(),
  /** Units whose best concept has an IoU above the limit. */
  detectors: z.int(),
  /** Different concepts that they detect. */
  concepts: z.int(),
  /** How far a threshold may be off at most, in units of the activations: 0 where all were found exactly. */
  thresholdError: z.number(),
  /** By category of the best concept: detectors, their share of the layer's units, different concepts. */
  categories: z.array(
    z.object({ category: z.string(), detectors: z.int(), share: Estimate, concepts: z.int() }),
  ),
  units: z.array(UnitDissection),
})

export const Dissection = z.object({
  images: z.int(),
  quantile: z.number(),
  rules: z.enum(['definition', 'netdissect-lite']),
  /** A unit is a detector when its best IoU is above this. */
  minimumIou: z.number(),
  layers: z.array(LayerDissection),
})
export type Dissection = z.infer<typeof Dissection>

export interface DissectionOptions {
  readonly layers: readonly string[]
  /** A unit is on at the positions above this quantile of its activations. Default .995. */
  readonly quantile?: number
  /** A unit detects its best concept when the IoU is above this. Default .04. */
  readonly minimumIou?: number
  /**
   * `definition` (default): maps are placed by the network's real geometry, and a unit's area counts on the images
   * on which the concept's category is annotated. `netdissect-lite`: as that code does, to compare with it: maps
   * are taken to tile the image, a unit's area counts where it touches an annotation, and the quantile is the
   * nearest below of 1,000.
   */
  readonly rules?: Dissection['rules']
  /** Images kept per unit as those that excite it most. Default 5. */
  readonly top?: number
}

/** Bytes that the highest activations of all units may take. Beyond, thresholds have a (stated) error. */
const TOP_BYTES = 2 ** 28

/** The probe. Its run throws InputError for an unknown layer or one without maps. */
export function dissection(
  data: ConceptDataset,
  { layers, quantile = 0.995, minimumIou = 0.04, rules = 'definition', top = 5 }: DissectionOptions,
): Probe<Dissection> {
  return {
    name: 'dissection',
    version: 2,
    options: { layers: [...layers], quantile, minimumIou, rules, top },
    data: [data],
    schema: Dissection,
    async run({ model, progress, signal }) {
      const batchSize = activationBatchSize(model, layers)
      const task = progress.start(`dissecting ${model.name}`, 2 * data.size, 'images')
      const units = layers.reduce((sum, name) => sum + layerOf(model.layers, name).units, 0)
      const rank = rules === 'definition' ? quantile : netDissectQuantile(quantile)

      const passes = new Map<string, { quantile: TopQuantile; images: TopImages }>()
      let seen = 0
      for await (const batch of data.batches({ batchSize })) {
        signal?.throwIfAborted()
        const activations = await model.activations(batch.images, layers)
        for (const name of layers) {
          const maps = activations[name]!
          const { units: own, positions, n } = mapShape(maps, name)
          let pass = passes.get(name)
          if (pass === undefined) {
            const capacity = Math.floor(TOP_BYTES / (12 * units))
            const quantileOf = new TopQuantile(own, data.size * positions, rank, capacity)
            pass = { quantile: quantileOf, images: new TopImages(own, top) }
            passes.set(name, pass)
          }
          for (let map = 0; map < n * own; map++) {
            pass.quantile.add(map % own, maps.data, map * positions, (map + 1) * positions)
          }
          for (let i = 0; i < n; i++) pass.images.add(seen + i, maps.data, i * own * positions, positions)
        }
        seen += batch.names.length
        task.advance(batch.names.length)
      }
      const found = new Map(
        [...passes].map(([name, pass]) => {
          const thresholds = pass.quantile.thresholds()
          const tally = new ConceptTally({
            concepts: data.concepts,
            categories: data.categories,
            thresholds,
            ...geometryRules(model, name, rules),
          })
          return [name, { thresholds, error: pass.quantile.error(), images: pass.images, tally }]
        }),
      )
      passes.clear()
      for await (const batch of data.batches({ batchSize })) {
        signal?.throwIfAborted()
        const activations = await model.activations(batch.images, layers)
        for (const name of layers) {
          const maps = activations[name]!
          const { units: own, positions, height, width } = mapShape(maps, name)
          for (const [image, masks] of batch.masks.entries()) {
            found.get(name)!.tally.add(maps.data, image * own * positions, height, width, masks)
          }
        }
        task.advance(batch.names.length)
      }
      task.end()
      return {
        images: data.size,
        quantile,
        rules,
        minimumIou,
        layers: layers.map(layer => {
          const { thresholds, error, images, tally } = found.get(layer)!
          const dissected = Array.from(thresholds, (threshold, channel) => ({
            channel,
            threshold,
            top: [...images.of(channel)],
            scores: tally.best(channel).map(plain),
          }))
          const counts = detectorsOf(dissected, data.categories, minimumIou)
          return { layer, ...counts, thresholdError: error, units: dissected }
        }),
      }
    },
  }
}

/** NetDissect-Lite reads the quantile off a table of 1,000, one place too low. */
const netDissectQuantile = (quantile: number) => Math.floor(1000 * quantile - 1 + 1e-9) / 999

const geometryRules = (model: Classifier, layer: string, rules: Dissection['rules']) =>
  rules === 'definition'
    ? { geometry: fieldGeometry(model, layer), area: 'annotated' as const }
    : { geometry: netDissectGeometry(model), area: 'touched' as const }

const plain = ({ concept, ...score }: ConceptScore): z.infer<typeof Score> => ({
  concept: concept.name,
  category: concept.category,
  ...score,
})

/** Counts the units whose best concept passes the limit, by its category. */
function detectorsOf(
  units: readonly z.infer<typeof UnitDissection>[],
  categories: readonly string[],
  minimumIou: number,
) {
  const detected = units.flatMap(({ scores: [best] }) => (best && best.iou > minimumIou ? [best] : []))
  return {
    detectors: detected.length,
    concepts: new Set(detected.map(score => score.concept)).size,
    categories: categories.map(category => {
      const own = detected.filter(score => score.category === category)
      return {
        category,
        detectors: own.length,
        share: wilson(own.length, units.length),
        concepts: new Set(own.map(score => score.concept)).size,
      }
    }),
  }
}
