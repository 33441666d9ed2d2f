// Diversity of what a unit responds to (Chen, Agarwal & Nguyen 2020, simplicity bias 3): how alike the images
// are that excite it most. A network whose units want fewer types of inputs has more similar top images.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import type { Classifier } from '../../classifier/classifier.ts'
import type { Dataset } from '../../data/dataset.ts'
import { InputError } from '../../errors/input-error.ts'
import { basicColours, nameColours } from '../../image/basic-colours.ts'
import { elementCount } from '../../tensor/shape.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import { activationBatchSize } from '../batch-size.ts'
import type { Probe } from '../probe.ts'
import { bootstrapMean, defaultResamples, Estimate } from '../statistics.ts'
import { TopImages } from '../top-images.ts'
import { PairCache } from './pair-cache.ts'

const UnitDiversity = z.object({
  channel: z.int(),
  /** Indices of the top images in the data set, most exciting first. */
  images: z.array(z.int()),
  /** Mean MS-SSIM over all pairs of top images (on luma): higher means fewer types. Null: fewer than two images. */
  similarity: z.number().nullable(),
  /** Mean cosine distance over all pairs between the images' features: mean activations of a network's last layer. */
  featureDistance: z.number().nullable(),
  /** Entropy of the top images' labels in bits: 0 when all are of one class. */
  labelEntropy: z.number().nullable(),
  /** Entropy of the eleven basic colours over the pixels of the top images, in bits: 0 when all are of one colour. */
  colourEntropy: z.number().nullable(),
})

/** What is said of a unit's top images; null where it has fewer than two. */
export const diversityMeasures = ['similarity', 'featureDistance', 'labelEntropy', 'colourEntropy'] as const
export type DiversityMeasure = (typeof diversityMeasures)[number]

const LayerDiversity = z.object({
  layer: z.string(),
  /** Mean over the layer's live units, with bootstrap intervals over units. Null: all are silent. */
  similarity: Estimate.nullable(),
  featureDistance: Estimate.nullable(),
  labelEntropy: Estimate.nullable(),
  colourEntropy: Estimate.nullable(),
  /** Units with fewer than two images above zero; they have no diversity. */
  silent: z.int(),
  units: z.array(UnitDiversity),
})

export const Diversity = z.object({
  images: z.int(),
  top: z.int(),
  /** The network whose features give `featureDistance`. */
  features: z.string(),
  layers: z.array(LayerDiversity),
})
export type Diversity = z.infer<typeof Diversity>

