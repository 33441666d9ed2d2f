import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openCueConflict } from '../../../src/data/cue-conflict.node.ts'
import { sixteenCategories } from '../../../src/data/imagenet.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { pictures, put } from '../../support/picture-folder.ts'

const real = '../shared/data/texture-vs-shape/cue-conflict'

const square = (side: number) =>
  ({ size: [side, side], resize: 'exact', filter: 'bilinear', crop: 'none' }) as const

describe('openCueConflict', () => {
  it('reads shape and texture from the names and drops pictures without a conflict', async () => {
    const root = await pictures([
      'cat/cat1-dog3.png',
      'cat/cat10-cat2.png',
      'dog/dog2-cat1.png',
      'dog/dog3-dog4.png',
    ])
    const dataset = await openCueConflict(root)
    expect([dataset.size, dataset.dropped]).toEqual([2, 2])
    expect([...dataset.textures]).toEqual([1, 0])
    const labels: number[] = []
    for await (const batch of dataset.batches({ batchSize: 1 })) labels.push(...batch.labels)
    expect(labels).toEqual([0, 1])
  })

  it('keeps textures beside their images when some are chosen or skipped', async () => {
    const names = ['bear', 'cat', 'dog']
    const root = await pictures(
      names.flatMap(s => names.flatMap(t => [1, 2].map(i => `${s}/${s}${i}-${t}${i}.png`))),
    )
    put(root, 'bear/bear1-cat1.png', 'rubbish')
    const dataset = await openCueConflict(root, {
      skipBad: true,
      only: ['bear', 'dog'],
      sample: { count: 7, seed: 3 },
    })
    let at = 0
    for await (const batch of dataset.batches({ batchSize: 2 })) {
      for (const name of batch.names) {
        expect(name).toContain(`-${dataset.classes[dataset.textures[at++]!]}`)
      }
    }
    expect(at).toBe(dataset.size)
  })

  it('resizes only where the network takes another size', async () => {
    const root = await pictures(['cat/cat1-dog1.png', 'dog/dog1-cat1.png'], [8, 8], false)
    const shapeOf = async (size?: number) => {
      const dataset = await openCueConflict(root, size === undefined ? {} : { preprocessing: square(size) })
      for await (const { images } of dataset.batches({ batchSize: 2 }))
        return { shape: images.shape, pixels: images.data, resized: dataset.resized }
      throw new Error('no batch')
    }
    const [asTheyAre, same, smaller] = [await shapeOf(), await shapeOf(8), await shapeOf(4)]
    expect(same).toEqual(asTheyAre)
    expect(same.resized).toBe(false)
    expect(smaller).toMatchObject({ shape: [2, 3, 4, 4], resized: true })
  })

  it.each([
    ['a name that says nothing', 'cat/holiday.png', /must say shape and texture, such as cat1-bird3\.png/],
    ['another shape than its folder', 'cat/dog1-cat2.png', /the folder says shape cat, the name dog/],
    ['an unknown texture', 'cat/cat1-zebra2.png', /zebra is not a class \(known: cat, dog\)/],
  ])('refuses a file with %s', async (_, path, message) => {
    const root = await pictures(['cat/cat1-dog3.png', 'dog/dog1-cat1.png', path])
    await expect(openCueConflict(root)).rejects.toThrow(InputError)
    await expect(openCueConflict(root)).rejects.toThrow(message)
  })

  it.skipIf(!existsSync(real))('finds the 1,200 conflicts of the real stimuli, as they are', async () => {
    const dataset = await openCueConflict(real, { classes: sixteenCategories })
    expect([dataset.size, dataset.dropped]).toEqual([1200, 80])
    const shapes = new Int32Array(16)
    const textures = new Int32Array(16)
    for (const texture of dataset.textures) textures[texture]!++
    for await (const { images, labels, names } of dataset.batches({ batchSize: 32, limit: 64 })) {
      expect(images.shape).toEqual([32, 3, 224, 224])
      for (const [i, name] of names.entries())
        expect(name.startsWith(`${sixteenCategories[labels[i]!]}/`)).toBe(true)
      for (const label of labels) shapes[label]!++
    }
    expect([...textures].every(n => n === 75)).toBe(true)
  })
})
