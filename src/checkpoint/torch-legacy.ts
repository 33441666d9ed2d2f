// torch.save before PyTorch 1.6: pickles one after the other (magic number, protocol, system, the value, the
// keys of its storages), then the storages.

import { InputError } from '../errors/input-error.ts'
import { byteSize } from '../tensor/dtype.ts'
import { readPickleAt } from './pickle/read.ts'
import { Opaque } from './pickle/values.ts'
import type { ByteSource } from './source.ts'
import { storageReference, TorchStorage, torchConstructors } from './torch-tensor.ts'

const MAGIC = 0x1950a86a20f9469cfc6cn
/** Its bytes, as LONG1 writes them behind `0x80 protocol 0x8a 10`. */
const magicBytes = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

/** Whether `source` starts with the pickled magic number. */
export function isTorchLegacy(source: ByteSource): boolean {
  if (source.size < 14) return false
  const head = source.read(0, 14)
  return head[0] === 0x80 && head[2] === 0x8a && magicBytes.every((byte, i) => head[4 + i] === byte)
}

/**
 * The value that was saved; its tensors are read from `source` when asked for.
 * @throws InputError when it is damaged.
 */
export function readTorchLegacy(source: ByteSource): unknown {
  // Where the pickles end shows only in reading them: start with a little and go on to more.
  for (let length = 2 ** 20; ; length *= 16) {
    try {
      return readHead(source, source.read(0, Math.min(length, source.size)))
    } catch (error) {
      if (!(error instanceof InputError) || length >= source.size || length >= 2 ** 28) throw error
    }
  }
}

function readHead(source: ByteSource, head: Uint8Array): unknown {
  const lengths = new Map<string, number>()
  const starts = new Map<string, number>()
  const persistent = (id: unknown) => {
    if (Array.isArray(id) && id[0] === 'module') return id[1]
    const reference = storageReference(id)
    if (!reference) return new Opaque('storage', [id])
    const { dtype, key, length, view = { offset: 0, length } } = reference
    const size = byteSize(dtype)
    lengths.set(key, length * size)
    return new TorchStorage({
      dtype,
      length: view.length,
      read(from, count) {
        const start = starts.get(key)
        if (start === undefined) throw new InputError(`${source.name} is damaged: storage ${key} is missing`)
        return source.read(start + view.offset * size + from, count)
      },
    })
  }
  let at = 0
  const next = (): unknown => {
    const { value, end } = readPickleAt(head, { at, constructors: torchConstructors, persistent })
    at = end
    return value
  }
  if (next() !== MAGIC) throw new InputError(`${source.name} is damaged: its magic number is wrong`)
  next()
  const system = next()
  if (system instanceof Map && system.get('little_endian') === false)
    throw new InputError(`${source.name} was written on a big-endian machine, which is not supported`)
  const value = next()
  const keys = next()
  if (!Array.isArray(keys)) throw new InputError(`${source.name} is damaged: it does not list its storages`)
  locate(source, keys, lengths, at, starts)
  return value
}

/** Fills `starts`: each storage is its number of elements in eight bytes, then the elements. */
function locate(
  source: ByteSource,
  keys: readonly unknown[],
  lengths: ReadonlyMap<string, number>,
  from: number,
  starts: Map<string, number>,
): void {
  let at = from
  for (const key of keys) {
    const length = typeof key === 'string' ? lengths.get(key) : undefined
    if (typeof key !== 'string' || length === undefined)
      throw new InputError(`${source.name} is damaged: it lists a storage that nothing uses`)
    starts.set(key, at + 8)
    at += 8 + length
  }
  if (at > source.size)
    throw new InputError(`${source.name} is cut: ${at} bytes expected, found ${source.size}`)
}
