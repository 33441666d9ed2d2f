// Network Dissection (Bau et al. 2017; Chen, Agarwal & Nguyen 2020, simplicity bias 2): which human concept, if
// any, each unit detects. Two passes over the images: thresholds first, then overlaps.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import { type Classifier, IMAGES } from '../../classifier/classifier.ts'
import type { ConceptDataset } from '../../data/concepts.ts'
import { InputError } from '../../errors/input-error.ts'
import { receptiveFields } from '../../onnx/receptive-field.ts'
import { elementCount } from '../../tensor/shape.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import { batchSizeFor } from '../batch-size.ts'
import type { Probe } from '../probe.ts'
import { Estimate, wilson } from '../statistics.ts'
import { type ConceptScore, ConceptTally } from './tally.ts'
import { TopQuantile } from './top-quantile.ts'
import type { AxisGeometry } from './upsample.ts'

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
  /** Best concept of every category, best category first. */
  scores: z.array(Score),
})

const LayerDissection = z.object({
  layer: z.string(),
  /** Units whose best concept has an IoU above the limit. */
  detectors: z.int(),
  /** By category of the best concept: detectors, their share of the layer's units, different concepts. */
  categories: z.array(
    z.object({ category: z.string(), detectors: z.int(), share: Estimate, concepts: z.int() }),
  ),
  units: z.array(UnitDissection),
})

export const Dissection = z.object({
  images: z.int(),
  quantile: z.number(),
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
}

/** The probe. Its run throws InputError for an unknown layer or one without maps. */
export function dissection(
  data: ConceptDataset,
  { layers, quantile = 0.995, minimumIou = 0.04 }: DissectionOptions,
): Probe<Dissection> {
  return {
    name: 'dissection',
    version: 1,
    options: { layers: [...layers], quantile, minimumIou },
    data: [data],
    schema: Dissection,
    async run({ model, progress, signal }) {
      const batchSize = batchSizeFor(model)
      const task = progress.start(`dissecting ${model.name}`, 2 * data.size, 'images')

      const tops = new Map<string, TopQuantile>()
      for await (const batch of data.batches({ batchSize })) {
        signal?.throwIfAborted()
        const activations = await model.activations(batch.images, layers)
        for (const name of layers) {
          const { units, positions, n } = mapShape(activations[name]!, name)
          let top = tops.get(name)
          if (top === undefined) {
            top = new TopQuantile(units, data.size * positions, quantile)
            tops.set(name, top)
          }
          for (let map = 0; map < n * units; map++) {
            top.add(map % units, activations[name]!.data, map * positions, (map + 1) * positions)
          }
        }
        task.advance(batch.names.length)
      }
      const thresholds = new Map([...tops].map(([name, top]) => [name, top.thresholds()]))
      tops.clear()
      const tallies = new Map(
        [...thresholds].map(([name, levels]) => [
          name,
          new ConceptTally({
            concepts: data.concepts,
            categories: data.categories,
            thresholds: levels,
            geometry: geometryOf(model, name),
            area: 'annotated',
          }),
        ]),
      )
      for await (const batch of data.batches({ batchSize })) {
        signal?.throwIfAborted()
        const activations = await model.activations(batch.images, layers)
        for (const name of layers) {
          const maps = activations[name]!
          const { units, positions, height, width } = mapShape(maps, name)
          for (const [image, masks] of batch.masks.entries()) {
            tallies.get(name)!.add(maps.data, image * units * positions, height, width, masks)
          }
        }
        task.advance(batch.names.length)
      }
      task.end()
      return {
        images: data.size,
        quantile,
        minimumIou,
        layers: layers.map(name => {
          const tally = tallies.get(name)!
          const units = Array.from(thresholds.get(name)!, (threshold, channel) => ({
            channel,
            threshold,
            scores: tally.best(channel).map(plain),
          }))
          return { layer: name, ...detectorsOf(units, data.categories, minimumIou), units }
        }),
      }
    },
  }
}

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

/**
 * Where a layer's cells lie on a mask: at the centres of their receptive fields. Where the graph does not tell
 * (transformers), the cells are taken to tile the image.
 */
function geometryOf(model: Classifier, layerName: string) {
  const field = receptiveFields(model.graph, IMAGES).get(layerOf(model.layers, layerName).value)
  return (maskSize: number, cells: number, axis: 0 | 1): AxisGeometry => {
    const imageSize = model.preprocessing.size[axis]
    const scale = maskSize / imageSize
    const known = field !== undefined && Number.isFinite(field[axis].size)
    const stride = known ? field[axis].stride : imageSize / cells
    const start = known ? field[axis].start : (stride - 1) / 2
    return { start: (start + 0.5) * scale - 0.5, step: stride * scale }
  }
}

function mapShape({ shape }: FloatTensor, layer: string) {
  const [n = 0, units = 0, height, width] = shape
  if (height === undefined || width === undefined) {
    throw new InputError(`layer ${layer} has no maps to dissect: choose a layer before the pooling`)
  }
  return { n, units, height, width, positions: elementCount([height, width]) }
}
