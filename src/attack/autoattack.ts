// AutoAttack (Croce & Hein 2020, Reliable evaluation of adversarial robustness with an ensemble of diverse
// parameter-free attacks): several attacks without settings to tune, each on what the others left standing.

import { requireInput } from '../errors/input-error.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Random } from '../tensor/random.ts'
import { apgd } from './apgd.ts'
import { type Attack, checkBatch, requireCount, requireRadius } from './attack.ts'
import { expectation } from './expectation.ts'
import { fab } from './fab.ts'
import type { NormName } from './norm.ts'
import { square } from './square.ts'
import {
  type AttackWarning,
  probabilitiesWarning,
  randomisedWarning,
  squareWarnings,
  zeroGradientWarning,
} from './warnings.ts'
import { type NamedAttack, type WorstCaseResult, worstCase } from './worst-case.ts'

export const autoAttackMembers = ['apgd-ce', 'apgd-dlr', 'apgd-t', 'fab', 'fab-t', 'square'] as const
export type AutoAttackMember = (typeof autoAttackMembers)[number]

export const autoAttackVersions = ['standard', 'plus', 'rand', 'custom'] as const
export type AutoAttackVersion = (typeof autoAttackVersions)[number]

export interface AutoAttackOptions {
  readonly norm: NormName
  /** Radius of the ball, in pixel units of [0, 1]. */
  readonly epsilon: number
  readonly random: Random
  /**
   * Which attacks: `standard` (APGD-CE, APGD-T, FAB-T, Square), `plus` (APGD-CE and -DLR with five starts, FAB with
   * five, Square, APGD-T, FAB-T), `rand` (APGD-CE and -DLR on the mean of twenty draws), `custom` ({@link members}).
   */
  readonly version?: AutoAttackVersion
  /** For `custom`: these, in this order. */
  readonly members?: readonly AutoAttackMember[]
  /** Iterations of all but Square, default 100. */
  readonly iterations?: number
  /** Proposals of Square, default 5000. */
  readonly queries?: number
  /** Draws of `rand`, default 20. */
  readonly draws?: number
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

export interface AutoAttackResult extends WorstCaseResult {
  readonly warnings: readonly AttackWarning[]
}

const memberLists: Readonly<Record<Exclude<AutoAttackVersion, 'custom'>, readonly AutoAttackMember[]>> = {
  standard: ['apgd-ce', 'apgd-t', 'fab-t', 'square'],
  plus: ['apgd-ce', 'apgd-dlr', 'fab', 'square', 'apgd-t', 'fab-t'],
  rand: ['apgd-ce', 'apgd-dlr'],
}

/** Classes the targeted attacks try; starts in `plus`. */
const [TARGETS, STARTS] = [9, 5]
/** Classes that the losses look at: see loss.ts. */
const classesNeeded: Readonly<Partial<Record<AutoAttackMember, number>>> = { 'apgd-dlr': 3, 'apgd-t': 4 }

/**
 * The attack. Members that need more classes than the network has are left out, with a warning.
 * @throws InputError for bad options, images or labels, and where an operator has no gradient while a member other
 *   than Square is asked for.
 */
export async function autoAttack(
  ...[classifier, batch, options]: Parameters<Attack<AutoAttackOptions>>
): Promise<AutoAttackResult> {
  const { norm, epsilon, random, version = 'standard', iterations = 100, queries = 5000 } = options
  const { draws = 20, progress = silent, signal } = options
  requireRadius(epsilon)
  requireCount('iterations', iterations)
  requireCount('queries', queries)
  checkBatch(classifier, batch)
  const members = membersOf(version, options.members)
  const warnings: AttackWarning[] = []
  const fitting = members.filter(member => (classesNeeded[member] ?? 2) <= classifier.classes.length)
  if (fitting.length < members.length) {
    const count = members.length - fitting.length
    warnings.push({ kind: 'too-few-classes', count, of: members.length })
  }
  const wanted = [
    version === 'rand' ? undefined : await randomisedWarning(classifier, batch),
    await probabilitiesWarning(classifier, batch),
    fitting.some(member => member !== 'square') ? await zeroGradientWarning(classifier, batch) : undefined,
  ]
  warnings.push(...wanted.filter(warning => warning !== undefined))

  const model = version === 'rand' ? expectation(classifier, draws) : classifier
  const targetClasses = Math.min(TARGETS, model.classes.length - 1)
  const restarts = version === 'plus' ? STARTS : 1
  const common = { norm, epsilon, iterations, ...(signal && { signal }) }
  const runs: Readonly<Record<AutoAttackMember, (random: Random) => NamedAttack['run']>> = {
    'apgd-ce': r => (m, b) => apgd(m, b, { ...common, random: r, restarts }),
    'apgd-dlr': r => (m, b) => apgd(m, b, { ...common, random: r, restarts, loss: 'dlr' }),
    'apgd-t': r => (m, b) => apgd(m, b, { ...common, random: r, targetClasses }),
    fab: r => (m, b) => fab(m, b, { ...common, random: r, restarts }),
    'fab-t': r => (m, b) => fab(m, b, { ...common, random: r, targetClasses }),
    square: r => (m, b) => square(m, b, { ...common, random: r, iterations: queries }),
  }
  const task = progress.start('AutoAttack', fitting.length, 'attacks')
  const attacks = fitting.map(
    (name): NamedAttack => ({
      name,
      run: async (m, b) => {
        const result = await runs[name](random.fork(name))(m, b)
        task.advance(1, name)
        return result
      },
    }),
  )
  const result = await worstCase(model, batch, norm, attacks)
  task.end()
  warnings.push(...squareWarnings(result.stages, batch.labels.length, queries))
  return { ...result, warnings }
}

function membersOf(
  version: AutoAttackVersion,
  members: readonly AutoAttackMember[] | undefined,
): readonly AutoAttackMember[] {
  if (version !== 'custom') {
    requireInput(members === undefined, `version ${version} has its own attacks: choose custom to name some`)
    return memberLists[version]
  }
  requireInput(members !== undefined && members.length > 0, 'version custom needs the attacks it consists of')
  return members
}
