// What the recipes share: settings that are published for one image size and fit others, and the descent from
// pictures by PGD that most of them are.

import type { NormName } from '../../attack/norm.ts'
import type { Classifier } from '../../classifier/classifier.ts'
import type { Progress } from '../../progress/progress.ts'
import type { Random } from '../../tensor/random.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import type { Objective } from '../objective.ts'
import { pgd } from '../optimiser.ts'
import { greyPixels, pixels } from '../parametrisation.ts'
import { type Glimpse, synthesize } from '../synthesize.ts'

/** How far and in how many steps PGD goes. */
export interface DescentSettings {
  readonly norm: NormName
  /** Radius of the ball around the start, in pixel units of [0, 1]. */
  readonly epsilon: number
  readonly stepSize: number
  readonly steps: number
}

/** What a recipe runs with. */
export interface RecipeContext {
  readonly model: Classifier
  /** Where every random draw comes from. */
  readonly random: Random
  /** In place of the recipe's own. */
  readonly settings?: Partial<DescentSettings>
  readonly batchSize?: number
  readonly watch?: (glimpse: Glimpse) => void
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** What a recipe made. */
export interface Made {
  /** `[n, 3, h, w]` in [0, 1] */
  readonly pictures: FloatTensor
  /** What each picture was before the first step, `[n, 3, h, w]`. */
  readonly starts: FloatTensor
  /** The goal of each at the end. */
  readonly goal: Float32Array
  /** What the goal was, in words. */
  readonly goalName: string
  readonly settings: Readonly<Record<string, string | number>>
}

/** The side of the images that Santurkar et al. (2019) give settings for. */
const PUBLISHED_SIDE = 224

/**
 * Settings published for 224x224 images, for images of this model's size: radius and step of L2 shrink with the
 * square root of the number of pixels, so that a pixel may change as much as it did there.
 */
export function scaledSettings(
  { model, settings = {} }: Pick<RecipeContext, 'model' | 'settings'>,
  published: Omit<DescentSettings, 'norm'>,
): DescentSettings {
  const [height, width] = model.preprocessing.size
  const share = Math.sqrt(height * width) / PUBLISHED_SIDE
  const { norm = 'L2' } = settings
  const own = {
    norm,
    epsilon: published.epsilon * share,
    stepSize: published.stepSize * share,
    steps: published.steps,
  }
  return { ...own, ...settings }
}

/**
 * Brings `goal` down from `starts` by PGD. Starts that are all grey stay grey: a network that never saw a colour
 * knows nothing about them.
 */
export async function descend(
  context: RecipeContext,
  starts: FloatTensor,
  goal: Objective,
  published: Omit<DescentSettings, 'norm'>,
): Promise<Made> {
  const { model, random, batchSize, watch, progress, signal } = context
  const settings = scaledSettings(context, published)
  const grey = isGrey(starts)
  const made = await synthesize(model, {
    goal,
    start: grey ? firstPlanes(starts) : starts,
    parametrisation: grey ? greyPixels : pixels,
    optimiser: pgd(settings),
    steps: settings.steps,
    random,
    ...(batchSize !== undefined && { batchSize }),
    ...(watch && { watch }),
    ...(progress && { progress }),
    ...(signal && { signal }),
  })
  const epsilon = Number.isFinite(settings.epsilon) ? settings.epsilon : 'none'
  return { ...made, starts, goalName: goal.name, settings: { ...settings, epsilon } }
}

/** Channels further apart than this are colours; samples of the Gaussians of grey images differ by a few levels. */
const GREY = 6 / 255

/** Whether the three channels of every picture are equal, but for a few levels. */
export function isGrey({ shape, data }: FloatTensor): boolean {
  const area = shape[2]! * shape[3]!
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(data[i]! - data[i - (i % (3 * area)) + (i % area)]!) > GREY) return false
  }
  return true
}

function firstPlanes({ shape, data }: FloatTensor): FloatTensor {
  const [n = 0, channels = 0, height = 0, width = 0] = shape
  const area = height * width
  const planes = new Float32Array(n * area)
  for (let i = 0; i < n; i++)
    planes.set(data.subarray(i * channels * area, (i * channels + 1) * area), i * area)
  return float32([n, 1, height, width], planes)
}
