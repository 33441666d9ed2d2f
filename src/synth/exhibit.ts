// One recipe, made by one network or by two from the same start, and judged: what a page of the report shows.

import { z } from 'zod'
import { predictions } from '../attack/criterion.ts'
import type { Classifier } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { bootstrapMean, Estimate, wilson } from '../probe/statistics.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import { pictureDiversity } from './judge/diversity.ts'
import { featureDistance, likeness } from './judge/likeness.ts'
import { neighboursOf, type TrainingIndex } from './judge/neighbours.ts'
import { spectrumSlopes } from './judge/spectrum.ts'
import type { DescentSettings, Made } from './recipes/recipe.ts'
import { type RecipeInputs, type RecipeName, recipeNames, recipeOf } from './recipes/table.ts'
import type { Glimpse } from './synthesize.ts'

/** What is compared: pictures by a network, by a method without one, what everything started from, or real images. */
const Column = z.object({
  key: z.string(),
  kind: z.enum(['robust', 'standard', 'baseline', 'real']),
  /** In words. */
  name: z.string(),
  /** Of networks: what the recipe ran with, and what was brought down. */
  settings: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  goal: z.string().optional(),
})

const Row = z.object({
  measure: z.string(),
  /** `real`: best where it is that of real images. */
  better: z.enum(['higher', 'lower', 'real']),
  /** Shares are printed as percentages. */
  isShare: z.boolean(),
  /** Pictures behind each value. */
  pictures: z.int(),
  /** By key of the column. */
  values: z.record(z.string(), Estimate),
})

export const Exhibit = z.object({
  recipe: z.enum(recipeNames as [RecipeName, ...RecipeName[]]),
  pictures: z.int(),
  seed: z.int(),
  data: z.string(),
  judges: z.array(z.string()),
  captions: z.array(z.string()),
  columns: z.array(Column),
  rows: z.array(Row),
})
export type Exhibit = z.infer<typeof Exhibit>
export type ExhibitColumn = z.infer<typeof Column>
export type ExhibitRow = z.infer<typeof Row>

export interface Maker {
  readonly kind: 'robust' | 'standard'
  readonly model: Classifier
}

/** Pictures on the way. */
export interface Frame {
  readonly step: number
  readonly pictures: FloatTensor
}

export interface ExhibitOptions {
  readonly recipe: RecipeName
  /** One or two; the same draws go into each. */
  readonly makers: readonly Maker[]
  /** Other networks with the same classes; by the last layer of the first, pictures are compared. */
  readonly judges: readonly Classifier[]
  readonly inputs: RecipeInputs
  /** Name of the data behind `inputs`. */
  readonly data: string
  /** Training images, indexed by the first judge (the first maker where there is none). */
  readonly training?: TrainingIndex
  readonly seed: number
  readonly random: Random
  readonly settings?: Partial<DescentSettings>
  readonly batchSize?: number
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

export interface ExhibitPictures {
  readonly result: Exhibit
  /** By key of the column: what it made, and how it came there (networks only). */
  readonly pictures: Readonly<Record<string, FloatTensor>>
  readonly frames: Readonly<Record<string, readonly Frame[]>>
}

/** Pictures that are kept of a run, first and last included; more of the beginning, where more happens. */
const FRAMES = 16

/**
 * Runs the recipe with every maker and judges what came out.
 * @throws InputError for a judge of other classes and for what the recipe refuses.
 */
export async function exhibit(options: ExhibitOptions): Promise<ExhibitPictures> {
  const { recipe, makers, judges, inputs, random, progress = silent, signal } = options
  const entry = recipeOf(recipe)
  checkJudges(makers, judges)
  const columns: ExhibitColumn[] = []
  const pictures: Record<string, FloatTensor> = {}
  const frames: Record<string, Frame[]> = {}
  let first: Made | undefined
  for (const { kind, model } of makers) {
    const key = makers.length === 1 ? 'model' : kind === 'robust' ? 'R' : 'S'
    const film = new Film()
    const made = await entry.run(
      {
        model,
        random: random.fork(recipe),
        watch: film.watch,
        progress,
        ...(options.settings && { settings: options.settings }),
        ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
        ...(signal && { signal }),
      },
      inputs,
    )
    columns.push({ key, kind, name: model.name, settings: made.settings, goal: made.goalName })
    pictures[key] = made.pictures
    frames[key] = film.frames(made)
    first ??= made
  }
  const { model } = makers[0]!
  const baselines = (await entry.baselines?.({ model, random, ...(signal && { signal }) }, inputs)) ?? {
    start: first!.starts,
  }
  for (const [name, made] of Object.entries(baselines)) {
    columns.push({ key: name, kind: 'baseline', name })
    pictures[name] = made
  }
  if (inputs.images.shape[0]! > 0) {
    columns.push({ key: 'real', kind: 'real', name: 'real images' })
    pictures.real = inputs.images
  }
  const judged = await judge(options, columns, pictures)
  const count = first!.pictures.shape[0]!
  const captions = Array.from({ length: count }, (_, i) => entry.caption(inputs, model.classes, i))
  const result: Exhibit = {
    recipe,
    pictures: count,
    seed: options.seed,
    data: options.data,
    judges: judges.map(j => j.name),
    captions,
    columns,
    rows: judged,
  }
  return { result, pictures, frames }
}

function checkJudges(makers: readonly Maker[], judges: readonly Classifier[]): void {
  const classes = makers[0]!.model.classes
  const size = makers[0]!.model.preprocessing.size
  for (const other of [...makers.map(maker => maker.model), ...judges]) {
    if (other.classes.join() !== classes.join()) {
      throw new InputError(
        `${other.name} has other classes than ${makers[0]!.model.name}: judges must know the same ones`,
      )
    }
    if (other.preprocessing.size.join() !== size.join()) {
      throw new InputError(
        `${other.name} takes images of ${other.preprocessing.size.join('x')}, the pictures are ${size.join('x')}: choose a judge of that size`,
      )
    }
  }
}

/** Keeps some of what a run shows on its way. */
class Film {
  private readonly seen = new Map<number, FloatTensor[]>()

