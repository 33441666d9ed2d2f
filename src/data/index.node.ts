// Public names of the data layer in Node.

export { type CueConflictFolder, type CueConflictOptions, openCueConflict } from './cue-conflict.node.ts'
export { fashionMnistClasses, type IdxOptions, openIdx } from './idx.node.ts'
export { type FolderDataset, type FolderOptions, openImageFolder } from './image-folder.node.ts'
export * from './index.ts'
