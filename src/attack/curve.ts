// Robust accuracy against the radius: one attack at several radii, smallest first. An image that falls to a small
// perturbation falls to any larger one, so it is attacked no further and the curve never rises.

import type { Classifier } from '../classifier/classifier.ts'
import { requireInput } from '../errors/input-error.ts'
import { type AttackBatch, type AttackResult, checkBatch, requireRadius } from './attack.ts'
import { type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'

export interface CurvePoint {
  readonly epsilon: number
  /** What stands at this radius; `queries` are those of this radius and all smaller ones. */
  readonly result: AttackResult
}

/**
 * @param attack attacks a batch at a radius
 * @throws InputError when there is no radius, or one that is not a number above 0.
 */
export async function robustnessCurve(
  model: Classifier,
  batch: AttackBatch,
  norm: NormName,
  epsilons: readonly number[],
  attack: (batch: AttackBatch, epsilon: number) => Promise<AttackResult>,
): Promise<CurvePoint[]> {
  requireInput(epsilons.length > 0, 'a curve needs at least one radius')
  for (const epsilon of epsilons) requireRadius(epsilon)
  checkBatch(model, batch)
  const { outcome } = await Outcome.begin(model, batch)
  const points: CurvePoint[] = []
  for (const epsilon of [...new Set(epsilons)].sort((a, b) => a - b)) {
    await outcome.attackOpen(batch, rest => attack(rest, epsilon))
    const { images, adversarial, queries } = outcome
    points.push({
      epsilon,
      result: {
        images: { ...images, data: images.data.slice() },
        adversarial: [...adversarial],
        distance: norms[norm].distance(images, batch.images),
        queries: queries.slice(),
      },
    })
  }
  return points
}
