// What `silhouette attack` says about a run: per radius the robust accuracy and the success over all images and over
// those that were classified rightly before, with how near and after how many questions.

import { mergedWarnings, warningText } from '../attack/index.ts'
import type { PieceFacts } from '../attack/pieces.node.ts'
import { type Estimate, quantile, wilson } from '../probe/statistics.ts'
import { table } from './table.ts'

export interface EpsilonSummary {
  readonly epsilon: number
  /** Still classified as their label, of all images; in a targeted attack absent. */
  readonly robustAccuracy?: Estimate
  /** Adversarial, of all images. */
  readonly success: Estimate
  /** Adversarial, of those classified rightly before; absent where none was, and in a targeted attack. */
  readonly successOnRight?: Estimate
  /** Of the adversarial ones that had to be moved; undefined when there is none. */
  readonly medianDistance?: number
  readonly meanQueries: number
  /** Of another network: accuracy before, and misclassified now of those that it had right. */
  readonly transfer?: { readonly cleanAccuracy: Estimate; readonly successOnRight?: Estimate }
}

export interface AttackSummary {
  readonly images: number
  readonly cleanAccuracy?: Estimate
  readonly epsilons: readonly EpsilonSummary[]
  /** AutoAttack's attacks, over all radii. */
  readonly stages: readonly { readonly attack: string; readonly attempted: number; readonly broken: number }[]
  readonly warnings: readonly string[]
}

/** @param pieces in order; all with the same radii */
export function summarise(pieces: readonly PieceFacts[], targeted: boolean): AttackSummary {
  const right = pieces.flatMap(piece => piece.right)
  const there = pieces.flatMap(piece => piece.rightThere ?? [])
  const images = right.length
  const share = (hits: readonly boolean[], of: readonly boolean[]) => {
    const n = of.filter(Boolean).length
    return n === 0 ? undefined : wilson(hits.filter((hit, i) => hit && of[i]).length, n)
  }
  const everyone = right.map(() => true)
  const epsilons = (pieces[0]?.points ?? []).map(({ epsilon }, k): EpsilonSummary => {
    const points = pieces.map(piece => piece.points[k]!)
    const adversarial = points.flatMap(point => point.adversarial)
    const moved = points.flatMap(point => point.distance).filter((d, i) => adversarial[i] && d > 0)
    const queries = points.flatMap(point => point.queries)
    const transferred = points.flatMap(point => point.transferred ?? [])
    const successOnRight = share(adversarial, right)
    const successThere = share(transferred, there)
    return {
      epsilon,
      success: wilson(adversarial.filter(Boolean).length, images),
      ...(!targeted && {
        robustAccuracy: wilson(right.filter((r, i) => r && !adversarial[i]).length, images),
      }),
      ...(!targeted && successOnRight && { successOnRight }),
      ...(moved.length > 0 && { medianDistance: quantile(Float64Array.from(moved).sort(), 0.5) }),
      meanQueries: queries.reduce((sum, q) => sum + q, 0) / images,
      ...(there.length > 0 && {
        transfer: {
          cleanAccuracy: share(there, everyone)!,
          ...(successThere && { successOnRight: successThere }),
        },
      }),
    }
  })
  const stages = new Map<string, { attack: string; attempted: number; broken: number }>()
  for (const { attack, attempted, broken } of pieces.flatMap(piece => piece.stages)) {
    const sum = stages.get(attack) ?? { attack, attempted: 0, broken: 0 }
    stages.set(attack, { attack, attempted: sum.attempted + attempted, broken: sum.broken + broken })
  }
  return {
    images,
    ...(!targeted && { cleanAccuracy: wilson(right.filter(Boolean).length, images) }),
    epsilons,
    stages: [...stages.values()],
    warnings: mergedWarnings(
      pieces.flatMap(piece => piece.warnings),
      images,
    ).map(warningText),
  }
}

/** The summary as lines. @param eps the radii as the user wrote them, ascending */
export function summaryText(summary: AttackSummary, eps: readonly string[]): string {
  const rows = summary.epsilons.map((point, k) => [
    eps[k]!,
    percent(point.robustAccuracy),
    percent(point.success),
    percent(point.successOnRight),
    ...(point.transfer ? [percent(point.transfer.successOnRight)] : []),
    point.medianDistance?.toPrecision(4) ?? '-',
    point.meanQueries.toFixed(0),
  ])
  const transfer = summary.epsilons.some(point => point.transfer) ? ['success there, of those right'] : []
  const head = [
    'eps',
    'robust accuracy %',
    'success, all %',
    'of those right before %',
    ...transfer,
    'median distance',
    'queries',
  ]
  const clean = summary.cleanAccuracy ? `; clean accuracy ${percent(summary.cleanAccuracy)} %` : ''
  const stages = summary.stages.map(
    ({ attack, attempted, broken }) => `${attack} broke ${broken} of ${attempted}\n`,
  )
  return [
    `${summary.images} images${clean}\n`,
    table(
      [head, ...rows],
      head.map((_, i) => i),
    ),
    ...stages,
    ...summary.warnings.map(message => `warning: ${message}\n`),
  ].join('')
}

function percent(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '-'
  const { value, low, high } = estimate
  const p = (share: number) => (100 * share).toFixed(1)
  return `${p(value)} [${p(low)}, ${p(high)}]`
}
