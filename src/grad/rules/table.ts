// Every gradient rule, by operator. One family per file; an operator may stand in one of them only.

import type { Rule, RuleTable } from '../rule.ts'

const families: readonly RuleTable[] = []

/** The rule of each operator; those of other domains under `domain:Op`. */
export const rules: ReadonlyMap<string, Rule> = new Map(families.flatMap(family => Object.entries(family)))
