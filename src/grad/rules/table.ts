// Every gradient rule, by operator. One family per file; an operator stands in one of them only.

import type { Rule, RuleTable } from '../rule.ts'
import { convolution } from './conv.ts'
import { elementwise } from './elementwise.ts'
import { linear } from './linear.ts'
import { norm } from './norm.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { shape } from './shape.ts'

const families: readonly RuleTable[] = [convolution, elementwise, linear, norm, pool, reduce, shape]

/** The rule of each operator; those of other domains under `domain:Op`. */
export const rules: ReadonlyMap<string, Rule> = new Map(families.flatMap(family => Object.entries(family)))
