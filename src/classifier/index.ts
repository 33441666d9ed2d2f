// What other folders use of classifiers.

export { type Classifier, IMAGES, type Layer, LOGITS, type LossGradient, type Unit } from './classifier.ts'
export { type ClassifierSource, createClassifier } from './create.ts'
export { discoverLayers } from './discover.ts'
export { type FoldedGraph, foldPreprocessing } from './fold.ts'
export { Preprocessing } from './preprocessing.ts'
