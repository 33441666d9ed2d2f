// What other folders use of training. In Node, index.node.ts adds runs in a folder, which can be resumed.

export { AdversarialRecipe, Provenance, Recipe, Schedule, type TrainingData } from './recipe.ts'
export { bestEpoch, stopReason } from './robust-validation.ts'
export {
  type EpochLog,
  initialState,
  logCsv,
  type TrainingState,
  trainedGraph,
  trainedWeights,
} from './state.ts'
export { type TrainOptions, train } from './train.ts'
export { TrainingSet } from './training-set.ts'
