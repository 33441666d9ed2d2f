// Public names of synthesis in Node.

export { exhibitFiles, writeExhibit } from './files.node.ts'
export * from './index.ts'
