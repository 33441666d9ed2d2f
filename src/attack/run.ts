// One piece of a run over many images: attack some of them at every radius and note all that a summary needs.

import type { Classifier } from '../classifier/classifier.ts'
import type { Random } from '../tensor/random.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import type { AttackBatch, AttackResult } from './attack.ts'
import { predictions } from './criterion.ts'
import { robustnessCurve } from './curve.ts'
import { minimalDistance } from './minimal-distance.ts'
import type { ChosenAttack, NamedResult } from './named.ts'
import type { NormName } from './norm.ts'

export interface RunSettings {
  readonly attack: ChosenAttack
  readonly norm: NormName
  /** Ascending. */
  readonly epsilons: readonly number[]
  /** Look for the nearest adversarial image within the largest radius, by so many bisections. */
  readonly bisections?: number | undefined
  /** Another network that the perturbed images are shown to. */
  readonly victim?: Classifier | undefined
}

/** An attack's result at one radius. */
export interface RunPoint {
  readonly epsilon: number
  readonly result: AttackResult
  /** Whether the victim misclassifies each perturbed image. */
  readonly transferred?: readonly boolean[]
}

export interface RunResult {
  readonly right: readonly boolean[]
  readonly rightThere?: readonly boolean[]
  readonly points: readonly RunPoint[]
  /** What AutoAttack told at every radius. */
  readonly told: readonly NamedResult[]
}

/** @throws InputError for what does not fit the model. */
export async function runAttack(
  model: Classifier,
  batch: AttackBatch,
  settings: RunSettings,
  random: Random,
): Promise<RunResult> {
  const { victim } = settings
  const right = await decidesFor(model, batch.images, batch.labels)
  const told: NamedResult[] = []
  const attack = async (part: AttackBatch, epsilon: number) => {
    const result = await settings.attack.run(model, part, epsilon, random.fork(`epsilon ${epsilon}`))
    told.push(result)
    return result
  }
  const points = await pointsOf(model, batch, settings, attack)
  if (victim === undefined) return { right, points, told }
  const rightThere = await decidesFor(victim, batch.images, batch.labels)
  const shown: RunPoint[] = []
  for (const point of points) {
    const still = await decidesFor(victim, point.result.images, batch.labels)
    shown.push({ ...point, transferred: still.map(held => !held) })
  }
  return { right, rightThere, points: shown, told }
}

async function decidesFor(model: Classifier, images: FloatTensor, labels: Int32Array): Promise<boolean[]> {
  return Array.from(predictions(await model.logits(images)), (decision, i) => decision === labels[i])
}

async function pointsOf(
  model: Classifier,
  batch: AttackBatch,
  { attack: { nearest }, norm, epsilons, bisections }: RunSettings,
  attack: (part: AttackBatch, epsilon: number) => Promise<AttackResult>,
): Promise<readonly RunPoint[]> {
  const largest = epsilons.at(-1)!
  if (bisections !== undefined || nearest) {
    const search = { largest, steps: bisections ?? 0 }
    const found = nearest
      ? await attack(batch, Number.POSITIVE_INFINITY)
      : await minimalDistance(model, batch, norm, search, attack)
    return epsilons.map(epsilon => ({ epsilon, result: within(found, batch, epsilon) }))
  }
  if (epsilons.length === 1) return [{ epsilon: largest, result: await attack(batch, largest) }]
  return robustnessCurve(model, batch, norm, epsilons, attack)
}

/** Of the nearest adversarial images those no farther than `epsilon`; the others as they were. */
function within(found: AttackResult, { images }: AttackBatch, epsilon: number): AttackResult {
  const adversarial = found.adversarial.map((done, i) => done && found.distance[i]! <= epsilon)
  const size = images.data.length / Math.max(1, adversarial.length)
  const data = found.images.data.slice()
  for (const [i, done] of adversarial.entries())
    if (!done) data.set(images.data.subarray(i * size, (i + 1) * size), i * size)
  // `distance` still says how far the nearest one is that was found.
  return { ...found, images: { ...images, data }, adversarial }
}
