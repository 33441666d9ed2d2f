// What other folders use of reports in Node.

export { readStudy, writeReport } from './file.node.ts'
export * from './index.ts'
