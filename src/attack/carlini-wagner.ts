// Carlini and Wagner's attack for L2 (2017): minimises the squared distance plus a weighted margin, and searches
// the smallest weight that still succeeds. The strongest of the classic attacks that look for a near adversarial
// image, and by far the slowest.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import { LABELS } from '../grad/loss.ts'
import type { Session } from '../runtime/session.ts'
import { rowOf, stackRows } from '../tensor/gather.ts'
import { asFloat32, float32 } from '../tensor/tensor.ts'
import { type Attack, checkBatch, requireCount } from './attack.ts'
import {
  ADAM_CORRECTION,
  ADAM_STEP,
  adamScalars,
  CONFIDENCE,
  carliniWagnerStepGraph,
  MOMENTS,
  nextOf,
  OBJECTIVE,
  VARIABLE,
  WEIGHTS,
} from './carlini-wagner-step.ts'
import { margins, predictions } from './criterion.ts'
import { norms } from './norm.ts'
import { Outcome } from './outcome.ts'
import { labelTensor, ORIGINALS } from './step.ts'

export interface CarliniWagnerOptions {
  /** An image counts as adversarial within this distance only; default: any. */
  readonly epsilon?: number
  /** Weights tried, default 9. */
  readonly searchSteps?: number
  /** Steps of Adam per weight, default 1000. */
  readonly steps?: number
  /** Default 0.01. */
  readonly stepSize?: number
  /** Logits by which an image must be misclassified to count; default 0. */
  readonly confidence?: number
  /** The first weight of the margin, default 1e-3. */
  readonly initialWeight?: number
  readonly signal?: AbortSignal
}

/** Progress over a tenth of the steps below which an image's descent ends. */
const PROGRESS = 0.9999

/**
 * The attack, L2. `images` holds the nearest adversarial image found. An image whose objective no longer falls
 * leaves the batch until the next weight.
 * @throws InputError for bad options, images or labels.
 */
export const carliniWagner: Attack<CarliniWagnerOptions> = async (model, batch, options) => {
  const { epsilon = Number.POSITIVE_INFINITY, searchSteps = 9, steps = 1000, stepSize = 0.01 } = options
  const { confidence = 0, initialWeight = 1e-3, signal } = options
  checkBatch(model, batch)
  requireCount('searchSteps', searchSteps)
  requireCount('steps', steps)
  requireInput(
    stepSize > 0 && initialWeight > 0 && confidence >= 0,
    `step size and first weight must be above 0 and confidence at least 0, found ${stepSize}, ${initialWeight}, ${confidence}`,
  )
  const session = await model.derived('carlini-wagner', carliniWagnerStepGraph)
  const { outcome } = await Outcome.begin(model, batch)
  const searches = outcome
    .open()
    .map(i => new Search(i, outcome.original(i), batch.labels[i]!, initialWeight))
  const shape = batch.images.shape.slice(1)
  for (let k = 0; k < searchSteps; k++) {
    for (const search of searches) search.restart()
    await descend({ session, shape, steps, stepSize, confidence, outcome, signal }, searches)
    for (const search of searches) search.nextWeight()
  }
  for (const { i, nearest, nearestImage } of searches) if (nearest <= epsilon) outcome.found(i, nearestImage)
  return outcome.result(norms.L2)
}

/** One image: the descent under one weight, and the search for the weight. */
class Search {
  nearest = Number.POSITIVE_INFINITY
  nearestImage: Float32Array | undefined
  variable: Float32Array
  moments: readonly [Float32Array, Float32Array]
  lastObjective = Number.POSITIVE_INFINITY
  /** The image that the variable starts as: the original but for rounding near 0 and 1. */
  readonly centre: Float32Array
  private readonly start: Float32Array
  private found = false
  private low = 0
  private high = Number.POSITIVE_INFINITY

  constructor(
    readonly i: number,
    readonly original: Float32Array,
    readonly label: number,
    public weight: number,
  ) {
    // atanh is infinite at 0 and 1: the paper's factor keeps away from there.
    this.start = original.map(value => Math.atanh((2 * value - 1) * 0.999999))
    this.centre = this.start.map(value => Math.tanh(value) / 2 + 0.5)
    this.variable = this.start
    const none = new Float32Array(original.length)
    this.moments = [none, none]
  }

  restart(): void {
    const none = new Float32Array(this.original.length)
    this.variable = this.start
    this.moments = [none, none]
    this.lastObjective = Number.POSITIVE_INFINITY
    this.found = false
  }

  adversarialAt(image: Float32Array): void {
    this.found = true
    const distance = norms.L2.between(image, this.original)
    if (distance >= this.nearest) return
    this.nearest = distance
    this.nearestImage = image.slice()
  }

  /** Tenfold until one succeeds, then halving the interval between failure and success. */
  nextWeight(): void {
    if (this.found) this.high = this.weight
    else this.low = this.weight
    this.weight = Number.isFinite(this.high) ? (this.low + this.high) / 2 : this.weight * 10
  }
}

interface Descent {
  readonly session: Session
  readonly shape: readonly number[]
  readonly steps: number
  readonly stepSize: number
  readonly confidence: number
  readonly outcome: Outcome
  readonly signal: AbortSignal | undefined
}

async function descend(settings: Descent, searches: readonly Search[]): Promise<void> {
  const { session, shape, steps, stepSize, confidence, outcome, signal } = settings
  const scalar = (value: number) => float32([], [value])
  let active = searches
  for (let step = 0; step < steps && active.length > 0; step++) {
    signal?.throwIfAborted()
    const stack = (of: (search: Search) => Float32Array) => stackRows(active.map(of), shape)
    const labels = Int32Array.from(active, ({ label }) => label)
    const adam = adamScalars(step + 1, stepSize)
    const answer = await session.run({
      [VARIABLE]: stack(({ variable }) => variable),
      [MOMENTS[0]]: stack(({ moments }) => moments[0]),
      [MOMENTS[1]]: stack(({ moments }) => moments[1]),
      [ORIGINALS]: stack(({ centre }) => centre),
      [LABELS]: labelTensor(labels),
      [WEIGHTS]: float32(
        [active.length, 1, 1, 1],
        active.map(({ weight }) => weight),
      ),
      [CONFIDENCE]: scalar(confidence),
      [ADAM_STEP]: scalar(adam.step),
      [ADAM_CORRECTION]: scalar(adam.correction),
    })
    outcome.asked(active.map(({ i }) => i))
    const value = (name: string) => asFloat32(answer[name]!)
    const [images, logits] = [value(IMAGES), value(LOGITS)]
    const objectives = value(OBJECTIVE).data
    const [decisions, leads] = [predictions(logits), margins(logits, labels)]
    const variables = value(nextOf(VARIABLE))
    const [first, second] = [value(nextOf(MOMENTS[0])), value(nextOf(MOMENTS[1]))]
    // Adam's first steps overshoot where the boundary is near: what they end in is the first to compare with.
    const check = step > 0 && step % Math.ceil(steps / 10) === 0
    active = active.filter((search, k) => {
      search.variable = rowOf(variables, k)
      search.moments = [rowOf(first, k), rowOf(second, k)]
      if (check) {
        if (!(objectives[k]! <= PROGRESS * search.lastObjective)) return false
        search.lastObjective = objectives[k]!
      }
      if (decisions[k] !== search.label && leads[k]! <= -confidence) search.adversarialAt(rowOf(images, k))
      return true
    })
  }
}
