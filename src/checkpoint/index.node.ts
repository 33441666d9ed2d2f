// What other folders use of checkpoints in Node.

export { openCheckpoint } from './file.node.ts'
export * from './index.ts'
