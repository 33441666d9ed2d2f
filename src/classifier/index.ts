// What other folders use of classifiers.

export { checkOnData, type DataReport } from './check-data.ts'
export { type Classifier, IMAGES, type Layer, LOGITS, type LossGradient, type Unit } from './classifier.ts'
export { type ClassifierSource, createClassifier } from './create.ts'
export { discoverLayers } from './discover.ts'
export { ensembleOf } from './ensemble.ts'
export { type FoldedGraph, foldPreprocessing } from './fold.ts'
export { type Inspection, inspect } from './inspect.ts'
export { type Lint, type LintCode, lintModel } from './lint.ts'
export { Manifest, type ModelManifest, mergeManifests } from './manifest.ts'
export { Preprocessing } from './preprocessing.ts'
export { type LayerSummary, type NetworkSummary, summarise } from './summary.ts'
