// Auto-PGD (Croce & Hein 2020, algorithm 1): gradient ascent with momentum whose step size halves when progress
// stalls, going back to the best point found. No step size to tune: given the budget, it chooses its own.

import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import type { Session } from '../runtime/session.ts'
import { gatherRows, rowOf, stackRows } from '../tensor/gather.ts'
import type { Random } from '../tensor/random.ts'
import { asFloat32, type FloatTensor, float32, zeros } from '../tensor/tensor.ts'
import { apgdStepGraph, GRADIENT, POINT, PREVIOUS, SHARE, STEP_SIZES } from './apgd-step.ts'
import { type Attack, checkBatch, requireCount, requireRadius } from './attack.ts'
import { predictions, rankedClasses } from './criterion.ts'
import { TARGETS, type UntargetedLoss } from './loss.ts'
import { LOSS_GRADIENT } from './loss-gradient.ts'
import { clip, type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'
import { EPSILON, labelTensor, ORIGINALS } from './step.ts'

export interface ApgdOptions {
  readonly norm: NormName
  /** Radius of the ball, in pixel units of [0, 1]. */
  readonly epsilon: number
  /** Where random starts on the ball's surface come from; without it the attack starts at the images themselves. */
  readonly random?: Random
  /** Default 100. */
  readonly iterations?: number
  /** Default `cross-entropy`. */
  readonly loss?: UntargetedLoss
  /** Independent starts for the images that are still right; default 1. */
  readonly restarts?: number
  /**
   * Attack towards each of so many most likely wrong classes in turn, by the targeted DLR loss, instead
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
  const { epsilon, random, iterations = 100, loss = 'cross-entropy', targetClasses } = options
  const norm = norms[options.norm]
  checkOptions(options, model.classes.length)
  checkBatch(model, batch)
  const usedLoss = targetClasses === undefined ? loss : 'dlr-targeted'
  const session = await model.derived(`apgd ${norm.name} ${usedLoss}`, graph =>
    apgdStepGraph(graph, norm, usedLoss),
  )
  const { outcome, logits } = await Outcome.begin(model, batch)

  const search = { session, epsilon, iterations, outcome, signal: options.signal }
  for (let round = 0; round < (targetClasses ?? options.restarts ?? 1); round++) {
    const indices = outcome.open()
    if (indices.length === 0) break
    const starts = indices.map(i => {
      const original = outcome.original(i)
      if (random === undefined) return original
      const away = norm.randomDirection(original.length, random)
      return original.map((value, k) => clip(value + epsilon * away[k]!))
    })
    const climbers = indices.map((i, k) => {
      const target = targetClasses === undefined ? 0 : rankedClasses(logits, i)[round + 1]!
      return new Climber(i, batch.labels[i]!, target, epsilon, starts[k]!.length)
    })
    await ascend(search, climbers, stackRows(starts, batch.images.shape.slice(1)))
  }
  return outcome.result(norm)
}

function checkOptions(options: ApgdOptions, classes: number): void {
  const { epsilon, random, iterations = 100, restarts = 1, targetClasses } = options
  requireRadius(epsilon)
  requireCount('iterations', iterations)
  requireCount('restarts', restarts)
  requireInput(
    restarts === 1 || random !== undefined,
    `${restarts} restarts from the same point give the same result: allow a random start`,
  )
  if (targetClasses === undefined) return
  requireCount('targetClasses', targetClasses)
  requireInput(
    targetClasses < classes,
    `a model of ${classes} classes has ${classes - 1} wrong ones, found ${targetClasses} targets`,
  )
}

interface SearchSettings {
  readonly session: Session
  readonly epsilon: number
  readonly iterations: number
  readonly outcome: Outcome
  readonly signal: AbortSignal | undefined
}

/** Share of rising steps below which the step size is halved. */
const RHO = 0.75
/** Share of the plain step in a step with momentum. */
const MOMENTUM = 0.75

/** How one image's search fares; where it stands is a row of the round's tensors. */
class Climber {
  stepSize: number
  private readonly bestPoint: Float32Array
  private readonly bestGradient: Float32Array
  private bestLoss = Number.NEGATIVE_INFINITY
  // The first step counts as a rise if its loss is above 0, whatever it was before: so does the reference.
  private lastLoss = 0
  private rises = 0
  private bestAtCheckpoint = Number.NEGATIVE_INFINITY
  private halved = true

  constructor(
    /** Place in the batch. */
    readonly place: number,
    readonly label: number,
    readonly target: number,
    epsilon: number,
    size: number,
  ) {
    this.bestPoint = new Float32Array(size)
    this.bestGradient = new Float32Array(size)
    this.stepSize = 2 * epsilon
  }

  /** The answer to the start. */
  began(point: Float32Array, loss: number, gradient: Float32Array): void {
    this.keep(point, loss, gradient)
    this.bestAtCheckpoint = loss
  }

  /** The answer to a step to `point`. */
  moved(point: Float32Array, loss: number, gradient: Float32Array): void {
    if (loss > this.lastLoss) this.rises++
    this.lastLoss = loss
    if (loss > this.bestLoss) this.keep(point, loss, gradient)
  }

  /**
   * Halves the step size and goes back to the best point when too few of the last `steps` rose, or when neither
   * the step size changed nor the best loss rose since the last checkpoint (conditions 1 and 2 of the paper).
   */
  checkpoint(steps: number, point: Float32Array, gradient: Float32Array): void {
    const stalled = !this.halved && this.bestAtCheckpoint >= this.bestLoss
    this.halved = this.rises <= RHO * steps || stalled
    if (this.halved) {
      this.stepSize /= 2
      point.set(this.bestPoint)
      gradient.set(this.bestGradient)
    }
    this.bestAtCheckpoint = this.bestLoss
    this.rises = 0
  }

  private keep(point: Float32Array, loss: number, gradient: Float32Array): void {
    this.bestLoss = loss
    this.bestPoint.set(point)
    this.bestGradient.set(gradient)
  }
}

/** One run of all climbers from `starts`; what it finds goes to the outcome. */
async function ascend(
  { session, epsilon, iterations, outcome, signal }: SearchSettings,
  climbers: readonly Climber[],
  starts: FloatTensor,
): Promise<void> {
  let active = climbers
  // Row k of each belongs to active[k].
  let originals = gatherRows(
    outcome.originals,
    active.map(({ place }) => place),
  )
  let [previous, point, gradient] = [starts, starts, zeros('float32', starts.shape)]

  /** Steps everyone (by nothing, at the start), asks the network, lets go of whoever is adversarial. */
  const step = async (first: boolean, share: number) => {
    const labels = Int32Array.from(active, ({ label }) => label)
    const targets = Int32Array.from(active, ({ target }) => target)
    const answer = await session.run({
      [POINT]: point,
      [PREVIOUS]: previous,
      [GRADIENT]: gradient,
      [ORIGINALS]: originals,
      [STEP_SIZES]: float32(
        [active.length, 1, 1, 1],
        active.map(({ stepSize }) => (first ? 0 : stepSize)),
      ),
      [SHARE]: float32([], [share]),
      [EPSILON]: float32([], [epsilon]),
      [LABELS]: labelTensor(labels),
      ...(session.inputs.includes(TARGETS) && { [TARGETS]: labelTensor(targets) }),
    })
    outcome.asked(active.map(({ place }) => place))
    if (!first) {
      previous = point
      point = asFloat32(answer[IMAGES]!)
    }
    gradient = asFloat32(answer[LOSS_GRADIENT]!)
    const losses = asFloat32(answer[LOSS]!).data
    const decisions = predictions(asFloat32(answer[LOGITS]!))
    const stay: number[] = []
    for (const [k, climber] of active.entries()) {
      const here = rowOf(point, k)
      if (decisions[k] !== climber.label) {
        outcome.found(climber.place, here)
        continue
      }
      stay.push(k)
      if (first) climber.began(here, losses[k]!, rowOf(gradient, k))
      else climber.moved(here, losses[k]!, rowOf(gradient, k))
    }
    if (stay.length === active.length) return
    active = stay.map(k => active[k]!)
    originals = gatherRows(originals, stay)
    previous = gatherRows(previous, stay)
    point = gatherRows(point, stay)
    gradient = gatherRows(gradient, stay)
  }

  await step(true, 1)
  let period = Math.max(Math.floor(0.22 * iterations), 1)
  const shortest = Math.max(Math.floor(0.06 * iterations), 1)
  const shorter = Math.max(Math.floor(0.03 * iterations), 1)
  let sinceCheckpoint = 0
  for (let i = 0; i < iterations && active.length > 0; i++) {
    signal?.throwIfAborted()
    await step(false, i === 0 ? 1 : MOMENTUM)
    if (++sinceCheckpoint < period) continue
    for (const [k, climber] of active.entries())
      climber.checkpoint(period, rowOf(point, k), rowOf(gradient, k))
    sinceCheckpoint = 0
    period = Math.max(period - shorter, shortest)
  }
}
