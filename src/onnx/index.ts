// What other folders use of ONNX graphs. In Node, index.node.ts adds files, external data included.

export { GraphBuilder } from './builder.ts'
export { checkGraph } from './check.ts'
export { prune, renameValues, replaceOutputs, weightsAsInputs } from './edit.ts'
export type { Attribute, Dim, Graph, Node, ValueInfo } from './graph.ts'
export { inferShapes, type ValueType } from './infer.ts'
export { printGraph } from './print.ts'
export { type ReadOptions, readOnnx } from './read.ts'
export { CURRENT_OPSET } from './schema.ts'
export { writeOnnx } from './write.ts'
