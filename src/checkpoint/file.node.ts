// Checkpoints by path.

import { type CheckpointOptions, readCheckpoint } from './read.ts'
import { fileSource } from './source.node.ts'
import type { Checkpoint } from './stored.ts'

/** {@link readCheckpoint} on a file, of which only what is asked for is read. The caller closes it. */
export function openCheckpoint(path: string, options: CheckpointOptions = {}): Checkpoint {
  return readCheckpoint(fileSource(path), options)
}
