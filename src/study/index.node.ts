// What other folders use of studies in Node.

export * from './index.ts'
export { fileLedger } from './ledger.node.ts'
export { runFiles } from './run-files.node.ts'
export { runStudy, type StudyOptions, type StudyOutcome } from './study.node.ts'
