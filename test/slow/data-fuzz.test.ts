// 100,000 damaged files for each reader of data: an InputError or a well-formed value, and nothing else.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readIdx } from '../../src/data/idx.ts'
import { readNpy } from '../../src/data/npy.ts'
import { InputError } from '../../src/errors/input-error.ts'
import { decodeImage } from '../../src/image/codec.node.ts'
import { elementCount } from '../../src/tensor/shape.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import { mutate } from '../support/mutate.ts'

const COUNT = 100_000
const files = (folder: string, ending: RegExp) =>
  readdirSync(folder)
    .filter(name => ending.test(name))
    .map(name => new Uint8Array(readFileSync(`${folder}/${name}`)))

function readers(read: (bytes: Uint8Array) => Tensor, sources: readonly Uint8Array[], seed: number): number {
  let refused = 0
  for (const bytes of mutate(sources, COUNT, seed)) {
    try {
      const t = read(bytes)
      if (t.data.length !== elementCount(t.shape))
        throw new Error(`malformed: [${t.shape}], ${t.data.length}`)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      refused++
    }
  }
  return refused
}

it('npy', () => {
  expect(readers(readNpy, files('test/fixtures/npy', /npy$/), 11)).toBeGreaterThan(COUNT / 4)
})

it('IDX', () => {
  const sources = [
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8),
    Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0),
    Uint8Array.of(0, 0, 13, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0),
  ]
  expect(readers(readIdx, sources, 12)).toBeGreaterThan(COUNT / 4)
})

it('images', async () => {
  const sources = files('test/fixtures/image/decode', /(jpg|png|webp|gif|tif)$/)
  const before = process.memoryUsage().rss
  let refused = 0
  let pending: Promise<void>[] = []
  for (const bytes of mutate(sources, COUNT, 13)) {
    const reading = decodeImage(bytes).then(
      image => {
        if (image.data.length !== image.width * image.height * 3) throw new Error('malformed image')
      },
      (error: unknown) => {
        if (!(error instanceof InputError)) throw error
        refused++
      },
    )
    pending.push(reading)
    if (pending.length === 8) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
  expect(refused).toBeGreaterThan(COUNT / 4)
  // A damaged header may ask for a large picture (2^28 pixels at most), but nothing may pile up.
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30)
})
