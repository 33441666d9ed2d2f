// Public names of the data layer in Node.

export { type AdversarialSet, openAdversarialSet, writeAdversarialSet } from './adversarial-set.node.ts'
export { type BrodenOptions, openBroden } from './broden.node.ts'
export { type CifarOptions, cifar10Classes, openCifar, openCifarC } from './cifar.node.ts'
export {
  type CorruptedFiles,
  type CorruptFolderOptions,
  corruptFolder,
  readOverlays,
} from './corrupt.node.ts'
export { type CorruptedSets, type OpenedLevel, openCorruptedSets } from './corrupted-sets.node.ts'
export { type CueConflictFolder, type CueConflictOptions, openCueConflict } from './cue-conflict.node.ts'
export { fashionMnistClasses, type IdxOptions, openIdx } from './idx.node.ts'
export { type FolderDataset, type FolderOptions, openImageFolder } from './image-folder.node.ts'
export { type CorruptionLevel, corruptionLevels, openImageNetC } from './imagenet-c.node.ts'
export * from './index.ts'
export { openStimuli, type Stimuli } from './model-vs-human.node.ts'
export { readTrialFolders } from './trial-files.node.ts'
