// Auto-PGD (Croce & Hein 2020, algorithm 1): gradient ascent with momentum whose step size halves when progress
// stalls, going back to the best point found. No step size to tune: given the budget, it chooses its own.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import type { Session } from '../runtime/session.ts'
import type { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { asFloat32, type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Attack } from './attack.ts'
import { checkLabels, predictions } from './criterion.ts'
import { type AttackLoss, LOSS_GRADIENT, lossGradientGraph, TARGETS } from './loss-gradient.ts'
import { type NormName, norms } from './norm.ts'
import { labelTensor } from './step.ts'

export interface ApgdOptions {
  readonly norm: NormName
  /** Radius of the ball, in pixel units of [0, 1]. */
  readonly epsilon: number
  readonly random: Random
  /** Default 100. */
  readonly iterations?: number
  /** Default `cross-entropy`. */
  readonly loss?: Exclude<AttackLoss, 'dlr-targeted'>
  /** Independent starts for the images that are still right; default 1. */
  readonly restarts?: number
  /**
   * Attack towards each of so many most likely wrong classes in turn, by the targeted loss, instead
   * (APGD-T; AutoAttack uses 9).
   */
  readonly targetClasses?: number
  readonly signal?: AbortSignal
}

/**
 * The attack. Images that are adversarial leave the batch at once; those misclassified to begin with are
 * returned as they are.
 * @throws InputError for bad options, labels out of range, or too few classes for the loss.
 */
export const apgd: Attack<ApgdOptions> = async (model, batch, options) => {
  const { norm: normName, epsilon, iterations = 100, loss = 'cross-entropy', restarts = 1 } = options
  requireInput(epsilon > 0 && Number.isFinite(epsilon), `epsilon must be a number above 0, found ${epsilon}`)
  requireInput(
    Number.isInteger(iterations) && iterations >= 1,
    `iterations must be a whole number from 1 on, found ${iterations}`,
  )
  checkLabels(batch.labels, batch.images.shape[0] ?? 0, model.classes.length)
  const usedLoss = options.targetClasses === undefined ? loss : 'dlr-targeted'
  const session = await model.derived(`loss gradient ${usedLoss}`, graph =>
    lossGradientGraph(graph, usedLoss),
  )
  const size = elementCount(batch.images.shape.slice(1))
  const images = float32(batch.images.shape, batch.images.data.slice())
  const logits = await model.logits(batch.images)
  const predicted = predictions(logits)
  const adversarial = Array.from(predicted, (decision, i) => decision !== batch.labels[i])
  let queries = 1

  const rounds = options.targetClasses ?? restarts
  requireInput(
    options.targetClasses === undefined || rounds < model.classes.length,
    `a model of ${model.classes.length} classes has ${model.classes.length - 1} wrong ones, found ${rounds} targets`,
  )
  for (let round = 0; round < rounds; round++) {
    const indices = adversarial.flatMap((done, i) => (done ? [] : [i]))
    if (indices.length === 0) break
    const targets =
      options.targetClasses === undefined
        ? undefined
        : Int32Array.from(indices, i => rankedClasses(logits, i)[round + 1]!)
    const run = new Run(session, normName, epsilon, iterations, {
      shape: [indices.length, ...batch.images.shape.slice(1)],
      originals: gatherRows(batch.images.data, indices, size),
      labels: Int32Array.from(indices, i => batch.labels[i]!),
      targets,
    })
    await run.go(options.random, options.signal)
    for (const [row, found] of run.found) {
      const i = indices[row]!
      adversarial[i] = true
      images.data.set(found, i * size)
    }
    queries += iterations + 1
  }
  return { images, adversarial, distance: norms[normName].distance(images, batch.images), queries }
}

/** Classes by falling logit. */
function rankedClasses(logits: FloatTensor, i: number): number[] {
  const classes = logits.shape[1]!
  return Array.from({ length: classes }, (_, c) => c).sort(
    (a, b) => logits.data[i * classes + b]! - logits.data[i * classes + a]!,
  )
}

interface RunImages {
  readonly shape: readonly number[]
  readonly originals: Float32Array
  readonly labels: Int32Array
  readonly targets: Int32Array | undefined
}

/** What one image's search remembers. */
interface Search {
  readonly row: number
  point: Float32Array
  previous: Float32Array
  gradient: Float32Array
  bestPoint: Float32Array
  bestGradient: Float32Array
  bestLoss: number
  lastLoss: number
  stepSize: number
  /** Steps since the last checkpoint on which the loss rose. */
  rises: number
  bestAtCheckpoint: number
  halvedAtCheckpoint: boolean
}

/** Share of rising steps below which the step size is halved. */
const RHO = 0.75
/** Share of the plain step in a step with momentum. */
const MOMENTUM = 0.75

class Run {
  /** Adversarial images by row. */
  readonly found = new Map<number, Float32Array>()
  private searches: Search[] = []
  private readonly size: number

  constructor(
    private readonly session: Session,
    private readonly norm: NormName,
    private readonly epsilon: number,
    private readonly iterations: number,
    private readonly images: RunImages,
  ) {
    this.size = elementCount(images.shape.slice(1))
  }

  async go(random: Random, signal: AbortSignal | undefined): Promise<void> {
    const { images, size } = this
    const start = surfacePoints(float32(images.shape, images.originals), this.norm, this.epsilon, random)
    this.searches = Array.from(images.labels, (_, row) => {
      const point = start.subarray(row * size, (row + 1) * size)
      const nothing = new Float32Array(0)
      return {
        row,
        point,
        previous: point,
        gradient: nothing,
        bestPoint: point,
        bestGradient: nothing,
        bestLoss: Number.NEGATIVE_INFINITY,
        lastLoss: Number.NEGATIVE_INFINITY,
        stepSize: 2 * this.epsilon,
        rises: 0,
        bestAtCheckpoint: Number.NEGATIVE_INFINITY,
        halvedAtCheckpoint: true,
      }
    })
    await this.evaluate()
    for (const search of this.searches) {
      search.bestAtCheckpoint = search.bestLoss
      search.rises = 0
    }
    let period = Math.max(Math.floor(0.22 * this.iterations), 1)
    const shortest = Math.max(Math.floor(0.06 * this.iterations), 1)
    const shorter = Math.max(Math.floor(0.03 * this.iterations), 1)
    let sinceCheckpoint = 0
    for (let i = 0; i < this.iterations && this.searches.length > 0; i++) {
      signal?.throwIfAborted()
      for (const search of this.searches) this.step(search, i === 0)
      await this.evaluate()
      if (++sinceCheckpoint < period) continue
      for (const search of this.searches) checkpoint(search, period)
      sinceCheckpoint = 0
      period = Math.max(period - shorter, shortest)
    }
  }

  /** Asks the network about every point; what is adversarial is found and leaves. */
  private async evaluate(): Promise<void> {
    const { searches, size, images } = this
    const points = new Float32Array(searches.length * size)
    for (const [k, search] of searches.entries()) points.set(search.point, k * size)
    const of = (values: Int32Array) => labelTensor(Int32Array.from(searches, ({ row }) => values[row]!))
    const result = await this.session.run({
      [IMAGES]: float32([searches.length, ...images.shape.slice(1)], points),
      [LABELS]: of(images.labels),
      ...(images.targets && { [TARGETS]: of(images.targets) }),
    })
    const losses = asFloat32(result[LOSS]!).data
    const gradients = asFloat32(result[LOSS_GRADIENT]!).data
    const decisions = predictions(asFloat32(result[LOGITS]!))
    this.searches = searches.filter((search, k) => {
      if (decisions[k] !== images.labels[search.row]) {
        this.found.set(search.row, search.point)
        return false
      }
      const loss = losses[k]!
      search.gradient = gradients.subarray(k * size, (k + 1) * size)
      if (loss > search.lastLoss) search.rises++
      search.lastLoss = loss
      if (loss > search.bestLoss) {
        search.bestLoss = loss
        search.bestPoint = search.point
        search.bestGradient = search.gradient
      }
      return true
    })
  }

  /** A step along the gradient, then a share of the last movement, each brought back into ball and box. */
  private step(search: Search, first: boolean): void {
    const { point, previous } = search
    const original = this.images.originals.subarray(search.row * this.size, (search.row + 1) * this.size)
    const share = first ? 1 : MOMENTUM
    const next = ascended(point, search.gradient, search.stepSize, this.norm)
    projectInto(next, original, this.norm, this.epsilon)
    for (let i = 0; i < next.length; i++) {
      next[i] = point[i]! + share * (next[i]! - point[i]!) + (1 - share) * (point[i]! - previous[i]!)
    }
    projectInto(next, original, this.norm, this.epsilon)
    search.previous = point
    search.point = next
  }
}

/**
 * Halves the step size and goes back to the best point when too few steps rose, or when neither the step size
 * changed nor the best loss rose since the last checkpoint.
 */
function checkpoint(search: Search, steps: number): void {
  const stalled = !search.halvedAtCheckpoint && search.bestAtCheckpoint >= search.bestLoss
  const halve = search.rises <= RHO * steps || stalled
  if (halve) {
    search.stepSize /= 2
    search.point = search.bestPoint
    search.gradient = search.bestGradient
  }
  search.halvedAtCheckpoint = halve
  search.bestAtCheckpoint = search.bestLoss
  search.rises = 0
}

/** Random points on the sphere of radius epsilon around each image, clipped to [0, 1]. */
function surfacePoints(images: FloatTensor, norm: NormName, epsilon: number, random: Random): Float32Array {
  const size = elementCount(images.shape.slice(1))
  const out = new Float32Array(images.data.length)
  for (let from = 0; from < out.length; from += size) {
    let length = 0
    for (let i = from; i < from + size; i++) {
      const value = norm === 'L2' ? random.normal() : random.uniform(-1, 1)
      out[i] = value
      length = norm === 'L2' ? length + value * value : Math.max(length, Math.abs(value))
    }
    const scale = epsilon / ((norm === 'L2' ? Math.sqrt(length) : length) || 1)
    for (let i = from; i < from + size; i++) out[i] = clip(images.data[i]! + scale * out[i]!)
  }
  return out
}

function ascended(point: Float32Array, gradient: Float32Array, step: number, norm: NormName): Float32Array {
  if (norm === 'Linf') return point.map((value, i) => value + step * Math.sign(gradient[i]!))
  const scale = step / (euclidean(gradient) + 1e-12)
  return point.map((value, i) => value + scale * gradient[i]!)
}

/** Brings `point` into the ball around `original`, then into [0, 1]; in place. */
function projectInto(point: Float32Array, original: Float32Array, norm: NormName, epsilon: number): void {
  if (norm === 'Linf') {
    for (let i = 0; i < point.length; i++) {
      point[i] = clip(Math.min(Math.max(point[i]!, original[i]! - epsilon), original[i]! + epsilon))
    }
    return
  }
  let square = 0
  for (let i = 0; i < point.length; i++) square += (point[i]! - original[i]!) ** 2
  const scale = Math.min(1, epsilon / (Math.sqrt(square) + 1e-12))
  for (let i = 0; i < point.length; i++) point[i] = clip(original[i]! + scale * (point[i]! - original[i]!))
}

function euclidean(values: Float32Array): number {
  let square = 0
  for (const value of values) square += value * value
  return Math.sqrt(square)
}

const clip = (value: number) => Math.min(1, Math.max(0, value))

function gatherRows(data: Float32Array, indices: readonly number[], size: number): Float32Array {
  const out = new Float32Array(indices.length * size)
  for (const [row, i] of indices.entries()) out.set(data.subarray(i * size, (i + 1) * size), row * size)
  return out
}
