// What other folders use of ONNX graphs in Node.

export { readOnnxFile, writeOnnxFile } from './file.node.ts'
export * from './index.ts'
