// The checkpoint readers with files to damage, for the fuzz tests.

import { readFileSync } from 'node:fs'
import { memorySource, NumpyArray, readCheckpoint, readPickle } from '../../src/checkpoint/index.ts'
import { InputError } from '../../src/errors/input-error.ts'
import { elementCount } from '../../src/tensor/shape.ts'

interface Reader {
  files(): Uint8Array[]
  read(bytes: Uint8Array): void
}

const load = (...names: string[]) =>
  names.map(name => new Uint8Array(readFileSync(`test/fixtures/checkpoint/${name}`)))

function readAll(bytes: Uint8Array): void {
  const { tensors } = readCheckpoint(memorySource(bytes, 'damaged'))
  // A file may describe a large expanded tensor; only a network of that shape would read it.
  for (const stored of tensors.values()) if (elementCount(stored.shape) < 1e6) stored.read()
}

export const checkpointReaders: Readonly<Record<string, Reader>> = {
  torch: {
    files: () => load('layouts.pt', 'layouts-protocol4.pt', 'robustness.pt', 'module.pt'),
    read: readAll,
  },
  'torch-legacy': { files: () => load('layouts-legacy.pth'), read: readAll },
  safetensors: { files: () => load('layouts.safetensors'), read: readAll },
  pickle: {
    files: () => [0, 1, 2, 3, 4, 5].flatMap(p => load(`values-${p}.pkl`, `arrays-${p}.pkl`)),
    read(bytes) {
      const value = readPickle(bytes)
      if (value instanceof Map)
        for (const array of value.values()) if (array instanceof NumpyArray) array.tensor()
    },
  },
}

/** Whether `read` took the bytes; false for an InputError, and any other error is thrown on. */
export function survives(bytes: Uint8Array, read: (bytes: Uint8Array) => void): boolean {
  try {
    read(bytes)
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}
