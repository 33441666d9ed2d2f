import { describe, expect, it } from 'vitest'
import { bytesDataset, tensorDataset } from '../../../src/data/arrays.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { float32, tensor } from '../../../src/tensor/tensor.ts'

const classes = ['a', 'b']
const images = float32(
  [3, 3, 1, 2],
  Array.from({ length: 18 }, (_, i) => i / 18),
)

describe('tensorDataset', () => {
  it('gives the tensor out in batches', async () => {
    const dataset = await tensorDataset({ name: 'mine', classes, images, labels: [0, 1, 0] })
    const seen: number[] = []
    const names: string[] = []
    for await (const batch of dataset.batches({ batchSize: 2 })) {
      seen.push(...batch.images.data)
      names.push(...batch.names)
    }
    expect(Float32Array.from(seen)).toEqual(images.data)
    expect(names).toEqual(['mine-00000', 'mine-00001', 'mine-00002'])
  })

  it('takes labels as npy files hold them', async () => {
    const dataset = await tensorDataset({
      name: 'mine',
      classes,
      images,
      labels: BigInt64Array.of(1n, 0n, 1n),
    })
    for await (const { labels } of dataset.batches({ batchSize: 3 })) expect([...labels]).toEqual([1, 0, 1])
  })

  it.each([
    ['too few labels', { labels: [0, 1] }, /3 images, but 2 labels/],
    ['a label out of range', { labels: [0, 1, 2] }, /label 2 of image 2 is not a class/],
    ['a negative label', { labels: [0, -1, 1] }, /label -1 of image 1/],
    ['a label that is no integer', { labels: [0, 0.5, 1] }, /label|image 1/],
    [
      'values of 0..255',
      { images: float32([1, 3, 1, 1], [0, 128, 255]), labels: [0] },
      /found 128 in image 0; divide/,
    ],
    ['NaN', { images: float32([1, 3, 1, 1], [0, Number.NaN, 1]), labels: [0] }, /found NaN/],
    ['one channel', { images: float32([1, 1, 1, 3], [0, 0, 1]), labels: [0] }, /must be \[n, 3, h, w\]/],
  ])('refuses %s', async (_, change, message) => {
    const set = { ...{ name: 'mine', classes, images, labels: [0, 1, 0] }, ...change }
    await expect(tensorDataset(set)).rejects.toThrow(InputError)
    await expect(tensorDataset(set)).rejects.toThrow(message)
  })
})

describe('bytesDataset', () => {
  it('reads interleaved and planar pixels alike', async () => {
    const [h, w] = [2, 3]
    const planar = Uint8Array.from({ length: 2 * 3 * h * w }, (_, i) => i * 7)
    const mixed = new Uint8Array(planar.length)
    for (let n = 0; n < 2; n++) {
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < h * w; i++) mixed[n * 18 + i * 3 + c] = planar[n * 18 + c * 6 + i]!
    }
    const labels = Int32Array.of(1, 0)
    const one = await bytesDataset({
      name: 'x',
      classes,
      images: tensor('uint8', [2, h, w, 3], mixed),
      labels,
    })
    const two = await bytesDataset({
      name: 'x',
      classes,
      images: tensor('uint8', [2, 3, h, w], planar),
      planar: true,
      labels,
    })
    for (const dataset of [one, two]) {
      for await (const { images } of dataset.batches({ batchSize: 2 })) {
        expect(images.shape).toEqual([2, 3, h, w])
        expect(Array.from(images.data, v => Math.round(v * 255))).toEqual([...planar])
      }
    }
    expect(one.fingerprint).not.toBe(two.fingerprint)
  })
})
