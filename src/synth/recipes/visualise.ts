// Feature visualisation (Olah, Mordvintsev & Schubert 2017): the picture that a unit or a class responds to most, found
// in Fourier coefficients under small movements. Many units go through the network together.

import { type Objective, times } from '../objective.ts'
import { classLogit } from '../objectives/class-score.ts'
import { type Place, unit } from '../objectives/direction.ts'
import { adam } from '../optimiser.ts'
import { fourier, fourierNoise } from '../parametrisations/fourier.ts'
import { synthesize } from '../synthesize.ts'
import { describeTransforms, robustTransforms, type Transforms } from '../transforms.ts'
import type { Made, RecipeContext } from './recipe.ts'

export interface VisualiseOptions {
  /** Default 64. */
  readonly steps?: number
  /** Default 0.05. */
  readonly learningRate?: number
  /** Default {@link robustTransforms}. */
  readonly transforms?: Transforms
}

/** What a unit at rest passes on of its input: enough to wake it, too little to shape the picture. */
const LEAK = 0.01

/**
 * One picture per unit of `layer`. The goal at the end is minus the unit's response; one that is not below 0 did not
 * wake.
 * @throws InputError for an unknown layer or unit.
 */
export function visualiseUnits(
  context: Omit<RecipeContext, 'settings'>,
  layer: string,
  channels: readonly number[],
  options: VisualiseOptions & { readonly place?: Place } = {},
): Promise<Made> {
  const goal = times(-1, unit(context.model, layer, channels, options.place, LEAK))
  return visualise(context, goal, channels.length, options)
}

/**
 * One picture per class of `labels`, by its logit.
 * @throws InputError for a class that does not exist.
 */
export function visualiseClasses(
  context: Omit<RecipeContext, 'settings'>,
  labels: Int32Array,
  options: VisualiseOptions = {},
): Promise<Made> {
  return visualise(context, times(-1, classLogit(context.model, labels)), labels.length, options)
}

async function visualise(
  { model, random, batchSize, watch, progress, signal }: Omit<RecipeContext, 'settings'>,
  goal: Objective,
  count: number,
  options: VisualiseOptions,
): Promise<Made> {
  const { size } = model.preprocessing
  const { steps = 64, learningRate = 0.05, transforms = robustTransforms(Math.min(...size)) } = options
  const start = fourierNoise(count, size, random.fork('start'))
  const starts: Float32Array[] = []
  const made = await synthesize(model, {
    goal,
    start,
    parametrisation: fourier,
    transforms,
    random,
    optimiser: adam({ learningRate }),
    steps,
    ...(batchSize !== undefined && { batchSize }),
    ...(progress && { progress }),
    ...(signal && { signal }),
    watch(glimpse) {
      if (glimpse.step === 0) starts.push(glimpse.pictures.data)
      watch?.(glimpse)
    },
  })
  const before = new Float32Array(made.pictures.data.length)
  let at = 0
  for (const part of starts) {
    before.set(part, at)
    at += part.length
  }
  return {
    ...made,
    starts: { ...made.pictures, data: before },
    goalName: goal.name,
    settings: { steps, learningRate, transforms: describeTransforms(transforms) },
  }
}
