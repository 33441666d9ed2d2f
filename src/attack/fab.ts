// FAB (Croce & Hein 2020, Minimally distorted adversarial examples with a fast adaptive boundary attack): walks
// along the decision boundary towards the original. It looks for the nearest adversarial image, not for one in
// a given ball; the radius only says which of them count.

import { type Classifier, IMAGES } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import type { Session } from '../runtime/session.ts'
import { gatherRows, rowOf, stackRows } from '../tensor/gather.ts'
import type { Random } from '../tensor/random.ts'
import { asFloat32, type FloatTensor } from '../tensor/tensor.ts'
import { type Attack, checkBatch, requireCount } from './attack.ts'
import { predictions, rankedClasses } from './criterion.ts'
import { type Plane, stepPast } from './hyperplane.ts'
import { TARGETS } from './loss.ts'
import { LOSS_GRADIENT, lossGradientGraph } from './loss-gradient.ts'
import { clip, type Norm, type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'
import { labelTensor } from './step.ts'

export interface FabOptions {
  readonly norm: NormName
  /** An image counts as adversarial within this distance, and is searched no further; default: any distance. */
  readonly epsilon?: number
  /** Where the starts of restarts come from, half `epsilon` away; the first start is the image itself. */
  readonly random?: Random
  /** Default 100. */
  readonly iterations?: number
  /** Starts, default 1. */
  readonly restarts?: number
  /**
   * Attack towards each of so many most likely wrong classes in turn (FAB-T; AutoAttack uses 9): one gradient per
   * iteration instead of one per class.
   */
  readonly targetClasses?: number
  readonly signal?: AbortSignal
}

/** Where a walk goes on after an adversarial image: so far from the original to it (the paper's beta). */
const BACK = 0.9

/**
 * The attack. `images` holds the nearest adversarial image found; without `epsilon` all iterations are spent on
 * every image.
 * @throws InputError for bad options, images or labels.
 */
export const fab: Attack<FabOptions> = async (model, batch, options) => {
  const { epsilon = Number.POSITIVE_INFINITY, iterations = 100, restarts = 1, random, signal } = options
  checkBatch(model, batch)
  requireCount('iterations', iterations)
  requireCount('restarts', restarts)
  requireInput(
    restarts === 1 || (random !== undefined && Number.isFinite(epsilon)),
    `${restarts} restarts need a random start and an epsilon to start within`,
  )
  const norm = norms[options.norm]
  const session = await model.derived('loss gradient margin-targeted', graph =>
    lossGradientGraph(graph, 'margin-targeted'),
  )
  const { outcome, logits } = await Outcome.begin(model, batch)
  const nearest = new Map(outcome.open().map(i => [i, Number.POSITIVE_INFINITY]))

  const targets = Math.min(options.targetClasses ?? 1, model.classes.length - 1)
  for (let rank = 0; rank < targets; rank++) {
    for (let restart = 0; restart < restarts; restart++) {
      // Without a radius, later targets may come nearer still.
      const open = [...nearest.keys()].filter(i => !outcome.adversarial[i] || !Number.isFinite(epsilon))
      const walkers = open.map((i): Walker => {
        const label = batch.labels[i]!
        const wrong = rankedClasses(logits, i).filter(c => c !== label)
        const classes = options.targetClasses === undefined ? wrong : [wrong[rank]!]
        return { i, original: outcome.original(i), label, classes }
      })
      const starts = walkers.map(({ original }) =>
        restart === 0 || random === undefined ? original : startWithin(original, epsilon / 2, norm, random),
      )
      await walk({ model, session, norm, outcome, nearest, epsilon, iterations, signal }, walkers, starts)
    }
  }
  return outcome.result(norm)
}

/** A random point at `distance`, clipped to [0, 1]. */
function startWithin(original: Float32Array, distance: number, norm: Norm, random: Random): Float32Array {
  const away = norm.randomDirection(original.length, random)
  return original.map((value, k) => clip(value + distance * away[k]!))
}

/** One image's walk. */
interface Walker {
  readonly i: number
  readonly original: Float32Array
  readonly label: number
  /** Wrong classes whose boundary is considered. */
  readonly classes: readonly number[]
}

interface Walk {
  readonly model: Classifier
  readonly session: Session
  readonly norm: Norm
  readonly outcome: Outcome
  /** Distance of the nearest adversarial image found so far. */
  readonly nearest: Map<number, number>
  readonly epsilon: number
  readonly iterations: number
  readonly signal: AbortSignal | undefined
}

/** Algorithm 1 of the paper, for all walkers together; whoever is found within a finite epsilon leaves. */
async function walk(
  settings: Walk,
  walkers: readonly Walker[],
  starts: readonly Float32Array[],
): Promise<void> {
  const { model, norm, outcome, nearest, epsilon, iterations, signal } = settings
  let active = walkers
  // Row k is where active[k] stands.
  let points = stackRows(starts, outcome.originals.shape.slice(1))
  for (let iteration = 0; iteration < iterations && active.length > 0; iteration++) {
    signal?.throwIfAborted()
    const planes = await nearestPlanes(settings, active, points)
    for (const [k, { original }] of active.entries())
      stepPast(norm.name, rowOf(points, k), original, planes[k]!)
    const logits = await model.logits(points)
    outcome.asked(active.map(({ i }) => i))
    const decisions = predictions(logits)
    for (const [k, { i, original, label }] of active.entries()) {
      if (decisions[k] === label) continue
      const point = rowOf(points, k)
      const distance = norm.between(point, original)
      if (distance < nearest.get(i)!) {
        nearest.set(i, distance)
        if (distance <= epsilon) outcome.found(i, point)
      }
      for (let j = 0; j < point.length; j++) point[j] = original[j]! + BACK * (point[j]! - original[j]!)
    }
    if (!Number.isFinite(epsilon)) continue
    const stay = [...active.keys()].filter(k => !outcome.adversarial[active[k]!.i])
    if (stay.length === active.length) continue
    points = gatherRows(points, stay)
    active = stay.map(k => active[k]!)
  }
}

/** Per walker the nearest of the linearised boundaries to its classes, leaving [0, 1] aside. */
async function nearestPlanes(
  { session, norm, outcome }: Walk,
  walkers: readonly Walker[],
  points: FloatTensor,
): Promise<readonly Plane[]> {
  const labels = labelTensor(Int32Array.from(walkers, ({ label }) => label))
  const planes: (Plane & { readonly distance: number })[] = []
  const choices = walkers[0]!.classes.length
  for (let rank = 0; rank < choices; rank++) {
    const targets = labelTensor(Int32Array.from(walkers, ({ classes }) => classes[rank]!))
    const answer = await session.run({ [IMAGES]: points, [LABELS]: labels, [TARGETS]: targets })
    outcome.asked(walkers.map(({ i }) => i))
    const [margins, gradients] = [asFloat32(answer[LOSS]!).data, asFloat32(answer[LOSS_GRADIENT]!)]
    for (const k of walkers.keys()) {
      const [normal, gap] = [rowOf(gradients, k), margins[k]!]
      const distance = choices === 1 ? 0 : Math.abs(gap) / (norm.dual(normal) + 1e-12)
      if (rank === 0 || distance < planes[k]!.distance) planes[k] = { normal, gap, distance }
    }
  }
  return planes
}
