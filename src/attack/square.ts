// Square Attack (Andriushchenko et al. 2020): random search with squares of noise. It asks for logits only, so it
// serves networks whose operators have no gradient, and tells whether a gradient-based attack was misled.

import { gatherRows, rowOf, stackRows } from '../tensor/gather.ts'
import type { Random } from '../tensor/random.ts'
import { type Attack, checkBatch, requireCount, requireRadius } from './attack.ts'
import { margins, predictions } from './criterion.ts'
import { type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'
import { copyWindow, type ImageShape, type SquareSearch, squareMoves } from './square-moves.ts'

export interface SquareOptions {
  readonly norm: NormName
  /** Radius of the ball, in pixel units of [0, 1]. */
  readonly epsilon: number
  readonly random: Random
  /** Proposals per image and restart; default 5000. */
  readonly iterations?: number
  /** Default 1. */
  readonly restarts?: number
  /** Share of the image that the first squares cover; default 0.8. */
  readonly initialArea?: number
  readonly signal?: AbortSignal
}

/**
 * The attack. Images that are adversarial leave the batch at once. Each image has its own stream of random numbers,
 * so its search does not depend on the others'.
 * @throws InputError for bad options, images or labels.
 */
export const square: Attack<SquareOptions> = async (model, batch, options) => {
  const { epsilon, random, iterations = 5000, restarts = 1, initialArea = 0.8, signal } = options
  requireRadius(epsilon)
  requireCount('iterations', iterations)
  requireCount('restarts', restarts)
  checkBatch(model, batch)
  const moves = squareMoves[options.norm]
  const { outcome } = await Outcome.begin(model, batch)
  const [, ...shape] = batch.images.shape as [number, ...ImageShape]

  for (let restart = 0; restart < restarts; restart++) {
    let active = outcome.open().map((i): Search => {
      const original = outcome.original(i)
      const draws = random.fork(`square ${restart} ${i}`)
      const best = moves.start(original, shape, epsilon, draws)
      return { i, original, draws, best, spent: spentBy(best, original), margin: Number.POSITIVE_INFINITY }
    })
    // Row k is what the network is asked about active[k]: between questions, its best.
    let points = stackRows(
      active.map(({ best }) => best),
      shape,
    )
    for (let iteration = -1; iteration < iterations && active.length > 0; iteration++) {
      signal?.throwIfAborted()
      const settings = { shape, epsilon, area: initialArea * shareAt(iteration) }
      const windows = active.map((search, k) =>
        iteration < 0 ? [] : moves.propose(rowOf(points, k), search, settings),
      )
      const logits = await model.logits(points)
      outcome.asked(active.map(({ i }) => i))
      const labels = Int32Array.from(active, ({ i }) => batch.labels[i]!)
      const [decisions, found] = [predictions(logits), margins(logits, labels)]
      for (const [k, search] of active.entries()) {
        const point = rowOf(points, k)
        if (decisions[k] !== labels[k]) outcome.found(search.i, point)
        const better = found[k]! < search.margin
        for (const window of windows[k]!) {
          if (better) copyWindow(point, search.best, shape, window)
          else copyWindow(search.best, point, shape, window)
        }
        if (!better) continue
        search.margin = found[k]!
        search.spent = spentBy(point, search.original)
      }
      const stay = [...active.keys()].filter(k => !outcome.adversarial[active[k]!.i])
      if (stay.length === active.length) continue
      points = gatherRows(points, stay)
      active = stay.map(k => active[k]!)
    }
  }
  return outcome.result(norms[options.norm])
}

/** One image's search. */
interface Search extends SquareSearch {
  readonly i: number
  readonly best: Float32Array
  /** Of the best: how far the label's logit is above all others. */
  margin: number
  spent: number
}

const spentBy = (point: Float32Array, original: Float32Array) => norms.L2.between(point, original) ** 2

/** After which proposals the area of the squares halves (section 4 of the paper, for 10,000 proposals). */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]

const shareAt = (iteration: number) => 0.5 ** halvings.filter(from => iteration > from).length
