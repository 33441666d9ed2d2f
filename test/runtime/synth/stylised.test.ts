// Images in the style of others as a data set: what a study asks both networks about.

import { describe, expect, test } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { Batch, Dataset } from '../../../src/data/dataset.ts'
import { accuracy } from '../../../src/probe/index.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { stylisedTask } from '../../../src/study/evidence/stylised.ts'
import { roles } from '../../../src/study/pair.ts'
import { stylised } from '../../../src/synth/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

const [side, images] = [32, 6]
const area = side * side

/** Red with vertical stripes (class 0) and blue with horizontal ones (class 1), in turns. */
const pixels = new Float32Array(images * 3 * area)
for (let i = 0; i < images; i++) {
  for (let p = 0; p < area; p++) {
    const along = i % 2 === 0 ? p % side : Math.floor(p / side)
    pixels[(3 * i + (i % 2 === 0 ? 0 : 2)) * area + p] = along % 4 < 2 ? 1 : 0.4
  }
}
const labels = Int32Array.from({ length: images }, (_, i) => i % 2)
const data = memoryDataset('stripes', float32([images, 3, side, side], pixels), labels, 2)
const runtime = nodeRuntime({ threads: 1 })

async function all(set: Dataset, batchSize: number, limit?: number): Promise<Batch[]> {
  const out: Batch[] = []
  for await (const batch of set.batches({ batchSize, ...(limit !== undefined && { limit }) })) out.push(batch)
  return out
}

const mean = (plane: Float32Array) => plane.reduce((sum, value) => sum + value, 0) / plane.length

describe('images in the style of others', () => {
  test('take on the colours of another class under their own names and labels', async () => {
    const set = stylised(data, images, side, runtime, { atOnce: 4 })
    expect(set).toMatchObject({ size: images, classes: data.classes })
    const batches = await all(set, 64)
    // As many at once as are made together.
    expect(batches.map(batch => batch.labels.length)).toEqual([4, 2])
    expect(batches.flatMap(({ names }) => names)).toEqual(Array.from({ length: images }, (_, i) => String(i)))
    for (const { images: pictures, labels: own } of batches) {
      for (const [i, label] of own.entries()) {
        const [red, blue] = [0, 2].map(c =>
          mean(pictures.data.subarray((3 * i + c) * area, (3 * i + c + 1) * area)),
        )
        const [kept, taken] = label === 0 ? [red!, blue!] : [blue!, red!]
        // 0.7 and 0 before.
        expect(kept).toBeLessThan(0.6)
        expect(taken).toBeGreaterThan(0.15)
      }
    }
    expect(batches.every(({ images: { data: values } }) => values.every(v => v >= 0 && v <= 1))).toBe(true)

    // Kept, whatever the batches.
    const small = await all(set, 3, 5)
    expect(small.map(batch => batch.labels.length)).toEqual([3, 1, 1])
    expect(small[1]!.images.data).toEqual(batches[0]!.images.data.subarray(9 * area, 12 * area))
  })

  test('are a part of the images, the same ones with the same bytes every time', async () => {
    const [first, second] = [stylised(data, 3, side, runtime), stylised(data, 3, side, runtime)]
    expect(first.fingerprint).toBe(second.fingerprint)
    expect(first.fingerprint).not.toBe(stylised(data, 4, side, runtime).fingerprint)
    const [[a], [b]] = [await all(first, 8), await all(second, 8)]
    expect(a!.names).toHaveLength(3)
    expect(b).toEqual(a)
    for (const [i, name] of a!.names.entries()) expect(a!.labels[i]).toBe(Number(name) % 2)
  })

  test('are asked of both networks of a study by one task', async () => {
    const network = (seed: number) =>
      createClassifier({
        ...buildNetwork('mini-alex', { classes: 2, size: side, width: 4, random: new Random(seed) }),
        name: `${seed}`,
        classes: data.classes,
        runtime,
      })
    const models = { standard: await network(1), robust: await network(2) }
    const task = stylisedTask(data, 3, models, 0)!
    expect(task.identity.models).toEqual({
      standard: models.standard.fingerprint,
      robust: models.robust.fingerprint,
    })
    const answerOf = () => {
      throw new Error('needs no answer')
    }
    const { result } = await task.run({ progress: silent, signal: undefined, answerOf })
    const set = stylised(data, 3, side, runtime)
    for (const role of roles) {
      const alone = await accuracy({ data: set }).run({
        model: models[role],
        random: new Random(0),
        progress: silent,
      })
      expect(result[role]).toEqual(alone)
      await models[role].dispose()
    }
  })
})
