// What other folders use of the attacks.

export { type ApgdOptions, apgd } from './apgd.ts'
export type { Attack, AttackBatch, AttackResult } from './attack.ts'
export {
  type AutoAttackMember,
  type AutoAttackOptions,
  type AutoAttackResult,
  type AutoAttackVersion,
  autoAttack,
  autoAttackMembers,
  autoAttackVersions,
} from './autoattack.ts'
export { type CarliniWagnerOptions, carliniWagner } from './carlini-wagner.ts'
export { checkLabels, predictions } from './criterion.ts'
export { type CurvePoint, robustnessCurve } from './curve.ts'
export { type DeepFoolOptions, deepFool } from './deepfool.ts'
export { toEightBit } from './eight-bit.ts'
export { expectation } from './expectation.ts'
export { type FabOptions, fab } from './fab.ts'
export { type UntargetedLoss, untargetedLosses } from './loss.ts'
export { type MaskingOptions, type MaskingResult, maskingCheck, maskingChecks } from './masking.ts'
export { minimalDistance } from './minimal-distance.ts'
export { type AttackName, type AttackSettings, attackNames } from './named.ts'
export { type NormName, norms } from './norm.ts'
export { defaultStepSize, type FgsmOptions, fgsm, miFgsm, type PgdOptions, pgd } from './pgd.ts'
export { type RunSettings, runAttack } from './run.ts'
export { chosenAttacks } from './several.ts'
export { type SquareOptions, square } from './square.ts'
export { attackStepGraph } from './step.ts'
export { type AttackWarning, mergedWarnings, warningText } from './warnings.ts'
export { type NamedAttack, type Stage, type WorstCaseResult, worstCase } from './worst-case.ts'
