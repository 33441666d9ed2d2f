import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openIdx } from '../../../src/data/idx.node.ts'
import { readIdx } from '../../../src/data/idx.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { mutate } from '../../support/mutate.ts'
import { put, temporaryFolder } from '../../support/picture-folder.ts'

const fashion = '/usr/share/datasets/fashion-mnist'

function idx(type: number, shape: readonly number[], body: readonly number[]): Uint8Array {
  const header = shape.flatMap(d => [d >>> 24, (d >>> 16) & 255, (d >>> 8) & 255, d & 255])
  return Uint8Array.of(0, 0, type, shape.length, ...header, ...body)
}

const images = idx(8, [3, 2, 2], [0, 51, 102, 153, 1, 2, 3, 4, 255, 254, 253, 252])
const labels = idx(8, [3], [2, 0, 1])

describe('readIdx', () => {
  it('reads big-endian elements of every type', () => {
    expect([...readIdx(idx(0x08, [2], [1, 255])).data]).toEqual([1, 255])
    expect([...readIdx(idx(0x09, [2], [1, 255])).data]).toEqual([1, -1])
    expect([...readIdx(idx(0x0b, [2], [1, 2, 255, 254])).data]).toEqual([258, -2])
    expect([...readIdx(idx(0x0c, [1], [0, 1, 0, 0])).data]).toEqual([65536])
    expect([...readIdx(idx(0x0d, [1], [0x3f, 0xc0, 0, 0])).data]).toEqual([1.5])
    expect([...readIdx(idx(0x0e, [1], [0xbf, 0xe0, 0, 0, 0, 0, 0, 0])).data]).toEqual([-0.5])
    expect(readIdx(images).shape).toEqual([3, 2, 2])
  })

  it.each([
    ['nothing', new Uint8Array(0), /not an IDX file/],
    ['another magic', Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 0), /not an IDX file/],
    ['an unknown type', Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0), /not an IDX file/],
    ['a cut header', images.subarray(0, 9), /cut short inside the header, which takes 16 bytes; found 9/],
    ['a cut body', images.subarray(0, 20), /uint8 \[3, 2, 2\] takes 12 bytes .* found 4; it is cut short/],
    ['bytes left over', Uint8Array.of(...images, 0), /bytes left over/],
    ['absurd sizes', idx(8, [0xffffffff, 0xffffffff, 0xffffffff], [1]), /cut short/],
  ])('names what is wrong with %s', (_, bytes, message) => {
    expect(() => readIdx(bytes)).toThrow(InputError)
    expect(() => readIdx(bytes)).toThrow(message)
  })

  it('survives 5,000 mutated files with an InputError or an array', () => {
    for (const bytes of mutate([images, labels, idx(0x0d, [1, 1], [0, 0, 0, 0])], 5000, 3)) {
      try {
        const t = readIdx(bytes)
        expect(t.data.length).toBe(elementCount(t.shape))
      } catch (error) {
        expect(error).toBeInstanceOf(InputError)
      }
    }
  })
})

describe('openIdx', () => {
  function folder(pack: (bytes: Uint8Array) => Uint8Array, suffix: string, split = 't10k') {
    const root = temporaryFolder()
    put(root, `${split}-images-idx3-ubyte${suffix}`, pack(images))
    put(root, `${split}-labels-idx1-ubyte${suffix}`, pack(labels))
    return root
  }

  it.each([
    ['plain', (b: Uint8Array) => b, ''],
    ['.gz', (b: Uint8Array) => new Uint8Array(gzipSync(b)), '.gz'],
  ])('reads %s files, grey as three channels', async (_, pack, suffix) => {
    const dataset = await openIdx(folder(pack, suffix))
    expect(dataset.classes).toEqual(['0', '1', '2'])
    for await (const batch of dataset.batches({ batchSize: 3 })) {
      expect(batch.images.shape).toEqual([3, 3, 2, 2])
      expect([...batch.labels]).toEqual([2, 0, 1])
      expect(Array.from(batch.images.data.subarray(0, 12), v => Math.round(v * 255))).toEqual([
        0, 51, 102, 153, 0, 51, 102, 153, 0, 51, 102, 153,
      ])
    }
  })

  it('resizes', async () => {
    const geometry = { size: [4, 4], resize: 'exact', filter: 'nearest', crop: 'none' } as const
    const dataset = await openIdx(
      folder(b => b, '', 'train'),
      geometry,
      { split: 'train' },
    )
    for await (const { images } of dataset.batches({ batchSize: 1, limit: 1 })) {
      expect(Array.from(images.data.subarray(0, 8), v => Math.round(v * 255))).toEqual([
        0, 0, 51, 51, 0, 0, 51, 51,
      ])
    }
  })

  it('has a fingerprint that notices a changed pixel, label or class list', async () => {
    const one = folder(b => b, '')
    const print = async (root: string, classes?: string[]) =>
      (await openIdx(root, undefined, { classes })).fingerprint
    const before = await print(one)
    expect(await print(folder(b => b, ''))).toBe(before)
    expect(await print(one, ['a', 'b', 'c'])).not.toBe(before)
    put(one, 't10k-images-idx3-ubyte', images.with(20, 9))
    const after = await print(one)
    expect(after).not.toBe(before)
    put(one, 't10k-labels-idx1-ubyte', labels.with(8, 1))
    expect(await print(one)).not.toBe(after)
  })

  it('says which file is missing, damaged or does not fit', async () => {
    const root = temporaryFolder()
    await expect(openIdx(root)).rejects.toThrow(/neither t10k-images-idx3-ubyte nor .*\.gz is there/)
    put(root, 't10k-images-idx3-ubyte.gz', gzipSync(images).subarray(0, 20))
    await expect(openIdx(root)).rejects.toThrow(/images-idx3-ubyte\.gz: damaged/)
    put(root, 't10k-images-idx3-ubyte.gz', gzipSync(images))
    put(root, 't10k-labels-idx1-ubyte', idx(8, [2], [0, 1]))
    await expect(openIdx(root)).rejects.toThrow(/3 images, but 2 labels/)
    put(root, 't10k-labels-idx1-ubyte', images)
    await expect(openIdx(root)).rejects.toThrow(/labels with 1, found 3 and 3/)
  })

  it('refuses labels out of range', async () => {
    const root = folder(b => b, '')
    await expect(openIdx(root, undefined, { classes: ['a', 'b'] })).rejects.toThrow(
      /label 2 of image 0 is not a class; 2 classes are numbered from 0/,
    )
  })

  it.skipIf(!existsSync(fashion))('reads Fashion-MNIST from the Debian package', async () => {
    const dataset = await openIdx(fashion)
    expect([dataset.name, dataset.size, dataset.classes[9]]).toEqual([
      'fashion-mnist-test',
      10_000,
      'ankle boot',
    ])
    for await (const { images, labels } of dataset.batches({ batchSize: 5, limit: 5 })) {
      expect(images.shape).toEqual([5, 3, 28, 28])
      expect([...labels]).toEqual([9, 2, 1, 1, 6])
    }
  })
})
