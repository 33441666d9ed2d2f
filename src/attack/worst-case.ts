// The worst case over several attacks: an image is robust when it withstands all of them. Each attack gets only the
// images that the ones before it left standing.

import type { Classifier } from '../classifier/classifier.ts'
import type { AttackBatch, AttackResult } from './attack.ts'
import { type NormName, norms } from './norm.ts'
import { Outcome } from './outcome.ts'

/** An attack with all its settings but the images. */
export interface NamedAttack {
  readonly name: string
  run(model: Classifier, batch: AttackBatch): Promise<AttackResult>
}

/** What one attack of several did. */
export interface Stage {
  readonly attack: string
  /** Images it was given, all of them still classified rightly. */
  readonly attempted: number
  /** How many of these it made adversarial. */
  readonly broken: number
  /** Questions to the network about each image it was given, in their order. */
  readonly queries: Int32Array
  /** Whether each of these is adversarial now. */
  readonly adversarial: readonly boolean[]
}

export interface WorstCaseResult extends AttackResult {
  readonly stages: readonly Stage[]
}

/** Images that are misclassified to begin with are returned as they are. */
export async function worstCase(
  model: Classifier,
  batch: AttackBatch,
  norm: NormName,
  attacks: readonly NamedAttack[],
): Promise<WorstCaseResult> {
  const { outcome } = await Outcome.begin(model, batch)
  const stages: Stage[] = []
  for (const { name, run } of attacks) {
    const result = await outcome.attackOpen(batch, rest => run(model, rest))
    if (result === undefined) break
    const { adversarial, queries } = result
    const broken = adversarial.filter(Boolean).length
    stages.push({ attack: name, attempted: adversarial.length, broken, queries, adversarial })
  }
  return { ...outcome.result(norms[norm]), stages }
}
