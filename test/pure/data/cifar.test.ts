import { readFileSync, truncateSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openCifar, openCifarC } from '../../../src/data/cifar.node.ts'
import type { Dataset } from '../../../src/data/dataset.ts'
import { writeNpy } from '../../../src/data/npy.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { int64, tensor } from '../../../src/tensor/tensor.ts'
import { put, temporaryFolder } from '../../support/picture-folder.ts'

const fixture = (name: string) => new Uint8Array(readFileSync(`test/fixtures/data/cifar/${name}`))
const expected = z
  .object({ pixels: z.array(z.array(z.number())), sum: z.number() })
  .parse(JSON.parse(readFileSync('test/fixtures/data/cifar/expected.json', 'utf8')))

async function all(dataset: Dataset) {
  const labels: number[] = []
  const pixels: number[] = []
  for await (const batch of dataset.batches({ batchSize: 2 })) {
    expect(batch.images.shape.slice(1)).toEqual([3, 32, 32])
    labels.push(...batch.labels)
    for (const v of batch.images.data) pixels.push(Math.round(v * 255))
  }
  return { labels, pixels }
}

/** Three records of the binary version; pixel k of image i is (i + k) mod 251. */
function records(labelBytes: (i: number) => number[]): Uint8Array {
  const pixels = (i: number) => Array.from({ length: 3072 }, (_, k) => (i + k) % 251)
  return Uint8Array.from([0, 1, 2].flatMap(i => [...labelBytes(i), ...pixels(i)]))
}

describe('openCifar', () => {
  it.each(['python2', 'python3'])('reads the python version as %s pickles it', async version => {
    const root = temporaryFolder()
    put(root, 'test_batch', fixture(`${version}-test_batch`))
    put(root, 'batches.meta', fixture(`${version}-batches.meta`))
    const dataset = await openCifar(root)
    expect([dataset.name, dataset.size]).toEqual(['cifar10-test', 3])
    expect([dataset.classes[0], dataset.classes[9]]).toEqual(['airplane', 'truck'])
    const { labels, pixels } = await all(dataset)
    expect(labels).toEqual([3, 0, 9])
    expect(pixels.reduce((a, b) => a + b)).toBe(expected.sum)
    expect([0, 1, 2].map(i => [0, 1, 1024, 3071].map(k => pixels[i * 3072 + k]))).toEqual(expected.pixels)
  })

  it('reads the fine labels of CIFAR-100, python and binary', async () => {
    const [python, binary] = [temporaryFolder(), temporaryFolder()]
    put(python, 'test', fixture('python3-100-test'))
    expect((await all(await openCifar(python))).labels).toEqual([99, 0, 42])
    put(
      binary,
      'test.bin',
      records(i => [19, 97 + i]),
    )
    put(binary, 'fine_label_names.txt', Array.from({ length: 100 }, (_, i) => `class_${i}`).join('\n'))
    const dataset = await openCifar(binary)
    expect(dataset.classes[99]).toBe('class_99')
    expect((await all(dataset)).labels).toEqual([97, 98, 99])
  })

  it('reads the binary version, all five training batches', async () => {
    const root = temporaryFolder()
    for (const i of [1, 2, 3, 4, 5])
      put(
        root,
        `data_batch_${i}.bin`,
        records(k => [i + k]),
      )
    const { labels, pixels } = await all(await openCifar(root, undefined, { split: 'train' }))
    expect(labels).toEqual([1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7])
    expect(pixels.slice(3072 * 14, 3072 * 14 + 3)).toEqual([2, 3, 4])
  })

  it('says what is wrong', async () => {
    const root = temporaryFolder()
    await expect(openCifar(root)).rejects.toThrow(/no CIFAR test batches; expected one of test_batch\.bin/)
    put(root, 'test_batch.bin', records(() => [1]).subarray(0, 5000))
    await expect(openCifar(root)).rejects.toThrow(/test_batch\.bin: 5000 bytes are not records of 3073/)
    put(
      root,
      'test_batch.bin',
      records(() => [10]),
    )
    await expect(openCifar(root)).rejects.toThrow(/label 10 of image 0 is not a class/)
    const python = temporaryFolder()
    put(python, 'test_batch', fixture('python2-batches.meta'))
    await expect(openCifar(python)).rejects.toThrow(/expected data \(uint8 \[n, 3072\]\) and labels/)
    put(python, 'test_batch', fixture('python2-test_batch').subarray(0, 4000))
    await expect(openCifar(python)).rejects.toThrow(InputError)
  })
})

describe('openCifarC', () => {
  function folder(): string {
    const root = temporaryFolder()
    const data = Uint8Array.from({ length: 10 * 3072 }, (_, i) => Math.floor(i / 3072) * 10 + (i % 3))
    put(root, 'fog.npy', writeNpy(tensor('uint8', [10, 32, 32, 3], data)))
    // Bytes, as published.
    put(
      root,
      'labels.npy',
      writeNpy(
        tensor(
          'uint8',
          [10],
          Uint8Array.from({ length: 10 }, (_, i) => i),
        ),
      ),
    )
    return root
  }

  it('takes the rows of one severity', async () => {
    const dataset = await openCifarC(folder(), { corruption: 'fog', severity: 4 })
    const { labels, pixels } = await all(dataset)
    expect([dataset.name, ...labels]).toEqual(['fog-4', 6, 7])
    expect([pixels[0], pixels[1024], pixels[2048], pixels[3072]]).toEqual([60, 61, 62, 70])
  })

  it('says what is wrong', async () => {
    const root = folder()
    await expect(openCifarC(root, { corruption: 'fog', severity: 6 })).rejects.toThrow(
      /must be 1 to 5, found 6/,
    )
    await expect(openCifarC(root, { corruption: 'rain', severity: 1 })).rejects.toThrow(
      /rain\.npy cannot be read: no such/,
    )
    put(root, 'labels.npy', writeNpy(int64([9], [0, 1, 2, 3, 4, 5, 6, 7, 8])))
    await expect(openCifarC(root, { corruption: 'fog', severity: 1 })).rejects.toThrow(
      /10 images, but labels of shape \[9\]/,
    )
    truncateSync(`${root}/fog.npy`, 9000)
    await expect(openCifarC(root, { corruption: 'fog', severity: 1 })).rejects.toThrow(
      /9000 bytes, expected 30848; it is cut/,
    )
  })
})
