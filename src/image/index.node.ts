// Public names of the image layer in Node.

export { type DecodeOptions, decodeImage, encodeJpeg, encodePng } from './codec.node.ts'
export * from './index.ts'
