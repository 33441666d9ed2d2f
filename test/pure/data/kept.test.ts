import { expect, test } from 'vitest'
import type { Batch, Dataset } from '../../../src/data/dataset.ts'
import { kept } from '../../../src/data/kept.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

const pixels = Float32Array.from({ length: 10 * 12 }, (_, i) => i / 120)
const data = memoryDataset(
  'ten',
  float32([10, 3, 2, 2], pixels),
  Int32Array.from({ length: 10 }, (_, i) => i),
  10,
)

/** `data`, and how often it was read. */
function counted(): { set: Dataset; reads: () => number } {
  let reads = 0
  const set: Dataset = {
    ...data,
    batches(options) {
      reads++
      return data.batches(options)
    },
  }
  return { set, reads: () => reads }
}

async function all(set: Dataset, batchSize: number, limit?: number): Promise<Batch[]> {
  const out: Batch[] = []
  for await (const batch of set.batches({ batchSize, ...(limit !== undefined && { limit }) })) out.push(batch)
  return out
}

test('a kept data set gives the same batches, reading once', async () => {
  const { set, reads } = counted()
  const memory = kept(set, [2, 2])
  expect(reads()).toBe(0)
  for (const [batchSize, limit] of [[3], [10], [64], [4, 7], [1, 1]] as const) {
    expect(await all(memory, batchSize, limit)).toEqual(await all(data, batchSize, limit))
  }
  expect(reads()).toBe(1)
  expect(memory).toMatchObject({ name: 'ten', size: 10, fingerprint: data.fingerprint })
})

test('what is too large for memory is read every time', () => {
  const large = { ...data, size: 1800 }
  expect(kept(large, [224, 224])).toBe(large)
  expect(kept({ ...data, size: 1700 }, [224, 224])).not.toBe(data)
})
