// How near the nearest adversarial image is that an attack with a given radius finds.

import type { Classifier } from '../classifier/classifier.ts'
import { rowOf } from '../tensor/gather.ts'
import { type AttackBatch, type AttackResult, partOf, requireCount } from './attack.ts'
import { robustnessCurve } from './curve.ts'
import type { NormName } from './norm.ts'

/**
 * The nearest adversarial image of an attack that works at a given radius, by bisection: of `2^steps` equal radii up
 * to `largest`, each image gets the smallest at which the attack succeeds. Images at the same stage with the same
 * radius are attacked together.
 * @returns images, flags at `largest`, and per image the distance of the nearest adversarial image found.
 */
export async function minimalDistance(
  model: Classifier,
  batch: AttackBatch,
  norm: NormName,
  { largest, steps }: { readonly largest: number; readonly steps: number },
  attack: (batch: AttackBatch, epsilon: number) => Promise<AttackResult>,
): Promise<AttackResult> {
  requireCount('steps', steps)
  const [point] = await robustnessCurve(model, batch, norm, [largest], attack)
  const { images, adversarial, distance, queries } = point!.result
  // Brackets in units of largest / 2^steps: fails below low, succeeds at high.
  let brackets = [...adversarial.keys()]
    .filter(i => adversarial[i] && distance[i]! > 0)
    .map(i => ({ i, low: 0, high: 2 ** steps }))
  for (let step = 0; step < steps; step++) {
    const groups = new Map<number, typeof brackets>()
    for (const bracket of brackets) {
      const middle = (bracket.low + bracket.high) / 2
      groups.set(middle, [...(groups.get(middle) ?? []), bracket])
    }
    const next: typeof brackets = []
    for (const [middle, group] of groups) {
      const places = group.map(({ i }) => i)
      const result = await attack(partOf(batch, places), (largest * middle) / 2 ** steps)
      for (const [k, { i, low, high }] of group.entries()) {
        queries[i]! += result.queries[k]!
        next.push(result.adversarial[k] ? { i, low, high: middle } : { i, low: middle, high })
        if (!result.adversarial[k] || result.distance[k]! >= distance[i]!) continue
        distance[i] = result.distance[k]!
        rowOf(images, i).set(rowOf(result.images, k))
      }
    }
    brackets = next
  }
  return { images, adversarial, distance, queries }
}
