// Opens a checkpoint of whatever format: the first bytes decide, not the file's name.

import { InputError } from '../errors/input-error.ts'
import { canonicalNames } from './names.ts'
import { isSafetensors, readSafetensors } from './safetensors.ts'
import type { ByteSource } from './source.ts'
import { findStateDict } from './state-dict.ts'
import type { Checkpoint } from './stored.ts'
import { isTorchLegacy, readTorchLegacy } from './torch-legacy.ts'
import { readTorchZip } from './torch-zip.ts'
import { isZip } from './zip.ts'

export interface CheckpointOptions {
  /** The key under which the weights are (`model`, `ema`). Default: looked for, averaged weights first. */
  readonly part?: string
}

/**
 * The weights in a checkpoint: PyTorch's (`.pt`, `.pth`, `.ckpt`, `.bin`, zip or legacy) or safetensors. Nothing
 * in it is executed. Tensors are read from `source` when asked for; closing the checkpoint closes it.
 * @throws InputError for another format, a damaged file, or one without weights; `source` is closed then.
 */
export function readCheckpoint(source: ByteSource, options: CheckpointOptions = {}): Checkpoint {
  try {
    return { ...weightsIn(source, options), close: () => source.close() }
  } catch (error) {
    source.close()
    throw error
  }
}

function weightsIn(source: ByteSource, { part }: CheckpointOptions): Omit<Checkpoint, 'close'> {
  if (isSafetensors(source)) {
    const { tensors, metadata } = readSafetensors(source)
    return { format: 'safetensors', part: '', tensors: canonicalNames(tensors), metadata }
  }
  const format = isZip(source) ? 'torch' : isTorchLegacy(source) ? 'torch-legacy' : undefined
  if (format === undefined)
    throw new InputError(
      `${source.name} is no checkpoint: expected what torch.save writes (.pt, .pth) or a .safetensors file`,
    )
  const saved = format === 'torch' ? readTorchZip(source) : readTorchLegacy(source)
  const found = findStateDict(saved, part)
  if (found.tensors.size === 0) throw new InputError(`${source.name} holds no weights${where(saved, part)}`)
  return { format, part: found.part, tensors: canonicalNames(found.tensors), metadata: new Map() }
}

function where(saved: unknown, part: string | undefined): string {
  const keys =
    saved instanceof Map ? [...saved.keys()].filter(key => typeof key === 'string').slice(0, 8) : []
  return `${part === undefined ? '' : ` under ${part}`}${keys.length > 0 ? ` (it has ${keys.join(', ')})` : ''}`
}