  readonly watch = ({ step, steps, pictures }: Glimpse): void => {
    if (!frameSteps(steps).has(step)) return
    this.seen.set(step, [...(this.seen.get(step) ?? []), pictures])
  }

  /** The last frame is what was made: recipes may put back what had to stay. */
  frames({ pictures }: Made): Frame[] {
    const kept = [...this.seen].map(([step, parts]) => ({ step, pictures: joined(parts, pictures.shape) }))
    return kept.map((frame, i) => (i === kept.length - 1 ? { ...frame, pictures } : frame))
  }
}

const frameSteps = (steps: number) =>
  new Set(Array.from({ length: FRAMES }, (_, k) => Math.round(steps * (k / (FRAMES - 1)) ** 2)))

function joined(parts: readonly FloatTensor[], shape: readonly number[]): FloatTensor {
  const data = new Float32Array(elementCount(shape))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return float32(shape, data)
}

/** The rows of the table. */
async function judge(
  { recipe, makers, judges, inputs, training, random }: ExhibitOptions,
  columns: readonly ExhibitColumn[],
  pictures: Readonly<Record<string, FloatTensor>>,
): Promise<ExhibitRow[]> {
  const entry = recipeOf(recipe)
  const rows: ExhibitRow[] = []
  const resampling = () => ({ random: random.fork('bootstrap') })
  const made = columns.filter(column => column.kind !== 'real')
  const add = async (
    measure: string,
    better: ExhibitRow['better'],
    among: readonly ExhibitColumn[],
    value: (pictures: FloatTensor, column: ExhibitColumn) => Promise<ArrayLike<number | boolean>>,
  ) => {
    const values: Record<string, Estimate> = {}
    let [count, isShare] = [0, false]
    for (const column of among) {
      const each = Array.from(await value(pictures[column.key]!, column))
      count = Math.max(count, each.length)
      isShare = typeof each[0] === 'boolean'
      values[column.key] = isShare
        ? wilson(each.filter(Boolean).length, each.length)
        : bootstrapMean(each.map(Number), resampling())
    }
    rows.push({ measure, better, isShare, pictures: count, values })
  }

  const wanted = entry.wanted?.(inputs)
  if (wanted !== undefined) {
    const classOf = (column: ExhibitColumn) => (column.kind === 'real' ? inputs.labels : wanted)
    for (const other of judges) {
      await add(`recognised by ${other.name}`, 'higher', columns, async (images, column) =>
        right(predictions(await other.logits(images)), classOf(column)),
      )
    }
    const makersOnly = columns.filter(column => column.settings !== undefined)
    await add('recognised by its maker', 'higher', makersOnly, async (images, column) => {
      const { model } = makers.find(maker => maker.kind === column.kind)!
      return right(predictions(await model.logits(images)), wanted)
    })
    const observer = judges[0] ?? makers[0]!.model
    if (training !== undefined) {
      await add('nearest training image has the class', 'higher', columns, async (images, column) =>
        right((await neighboursOf(observer, training, images)).labels, classOf(column)),
      )
    }
  }
  const original = entry.original?.(inputs)
  if (original !== undefined) {
    await add('PSNR, dB', 'higher', made, async images => likeness(images, original).psnr)
    await add('SSIM', 'higher', made, async images => likeness(images, original).ssim)
    await add('MS-SSIM', 'higher', made, async images => likeness(images, original).msSsim)
    for (const other of judges) {
      const layer = other.layers.at(-1)?.name
      if (layer === undefined) continue
      await add(`feature distance by ${other.name}`, 'lower', made, async images =>
        featureDistance(other, layer, images, original),
      )
    }
  }
  await add('spectrum slope', 'real', columns, async images => spectrumSlopes(images))
  if (entry.reads !== 'images') {
    const many = columns.filter(column => pictures[column.key]!.shape[0]! > 1)
    await add('difference between two pictures', 'real', many, async images => pictureDiversity(images))
  }
  if (entry.reads === 'gaussians' && training !== undefined) {
    const observer = judges[0] ?? makers[0]!.model
    await add(
      'distance to the nearest training image',
      'real',
      columns,
      async images => (await neighboursOf(observer, training, images)).distances,
    )
  }
  return rows
}

const right = (found: Int32Array, wanted: Int32Array) =>
  Array.from(found, (decision, i) => decision === wanted[i])
