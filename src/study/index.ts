// What other folders use of studies. In Node, index.node.ts adds what reads and writes files.

export { checkedConfig, parseConfig, StudyConfig } from './config.ts'
export { defaultConfig } from './default-config.ts'
export { Finding, findings, headline, type Measures, type Pair, Verdict } from './findings.ts'
export type { Ledger } from './ledger.ts'
export { type Plan, type Planned, planStudy } from './plan.ts'
export { type FinishedTask, type RunOptions, type RunResult, runTasks } from './run.ts'
export { type Picture, Study, Summary } from './study.ts'
export type { StudyData } from './study-data.ts'
export { Answers, findingsOf, summarise } from './summary.ts'
export { canonicalJson, type Outcome, type Task, type TaskIdentity, taskHash } from './task.ts'
