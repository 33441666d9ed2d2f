// What other folders use of classifiers in Node.

export * from './index.ts'
export { classifierOf, loadClassifier, type ModelFile, readModel } from './load.node.ts'
