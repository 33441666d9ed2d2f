// DeepFool (Moosavi-Dezfooli, Fawzi & Frossard 2016): goes straight over the nearest of the linearised decision
// boundaries until one is crossed. Looks for a near adversarial image, not for one in a given ball. Follows
// foolbox's conventions: the ten likeliest classes, a small overshoot, steps that add up from the original.

import { IMAGES } from '../classifier/classifier.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import { rowOf, stackRows } from '../tensor/gather.ts'
import { asFloat32 } from '../tensor/tensor.ts'
import { type Attack, checkBatch, requireCount } from './attack.ts'
import { predictions, rankedClasses } from './criterion.ts'
import { TARGETS } from './loss.ts'
import { LOSS_GRADIENT, lossGradientGraph } from './loss-gradient.ts'
import { clip, type Norm, type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'
import { labelTensor } from './step.ts'

export interface DeepFoolOptions {
  readonly norm: NormName
  /** An image counts as adversarial within this distance only; default: any. */
  readonly epsilon?: number
  /** Default 50. */
  readonly steps?: number
  /** How many of the likeliest classes are considered, default 10. */
  readonly candidates?: number
  /** How far past the boundary to go, relative to the way there; default 0.02. */
  readonly overshoot?: number
  readonly signal?: AbortSignal
}

/** Added to every distance, and to every norm that divides. */
const [EXTRA, TINY] = [1e-4, 1e-8]

/**
 * The attack. Images leave the batch when they are misclassified.
 * @throws InputError for bad options, images or labels.
 */
export const deepFool: Attack<DeepFoolOptions> = async (model, batch, options) => {
  const { epsilon = Number.POSITIVE_INFINITY, steps = 50, overshoot = 0.02, signal } = options
  checkBatch(model, batch)
  requireCount('steps', steps)
  requireCount('candidates', options.candidates ?? 10, 2)
  const candidates = Math.min(options.candidates ?? 10, model.classes.length)
  const norm = norms[options.norm]
  const session = await model.derived('loss gradient margin-targeted', graph =>
    lossGradientGraph(graph, 'margin-targeted'),
  )
  const { outcome, logits } = await Outcome.begin(model, batch)
  const shape = batch.images.shape.slice(1)
  let active = outcome.open().map(i => {
    const original = outcome.original(i)
    const classes = rankedClasses(logits, i).slice(0, candidates)
    return { i, original, classes, total: new Float32Array(original.length), point: original }
  })
  for (let step = 0; step < steps && active.length > 0; step++) {
    signal?.throwIfAborted()
    const images = stackRows(
      active.map(({ point }) => point),
      shape,
    )
    const from = labelTensor(Int32Array.from(active, ({ classes }) => classes[0]!))
    const ways = active.map((): Way => ({ distance: Number.POSITIVE_INFINITY, gradient: nothing }))
    for (let rank = 1; rank < candidates; rank++) {
      const to = labelTensor(Int32Array.from(active, ({ classes }) => classes[rank]!))
      const answer = await session.run({ [IMAGES]: images, [LABELS]: from, [TARGETS]: to })
      outcome.asked(active.map(({ i }) => i))
      const [differences, gradients] = [asFloat32(answer[LOSS]!).data, asFloat32(answer[LOSS_GRADIENT]!)]
      for (const [k, way] of ways.entries()) {
        const gradient = rowOf(gradients, k)
        const distance = Math.abs(differences[k]!) / (norm.dual(gradient) + TINY)
        if (distance < way.distance) ways[k] = { distance, gradient }
      }
    }
    for (const [k, search] of active.entries()) {
      const { original, total } = search
      const { distance, gradient } = ways[k]!
      const scale = distance + EXTRA
      add(total, gradient, scale, norm)
      search.point = original.map((value, j) => clip(value + (1 + overshoot) * total[j]!))
    }
    const after = await model.logits(
      stackRows(
        active.map(({ point }) => point),
        shape,
      ),
    )
    outcome.asked(active.map(({ i }) => i))
    const now = predictions(after)
    active = active.filter(({ i, original, point }, k) => {
      if (now[k] === batch.labels[i]) return true
      if (norm.between(point, original) <= epsilon) outcome.found(i, point)
      return false
    })
  }
  return outcome.result(norm)
}

/** The nearest boundary: how far, and the gradient of the difference of logits that it is the zero of. */
interface Way {
  readonly distance: number
  readonly gradient: Float32Array
}

const nothing = new Float32Array(0)

/** `total += scale *` the direction in which the difference grows fastest. */
function add(total: Float32Array, gradient: Float32Array, scale: number, norm: Norm): void {
  if (norm.name === 'Linf') {
    for (let j = 0; j < total.length; j++) total[j]! += scale * Math.sign(gradient[j]!)
    return
  }
  const share = scale / (norm.length(gradient) + TINY)
  for (let j = 0; j < total.length; j++) total[j]! += share * gradient[j]!
}
