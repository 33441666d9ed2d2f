// The attacks by the name a user gives them, with the settings that each understands.

import type { Classifier } from '../classifier/classifier.ts'
import { InputError, requireInput } from '../errors/input-error.ts'
import type { Random } from '../tensor/random.ts'
import { apgd } from './apgd.ts'
import type { AttackBatch, AttackResult } from './attack.ts'
import { type AutoAttackMember, type AutoAttackVersion, autoAttack } from './autoattack.ts'
import { carliniWagner } from './carlini-wagner.ts'
import { deepFool } from './deepfool.ts'
import { fab } from './fab.ts'
import type { UntargetedLoss } from './loss.ts'
import type { NormName } from './norm.ts'
import { fgsm, miFgsm, pgd } from './pgd.ts'
import { square } from './square.ts'
import type { AttackWarning } from './warnings.ts'
import type { Stage } from './worst-case.ts'

export const attackNames = [
  'autoattack',
  'apgd',
  'fab',
  'square',
  'cw',
  'deepfool',
  'fgsm',
  'mi-fgsm',
  'pgd',
] as const
export type AttackName = (typeof attackNames)[number]

/** What may be set; what an attack does not know is an error. Undefined: the attack's own default. */
export interface AttackSettings {
  readonly norm: NormName
  /** Gradient steps (iterations); of Square, proposals. */
  readonly steps?: number | undefined
  /** pgd, mi-fgsm, cw. */
  readonly stepSize?: number | undefined
  /** pgd, apgd, fab, square. */
  readonly restarts?: number | undefined
  /** apgd, fab: likeliest wrong classes to aim at in turn. */
  readonly targetClasses?: number | undefined
  /** pgd, apgd, mi-fgsm. */
  readonly loss?: UntargetedLoss | undefined
  /** pgd: start at the images themselves. */
  readonly fromImages?: boolean | undefined
  /** pgd: keep the best iterate. */
  readonly best?: boolean | undefined
  /** pgd, mi-fgsm: let go of an image as soon as it is adversarial. */
  readonly earlyStop?: boolean | undefined
  /** pgd, fgsm, mi-fgsm: the labels are the classes to reach. */
  readonly targeted?: boolean | undefined
  /** autoattack. */
  readonly version?: AutoAttackVersion | undefined
  readonly members?: readonly AutoAttackMember[] | undefined
  /** autoattack, and square beside other attacks: proposals of Square. */
  readonly queries?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A result; of AutoAttack with what each of its attacks did, and warnings. */
export type NamedResult = AttackResult & {
  readonly stages?: readonly Stage[]
  readonly warnings?: readonly AttackWarning[]
}

export interface ChosenAttack {
  /** Looks for the nearest adversarial image: one run without a radius answers for every radius. */
  readonly nearest: boolean
  /** @param epsilon infinite: any distance, for a nearest one */
  run(model: Classifier, batch: AttackBatch, epsilon: number, random: Random): Promise<NamedResult>
}

const common = ['norm', 'steps', 'signal'] as const
/** The settings that each attack understands. */
export const attackSettings: Readonly<Record<AttackName, readonly (keyof AttackSettings)[]>> = {
  autoattack: [...common, 'version', 'members', 'queries'],
  apgd: [...common, 'restarts', 'targetClasses', 'loss'],
  fab: [...common, 'restarts', 'targetClasses'],
  square: [...common, 'restarts'],
  cw: [...common, 'stepSize'],
  deepfool: common,
  fgsm: ['norm', 'signal', 'targeted'],
  'mi-fgsm': [...common, 'stepSize', 'loss', 'targeted', 'best', 'earlyStop'],
  pgd: [...common, 'stepSize', 'restarts', 'loss', 'fromImages', 'best', 'earlyStop', 'targeted'],
}

/** Steps of PGD and MI-FGSM unless told otherwise. */
const defaultSteps: Readonly<Partial<Record<AttackName, number>>> = { pgd: 7, 'mi-fgsm': 10 }

/** @throws InputError for a setting that the attack does not know, and for cw in another norm than L2. */
export function chosenAttack(name: AttackName, settings: AttackSettings): ChosenAttack {
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined || value === false || attackSettings[name].includes(key as keyof AttackSettings))
      continue
    throw new InputError(`${name} has no setting ${key} (it knows ${attackSettings[name].join(', ')})`)
  }
  const { norm, steps, restarts, targetClasses, loss, version, members, queries } = settings
  requireInput(name !== 'cw' || norm === 'L2', `cw is an attack in L2, found ${norm}: choose --norm L2`)
  const { best, earlyStop, stepSize, targeted, fromImages } = settings
  const signal = given({ signal: settings.signal })
  const iterations = given({ iterations: steps })
  const iterative = given({ stepSize, loss, best, earlyStop })
  const toward = ({ labels }: AttackBatch) => given({ targets: targeted ? labels : undefined })
  const runs: Readonly<Record<AttackName, ChosenAttack['run']>> = {
    autoattack: (m, b, epsilon, random) =>
      autoAttack(m, b, {
        norm,
        epsilon,
        random,
        ...iterations,
        ...given({ version, members, queries }),
        ...signal,
      }),
    apgd: (m, b, epsilon, random) =>
      apgd(m, b, {
        norm,
        epsilon,
        random,
        ...iterations,
        ...given({ restarts, targetClasses, loss }),
        ...signal,
      }),
    fab: (m, b, epsilon, random) =>
      fab(m, b, { norm, epsilon, random, ...iterations, ...given({ restarts, targetClasses }), ...signal }),
    square: (m, b, epsilon, random) =>
      square(m, b, { norm, epsilon, random, ...iterations, ...given({ restarts }), ...signal }),
    cw: (m, b, epsilon) => carliniWagner(m, b, { epsilon, ...given({ steps, stepSize }), ...signal }),
    deepfool: (m, b, epsilon) => deepFool(m, b, { norm, epsilon, ...given({ steps }), ...signal }),
    fgsm: (m, b, epsilon) => fgsm(m, b, { norm, epsilon, ...toward(b) }),
    'mi-fgsm': (m, b, epsilon) =>
      miFgsm(m, b, {
        norm,
        epsilon,
        steps: steps ?? defaultSteps[name]!,
        ...iterative,
        ...toward(b),
        ...signal,
      }),
    pgd: (m, b, epsilon, random) =>
      pgd(m, b, {
        norm,
        epsilon,
        steps: steps ?? defaultSteps[name]!,
        ...iterative,
        ...given({ restarts, random: fromImages ? undefined : random }),
        ...toward(b),
        ...signal,
      }),
  }
  const nearest = name === 'cw' || name === 'deepfool' || (name === 'fab' && (restarts ?? 1) === 1)
  return { nearest, run: runs[name] }
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The members that are not undefined. */
function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>
}
