// Square Attack (Andriushchenko et al. 2020): random search with squares of noise. It asks for logits only, so it
// serves networks whose operators have no gradient, and tells whether a gradient-based attack was misled.

import { stackRows } from '../tensor/gather.ts'
import type { Random } from '../tensor/random.ts'
import { type Attack, checkBatch, requireCount, requireRadius } from './attack.ts'
import { margins, predictions } from './criterion.ts'
import { type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'
import { type ImageShape, squareMoves } from './square-moves.ts'

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
  const norm = norms[options.norm]
  const moves = squareMoves[options.norm]
  const { outcome } = await Outcome.begin(model, batch)
  const [, ...shape] = batch.images.shape as [number, ...ImageShape]

  /** Logits' margins of the label at `points`; whoever is misclassified is found. */
  const ask = async (places: readonly number[], points: readonly Float32Array[]) => {
    const logits = await model.logits(stackRows(points, shape))
    outcome.asked(places)
    const labels = Int32Array.from(places, i => batch.labels[i]!)
    for (const [k, decision] of predictions(logits).entries())
      if (decision !== labels[k]) outcome.found(places[k]!, points[k])
    return margins(logits, labels)
  }

  for (let restart = 0; restart < restarts; restart++) {
    const searches = outcome.open().map(i => {
      const original = outcome.original(i)
      const draws = random.fork(`square ${restart} ${i}`)
      return { i, original, draws, best: moves.start(original, shape, epsilon, draws), margin: 0 }
    })
    let active = searches
    const first = await ask(
      active.map(({ i }) => i),
      active.map(({ best }) => best),
    )
    for (const [k, search] of active.entries()) search.margin = first[k]!
    for (let iteration = 0; iteration < iterations; iteration++) {
      signal?.throwIfAborted()
      active = active.filter(({ i }) => !outcome.adversarial[i])
      if (active.length === 0) break
      const area = initialArea * shareAt(iteration)
      const points = active.map(({ best, original, draws }) =>
        moves.move(best, original, shape, epsilon, area, draws),
      )
      const found = await ask(
        active.map(({ i }) => i),
        points,
      )
      for (const [k, search] of active.entries()) {
        if (found[k]! >= search.margin) continue
        search.margin = found[k]!
        search.best = points[k]!
      }
    }
  }
  return outcome.result(norm)
}

/** After which proposals the area of the squares halves (section 4 of the paper, for 10,000 proposals). */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]

const shareAt = (iteration: number) => 0.5 ** halvings.filter(from => iteration > from).length
