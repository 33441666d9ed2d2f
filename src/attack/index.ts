// What other folders use of the attacks.

export { type ApgdOptions, apgd } from './apgd.ts'
export type { Attack, AttackBatch, AttackResult } from './attack.ts'
export { checkLabels, predictions } from './criterion.ts'
export { type NormName, norms } from './norm.ts'
export { defaultStepSize, type FgsmOptions, fgsm, type PgdOptions, pgd } from './pgd.ts'
export { attackStepGraph } from './step.ts'
