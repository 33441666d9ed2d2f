// torch.save since PyTorch 1.6: a zip file with a pickle and one entry per storage.

import { InputError } from '../errors/input-error.ts'
import { byteSize } from '../tensor/dtype.ts'
import { readPickle } from './pickle/read.ts'
import { Opaque } from './pickle/values.ts'
import type { ByteSource } from './source.ts'
import { storageReference, TorchStorage, torchConstructors } from './torch-tensor.ts'
import { readZip } from './zip.ts'

const largestPickle = 256 * 2 ** 20

/**
 * The value that was saved; its tensors are read from `source` when asked for.
 * @throws InputError when it is damaged, or no archive of torch.save.
 */
export function readTorchZip(source: ByteSource): unknown {
  const entries = readZip(source)
  const name = [...entries.keys()].find(key => /(^|\/)data\.pkl$/.test(key))
  const pickle = name === undefined ? undefined : entries.get(name)
  if (name === undefined || pickle === undefined)
    throw new InputError(
      `${source.name} is a zip file, but not one that torch.save wrote: it has no data.pkl`,
    )
  const root = name.slice(0, -'data.pkl'.length)
  if (entries.has(`${root}constants.pkl`))
    throw new InputError(`${source.name} is a TorchScript archive: save the model's state_dict() instead`)
  const order = entries.get(`${root}byteorder`)
  if (order && new TextDecoder().decode(order.read(0, Math.min(order.size, 16))) !== 'little')
    throw new InputError(`${source.name} was written on a big-endian machine, which is not supported`)
  if (pickle.size > largestPickle)
    throw new InputError(`${source.name} has a pickle of ${pickle.size} bytes: save the state_dict alone`)

  return readPickle(pickle.read(0, pickle.size), {
    constructors: torchConstructors,
    persistent(id) {
      const reference = storageReference(id)
      if (!reference || reference.view) return new Opaque('storage', [id])
      const { dtype, key, length } = reference
      const entry = entries.get(`${root}data/${key}`)
      const bytes = length * byteSize(dtype)
      if (entry?.size !== bytes)
        throw new InputError(
          `${source.name} is damaged: storage ${key} should have ${bytes} bytes, found ${entry?.size ?? 'none'}`,
        )
      return new TorchStorage({ dtype, length, read: (from, count) => entry.read(from, count) })
    },
  })
}
