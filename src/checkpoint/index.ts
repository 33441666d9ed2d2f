// What other folders use of checkpoints. `file.node.ts` adds reading by path.

export { NumpyArray, type PickleOptions, readPickle } from './pickle/read.ts'
export { Global, Opaque } from './pickle/values.ts'
export { type CheckpointOptions, readCheckpoint } from './read.ts'
export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.ts'
export { type ByteSource, memorySource } from './source.ts'
export { type Checkpoint, type StoredTensor, toFloat32 } from './stored.ts'
