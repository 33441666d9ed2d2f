// Every gradient rule, by operator. One family per file; an operator stands in one of them only.

import type { Rule, RuleTable } from '../rule.ts'
import { activation } from './activation.ts'
import { arithmetic } from './arithmetic.ts'
import { convolution } from './conv.ts'
import { einsums } from './einsum.ts'
import { elementwise } from './elementwise.ts'
import { layerNorm } from './layer-norm.ts'
import { linear } from './linear.ts'
import { norm } from './norm.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { nonlinearReductions } from './reduce-nonlinear.ts'
import { resizing } from './resize.ts'
import { select } from './select.ts'
import { shape } from './shape.ts'

const families: readonly RuleTable[] = [
  activation,
  arithmetic,
  convolution,
  einsums,
  elementwise,
  layerNorm,
  linear,
  nonlinearReductions,
  norm,
  pool,
  reduce,
  resizing,
  select,
  shape,
]

/** The rule of each operator; those of other domains under `domain:Op`. */
export const rules: ReadonlyMap<string, Rule> = new Map(families.flatMap(family => Object.entries(family)))
