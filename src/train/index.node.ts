// What other folders use of training in Node.

export { openTrainingData, type TrainingDatasets } from './data.node.ts'
export * from './index.ts'
export { type FinishedRun, type RunOptions, trainInFolder } from './run.node.ts'
