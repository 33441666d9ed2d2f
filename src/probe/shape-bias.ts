// Shape bias (Geirhos et al. 2019): on images that have the shape of one class and the texture of another, the
// share of decisions for the shape among the decisions for either.

import { z } from 'zod'
import { type NormName, pgd, predictions } from '../attack/index.ts'
import type { CueConflictDataset } from '../data/dataset.ts'
import type { Distortion } from '../distort/distortion.ts'
import { requireSameImages } from './accuracy.ts'
import { batchSizeFor } from './batch-size.ts'
import { deciderFor } from './decide.ts'
import type { Probe } from './probe.ts'
import { compareByPermutation, type PairedComparison } from './significance.ts'
import { type BootstrapOptions, bootstrap, defaultResamples, Estimate, wilson } from './statistics.ts'

const Hits = z.object({
  /** Decisions for the shape's class. */
  shape: z.int(),
  /** Decisions for the texture's class. */
  texture: z.int(),
  /** Decisions for any other class. */
  other: z.int(),
})
type Hits = z.infer<typeof Hits>

export const ShapeBias = z.object({
  /**
   * shape / (shape + texture), with a bootstrap interval over images (Wilson's where all decisions were for one cue, since
   * resamples could not differ); null where no decision was for either.
   */
  shapeBias: Estimate.nullable(),
  /** Images judged; those whose cues agree are not. */
  images: z.int(),
  hits: Hits,
  /** By class of the shape; `shapeBias` is null where no decision was for either cue. */
  categories: z.array(z.object({ name: z.string(), hits: Hits, shapeBias: z.number().nullable() })),
  /** Decisions by class of the shape (rows) and class decided for (columns; the last: a class not in the data). */
  confusions: z.array(z.array(z.int())),
  classes: z.array(z.string()),
  /** Each image in order: its name, and indices into `classes` (-1: a class not in the data). */
  perImage: z.object({
    names: z.array(z.string()),
    shapes: z.array(z.int()),
    textures: z.array(z.int()),
    decisions: z.array(z.int()),
  }),
})
export type ShapeBias = z.infer<typeof ShapeBias>

export interface ShapeBiasOptions {
  readonly data: CueConflictDataset
  /** What happens to the images first; default: nothing. */
  readonly distortion?: Distortion
  /**
   * An attack on the network's own decision about each image: which cue does it fall back on when that decision is
   * made hard to take? Default: none.
   */
  readonly attack?: { readonly norm: NormName; readonly epsilon: number; readonly steps: number }
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number
}

/** The probe. Its run throws InputError when the model's classes or image size do not fit the data. */
export function shapeBias(options: ShapeBiasOptions): Probe<ShapeBias> {
  const { data, distortion, attack, resamples = defaultResamples } = options
  return {
    name: 'shape-bias',
    version: 3,
    options: {
      resamples,
      ...(distortion && { distortion: { name: distortion.name, ...distortion.settings } }),
      ...(attack && { attack: { ...attack } }),
    },
    data: [data],
    schema: ShapeBias,
    async run({ model, random, progress, signal }) {
      const decider = deciderFor(model, data.classes)
      const task = progress.start(`shape bias of ${model.name}`, data.size, 'images')
      const perImage: ShapeBias['perImage'] = { names: [], shapes: [], textures: [], decisions: [] }
      const draws = random.fork('distortion')
      const starts = random.fork('random start')
      let at = 0
      for await (const batch of data.batches({ batchSize: batchSizeFor(model) })) {
        signal?.throwIfAborted()
        let images = distortion?.apply(batch.images, draws) ?? batch.images
        if (attack !== undefined) {
          const labels = predictions(await model.logits(images))
          const settings = { ...attack, random: starts, ...(signal && { signal }) }
          images = (await pgd(model, { images, labels }, settings)).images
        }
        const decisions = decider.decide(await model.logits(images))
        for (const [i, shape] of batch.labels.entries()) {
          const texture = data.textures[at + i]!
          if (shape === texture) continue
          perImage.names.push(batch.names[i]!)
          perImage.shapes.push(shape)
          perImage.textures.push(texture)
          perImage.decisions.push(decisions[i]!)
        }
        at += batch.labels.length
        task.advance(batch.labels.length)
      }
      task.end()
      return shapeBiasOf(perImage, data.classes, { random: random.fork('bootstrap'), resamples })
    },
  }
}

/** Shape bias from decisions that were made elsewhere. */
export function shapeBiasOf(
  perImage: ShapeBias['perImage'],
  classes: readonly string[],
  options: BootstrapOptions,
): ShapeBias {
  const { shapes, decisions } = perImage
  const cue = cuesDecidedFor(perImage)
  const hits = count(cue)
  const confusions = classes.map(() => new Array<number>(classes.length + 1).fill(0))
  for (const [i, decision] of decisions.entries()) {
    confusions[shapes[i]!]![decision < 0 ? classes.length : decision]! += 1
  }
  return {
    shapeBias: biasOf(cue, hits, options),
    images: cue.length,
    hits,
    categories: classes.map((name, category) => {
      const own = count(cue.filter((_, i) => shapes[i] === category))
      const decided = own.shape + own.texture
      return { name, hits: own, shapeBias: decided > 0 ? own.shape / decided : null }
    }),
    confusions,
    classes: [...classes],
    perImage,
  }
}

function biasOf(cue: readonly (keyof Hits)[], hits: Hits, options: BootstrapOptions): Estimate | null {
  const decided = hits.shape + hits.texture
  if (decided === 0) return null
  if (hits.shape === 0 || hits.texture === 0) return wilson(hits.shape, decided)
  return bootstrap(cue.length, indices => shareOfShape(indices, i => cue[i]), options)
}

/** Why a shape bias is null, wherever one is written: `not measurable: 0 of 1280 decisions for shape or texture`. */
export function noShapeBias(decisions: number): string {
  return `not measurable: 0 of ${decisions} decisions for shape or texture`
}

/**
 * Shape bias of `first` minus that of `second` on the same images, by a permutation test; null where either has none.
 * @throws InputError when they were not measured on the same images
 */
export function compareShapeBias(
  first: ShapeBias,
  second: ShapeBias,
  options: BootstrapOptions & { readonly resamples: number },
): PairedComparison | null {
  requireSameImages(first.perImage.names, second.perImage.names)
  if (first.shapeBias === null || second.shapeBias === null) return null
  const [a, b] = [cuesDecidedFor(first.perImage), cuesDecidedFor(second.perImage)]
  return compareByPermutation(
    a.length,
    (indices, swapped) =>
      shareOfShape(indices, i => (swapped[i] ? b[i] : a[i])) -
      shareOfShape(indices, i => (swapped[i] ? a[i] : b[i])),
    options,
  )
}

function cuesDecidedFor({ shapes, textures, decisions }: ShapeBias['perImage']): (keyof Hits)[] {
  return decisions.map((decision, i) =>
    decision === shapes[i] ? 'shape' : decision === textures[i] ? 'texture' : 'other',
  )
}

function shareOfShape(indices: Uint32Array, cueOf: (index: number) => keyof Hits | undefined): number {
  let [shape, texture] = [0, 0]
  for (const i of indices) {
    const cue = cueOf(i)
    if (cue === 'shape') shape++
    else if (cue === 'texture') texture++
  }
  return shape / (shape + texture)
}

function count(cues: readonly (keyof Hits)[]): Hits {
  const of = (kind: keyof Hits) => cues.filter(cue => cue === kind).length
  return { shape: of('shape'), texture: of('texture'), other: of('other') }
}
