// The package in one import, for Node: index.ts, and what reads and writes files.

export { openCheckpoint } from './checkpoint/index.node.ts'
export { loadClassifier } from './classifier/index.node.ts'
export { emoji16 } from './data/emoji16/index.node.ts'
export { openCueConflict, openIdx, openImageFolder } from './data/index.node.ts'
export { decodeImage, encodePng } from './image/index.node.ts'
export * from './index.ts'
export { readOnnxFile, writeOnnxFile } from './onnx/index.node.ts'
export { readStudy, writeReport } from './report/index.node.ts'
export { type NodeRuntimeOptions, nodeRuntime } from './runtime/node.ts'
export { runStudy } from './study/index.node.ts'
export { trainInFolder } from './train/index.node.ts'
