// Public names of the data layer that work everywhere. In Node, index.node.ts adds what reads folders.

export { type ByteImages, bytesDataset, checkLabels, type TensorImages, tensorDataset } from './arrays.ts'
export { type BrodenImage, readBrodenIndex, readBrodenLabels } from './broden.ts'
export { type CifarBatch, readCifarBinary, readCifarNames, readCifarPickle } from './cifar.ts'
export type { Concept, ConceptBatch, ConceptDataset, ConceptMasks } from './concepts.ts'
export { type Row, readCsv, writeCsv } from './csv.ts'
export type { Batch, BatchOptions, CueConflictDataset, Dataset } from './dataset.ts'
export { distorted } from './distorted.ts'
export { readIdx } from './idx.ts'
export {
  imagenetNames,
  imagenetWnids,
  sixteenCategories,
  sixteenDecisions,
  sixteenIndices,
  sixteenScores,
} from './imagenet.ts'
export { type NpyLayout, readNpy, readNpyLayout, writeNpy } from './npy.ts'
export type { Selection } from './source.ts'
export {
  cuesOfName,
  NO_RESPONSE,
  readTrials,
  subjectName,
  type Trial,
  trialsPath,
  writeTrials,
} from './trials.ts'
