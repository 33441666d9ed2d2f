import { expect, it } from 'vitest'
import type { Batch, Dataset } from '../../../src/data/dataset.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { TrainingSet } from '../../../src/train/training-set.ts'

/** `size` images `[3, 4, 5]` whose bytes count upwards, in batches of 2. */
function counting(size: number, shapeOf: (i: number) => readonly number[] = () => [3, 4, 5]): Dataset {
  return {
    name: 'counting',
    classes: ['a', 'b'],
    size,
    fingerprint: 'f',
    async *batches({ limit = size }): AsyncIterable<Batch> {
      for (let i = 0; i < limit; i += 2) {
        const n = Math.min(2, limit - i)
        const shape = [n, ...shapeOf(i)]
        const data = Float32Array.from({ length: elementCount(shape) }, (_, k) => ((i * 60 + k) % 256) / 255)
        yield { images: float32(shape, data), labels: Int32Array.of(i % 2, 1).subarray(0, n), names: [] }
      }
    },
  }
}

const none = { crop: 0, flip: false }
const options = { progress: silent }
const image = (i: number) => Float32Array.from({ length: 60 }, (_, k) => ((i * 60 + k) % 256) / 255)

it('gives back the very values of 8-bit images, in the order asked for', async () => {
  const set = await TrainingSet.read(counting(7), options)
  expect(set.source).toEqual({ name: 'counting', fingerprint: 'f', images: 7 })
  const batch = set.batch(Uint32Array.of(5, 0), none, new Random(0))
  expect(batch.images.shape).toEqual([2, 3, 4, 5])
  expect(batch.images.data.subarray(0, 60)).toEqual(image(5))
  expect(batch.images.data.subarray(60)).toEqual(image(0))
  expect(Array.from(batch.labels)).toEqual([1, 0])
})

it('crops by whole pixels with zeros outside, and mirrors', async () => {
  const set = await TrainingSet.read(counting(2), options)
  const original = image(0)
  const seen = new Set<string>()
  const random = new Random(1)
  for (let draw = 0; draw < 200; draw++) {
    const { data } = set.batch(Uint32Array.of(0), { crop: 1, flip: true }, random).images
    // Find the one (down, right, mirror) that explains the image.
    const explained = [-1, 0, 1].flatMap(down =>
      [-1, 0, 1].flatMap(right =>
        [false, true]
          .filter(mirror =>
            data.every((value, i) => {
              const [x, y, c] = [i % 5, Math.floor(i / 5) % 4, Math.floor(i / 20)]
              const [column, row] = [(mirror ? 4 - x : x) - right, y - down]
              const inside = column >= 0 && column < 5 && row >= 0 && row < 4
              return value === (inside ? original[c * 20 + row * 5 + column] : 0)
            }),
          )
          .map(mirror => `${down} ${right} ${mirror}`),
      ),
    )
    expect(explained).toHaveLength(1)
    seen.add(explained[0]!)
  }
  expect(seen.size).toBe(18)
})

it('greys a square that may reach over the border, and nothing else', async () => {
  const set = await TrainingSet.read(counting(2), options)
  const original = image(0)
  const random = new Random(0)
  const sizes = new Set<number>()
  for (let draw = 0; draw < 100; draw++) {
    const { data } = set.batch(Uint32Array.of(0), { ...none, cutout: 2 }, random).images
    const grey = [...data.keys()].filter(i => data[i] === 0.5)
    expect(data.every((value, i) => value === 0.5 || value === original[i])).toBe(true)
    const rows = new Set(grey.map(i => Math.floor(i / 5) % 4))
    const columns = new Set(grey.map(i => i % 5))
    expect(grey).toHaveLength(3 * rows.size * columns.size)
    expect(Math.max(...rows) - Math.min(...rows)).toBe(rows.size - 1)
    sizes.add(rows.size * columns.size)
  }
  expect([...sizes].sort()).toEqual([1, 2, 4])
})

it('refuses images of several sizes and an empty set', async () => {
  await expect(
    TrainingSet.read(
      counting(4, i => [3, 4 + i, 5]),
      options,
    ),
  ).rejects.toThrow('images of counting must have one size: found [3, 4, 5] and [3, 6, 5]')
  await expect(TrainingSet.read(counting(0), options)).rejects.toThrow('no images to train on')
})