export interface DiversityOptions {
  readonly data: Dataset
  /** Names of the layers to look at. */
  readonly layers: readonly string[]
  /** Images per unit, default 25. */
  readonly top?: number
  /**
   * The network whose last layer says how far apart two images are; one that takes images of the same size.
   * Default: the network that is asked. To compare two networks, use the same for both.
   */
  readonly features?: Classifier
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe. Its run throws InputError for an unknown layer or images too small for MS-SSIM. */
export function diversity({
  data,
  layers,
  top = 25,
  features: judge,
  resamples = defaultResamples,
}: DiversityOptions): Probe<Diversity> {
  if (top < 2) throw new InputError(`diversity needs at least 2 top images per unit, found ${top}`)
  return {
    name: 'diversity',
    version: 2,
    options: { layers: [...layers], top, features: judge?.fingerprint ?? null, resamples },
    data: [data],
    schema: Diversity,
    async run({ model, random, progress, signal }) {
      const featureNet = judge ?? model
      const featureLayer = featureNet.layers.at(-1)?.name
      if (featureLayer === undefined) throw new InputError(`${featureNet.name} has no layers to look into`)
      const lists = layers.map(name => new TopImages(layerOf(model.layers, name).units, top))
      const pictures: Uint8Array[] = []
      const seen: SeenImages = { features: [], labels: [], colours: [] }
      const { features, labels, colours } = seen
      const task = progress.start(`top images of ${model.name}`, data.size, 'images')
      for await (const batch of data.batches({ batchSize: activationBatchSize(model, layers) })) {
        signal?.throwIfAborted()
        const own = judge === undefined ? [featureLayer] : []
        const activations = await model.activations(batch.images, [...layers, ...own])
        const judged =
          judge === undefined ? activations : await judge.activations(batch.images, [featureLayer])
        for (let i = 0; i < batch.labels.length; i++) {
          for (const [l, name] of layers.entries()) {
            const { maps, offset, positions } = mapsOf(activations[name]!, i)
            lists[l]!.add(labels.length, maps, offset, positions)
          }
          pictures.push(lumaOf(batch.images, i))
          features.push(pooledFeature(judged[featureLayer]!, i))
          colours.push(colourShares(batch.images, i))
          labels.push(batch.labels[i]!)
        }
        task.advance(batch.labels.length)
      }
      task.end()

      const pairs = new PairCache(pictures, ...model.preprocessing.size)
      const unitTotal = lists.reduce((sum, list) => sum + list.units, 0)
      const compare = progress.start(`comparing top images of ${model.name}`, unitTotal, 'units')
      const found: Diversity['layers'] = []
      for (const [l, layer] of layers.entries()) {
        const list = lists[l]!
        const units: z.infer<typeof UnitDiversity>[] = []
        for (let channel = 0; channel < list.units; channel++) {
          const images = list.of(channel).map(entry => entry.image)
          units.push({ channel, images, ...unitDiversity(images, pairs, seen) })
          compare.advance()
          if (channel % 16 === 15) {
            await new Promise(resolve => setTimeout(resolve))
            signal?.throwIfAborted()
          }
        }
        const live = units.filter(unit => unit.similarity !== null)
        const estimate = (measure: DiversityMeasure) =>
          live.length === 0
            ? null
            : bootstrapMean(
                live.map(unit => unit[measure] ?? 0),
                { random: random.fork(`${layer} ${measure}`), resamples },
              )
        found.push({
          layer,
          similarity: estimate('similarity'),
          featureDistance: estimate('featureDistance'),
          labelEntropy: estimate('labelEntropy'),
          colourEntropy: estimate('colourEntropy'),
          silent: units.length - live.length,
          units,
        })
      }
      compare.end()
      return { images: labels.length, top, features: featureNet.name, layers: found }
    },
  }
}

/** What is kept of every image, in the order of the data. */
interface SeenImages {
  readonly features: Float64Array[]
  readonly labels: number[]
  /** Share of the pixels per basic colour. */
  readonly colours: Float64Array[]
}

function unitDiversity(
  images: readonly number[],
  pairs: PairCache,
  { features, labels, colours }: SeenImages,
): Record<DiversityMeasure, number | null> {
  if (images.length < 2)
    return { similarity: null, featureDistance: null, labelEntropy: null, colourEntropy: null }
  let similarity = 0
  let distance = 0
  let count = 0
  for (const [i, a] of images.entries()) {
    for (const b of images.slice(i + 1)) {
      similarity += pairs.similarity(a, b)
      distance += 1 - dot(features[a]!, features[b]!)
      count++
    }
  }
  const classes = new Map<number, number>()
  for (const image of images) classes.set(labels[image]!, (classes.get(labels[image]!) ?? 0) + 1)
  const colour = basicColours.map((_, c) => images.reduce((sum, image) => sum + colours[image]![c]!, 0))
  return {
    similarity: similarity / count,
    featureDistance: distance / count,
    labelEntropy: entropy([...classes.values()]),
    colourEntropy: entropy(colour),
  }
}

/** In bits, of shares that `amounts` are proportional to. */
function entropy(amounts: readonly number[]): number {
  const total = amounts.reduce((a, b) => a + b, 0)
  let bits = 0
  for (const amount of amounts) if (amount > 0) bits -= (amount / total) * Math.log2(amount / total)
  return Math.abs(bits)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Where image `i`'s maps lie in activations `[n, units, h, w]` or `[n, units]`. */
function mapsOf({ data, shape }: FloatTensor, i: number) {
  const [, units = 0, ...map] = shape
  const positions = elementCount(map)
  return { maps: data, offset: i * units * positions, positions, units }
}

/** Mean activation of every unit of the layer on image `i`, scaled to length 1. */
function pooledFeature(activations: FloatTensor, i: number): Float64Array {
  const { maps, offset, positions, units } = mapsOf(activations, i)
  const feature = Float64Array.from({ length: units }, (_, unit) => {
    let sum = 0
    const from = offset + unit * positions
    for (let p = from; p < from + positions; p++) sum += maps[p]!
    return sum / positions
  })
  const length = Math.sqrt(dot(feature, feature)) || 1
  return feature.map(value => value / length)
}

/** Luma (Rec. 601) of image `i` of `[n, 3, h, w]` in [0, 1], rounded to 8 bits. */
function lumaOf({ data, shape }: FloatTensor, i: number): Uint8Array {
  const size = elementCount(shape.slice(2))
  const [r, g, b] = [0, 1, 2].map(c => data.subarray((3 * i + c) * size, (3 * i + c + 1) * size))
  return Uint8Array.from({ length: size }, (_, p) =>
    Math.round(255 * (0.299 * r![p]! + 0.587 * g![p]! + 0.114 * b![p]!)),
  )
}

/** How much of image `i` of `[n, 3, h, w]` has each basic colour; sums to 1. */
function colourShares({ data, shape }: FloatTensor, i: number): Float64Array {
  const area = elementCount(shape.slice(2))
  const shares = new Float64Array(basicColours.length)
  for (const name of nameColours(data, area, 3 * i * area)) shares[name]! += 1 / area
  return shares
}
