import { mkdirSync, readFileSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../../src/data/dataset.ts'
import { openImageFolder } from '../../../src/data/image-folder.node.ts'
import { imagenetNames, imagenetWnids } from '../../../src/data/imagenet.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { noise } from '../../support/noise.ts'
import { pictures, put, temporaryFolder } from '../../support/picture-folder.ts'

const paths = ['b/2.png', 'b/10.PNG', 'B/x.png', 'a/deep/z.png', 'a/y.png', 'é/1.png']

async function all(dataset: Dataset, batchSize = 4, limit?: number) {
  const names: string[] = []
  const labels: number[] = []
  const firsts: number[] = []
  const sizes: number[] = []
  for await (const batch of dataset.batches(limit === undefined ? { batchSize } : { batchSize, limit })) {
    names.push(...batch.names)
    labels.push(...batch.labels)
    sizes.push(batch.images.shape[0]!)
    const stride = batch.images.data.length / batch.labels.length
    for (let i = 0; i < batch.labels.length; i++)
      firsts.push(Math.round(batch.images.data[i * stride]! * 255))
  }
  return { names, labels, firsts, sizes }
}

describe('openImageFolder', () => {
  it('lists classes and files in byte order, as torchvision does', async () => {
    const root = await pictures(paths)
    put(root, 'a/notes.txt', 'no image')
    put(root, 'a/.hidden.png', 'no image')
    put(root, '.git/x.png', 'no image')
    const dataset = await openImageFolder(root)
    expect(dataset.classes).toEqual(['B', 'a', 'b', 'é'])
    expect(dataset.size).toBe(6)
    expect(await all(dataset)).toEqual({
      names: ['B/x.png', 'a/y.png', 'a/deep/z.png', 'b/10.PNG', 'b/2.png', 'é/1.png'],
      labels: [0, 1, 1, 2, 2, 3],
      firsts: [2, 4, 3, 1, 0, 5],
      sizes: [4, 2],
    })
  })

  it('gives [n, 3, h, w] in the size of the preprocessing', async () => {
    const root = await pictures(['a/1.png', 'b/2.png'], [40, 30], false)
    const dataset = await openImageFolder(root, {
      size: [10, 12],
      resize: 'short-side',
      resizeTo: 16,
      filter: 'bilinear',
      crop: 'center',
    })
    for await (const { images } of dataset.batches({ batchSize: 2 }))
      expect(images.shape).toEqual([2, 3, 10, 12])
  })

  it('stops at the limit', async () => {
    const dataset = await openImageFolder(await pictures(paths))
    expect((await all(dataset, 4, 5)).sizes).toEqual([4, 1])
    expect((await all(dataset, 4, 0)).sizes).toEqual([])
  })

  it('can be left after one batch and read again', async () => {
    const dataset = await openImageFolder(await pictures(paths))
    for await (const batch of dataset.batches({ batchSize: 2 })) {
      expect(batch.labels).toHaveLength(2)
      break
    }
    expect((await all(dataset)).names).toHaveLength(6)
  })

  it('takes the class order of a model, and only some classes', async () => {
    const root = await pictures(paths)
    const classes = ['x', 'é', 'b', 'a', 'B']
    const dataset = await openImageFolder(root, undefined, { classes, only: ['a', 'é'] })
    expect(dataset.classes).toEqual(classes)
    expect((await all(dataset)).labels).toEqual([3, 3, 1])
    await expect(openImageFolder(root, undefined, { classes: ['a', 'b'] })).rejects.toThrow(
      /2 of its 4 .*: B, é/,
    )
    await expect(openImageFolder(root, undefined, { only: ['zebra'] })).rejects.toThrow(
      /no class zebra \(known: B/,
    )
  })

  it('takes folders named by WordNet id for any list of ImageNet classes', async () => {
    const root = await pictures([`${imagenetWnids[7]}/a.png`, `${imagenetWnids[999]}/b.png`])
    const dataset = await openImageFolder(root, undefined, { classes: imagenetNames })
    expect(dataset.classes[7]).toBe('cock')
    expect((await all(dataset)).labels).toEqual([7, 999])
  })

  it('turns images by EXIF only when asked, and says so in the fingerprint', async () => {
    const root = temporaryFolder()
    put(root, 'a/1.jpg', readFileSync('test/fixtures/image/decode/exif-rotated.jpg'))
    const prints = new Set<string>()
    for (const [orient, shape] of [[false, [1, 3, 45, 67]] as const, [true, [1, 3, 67, 45]] as const]) {
      const dataset = await openImageFolder(root, undefined, { orient })
      prints.add(dataset.fingerprint)
      for await (const { images } of dataset.batches({ batchSize: 1 })) expect(images.shape).toEqual(shape)
    }
    expect(prints.size).toBe(2)
  })

  it('draws the same sample for the same seed, in the order of the whole', async () => {
    const root = await pictures(Array.from({ length: 40 }, (_, i) => `c/${String(i).padStart(2, '0')}.png`))
    const draw = async (seed: number) => {
      const dataset = await openImageFolder(root, undefined, { sample: { count: 10, seed } })
      return { fingerprint: dataset.fingerprint, names: (await all(dataset)).names }
    }
    const [one, again, two] = [await draw(1), await draw(1), await draw(2)]
    expect(one).toEqual(again)
    expect(one.names).toHaveLength(10)
    expect([...one.names].sort()).toEqual(one.names)
    expect(two.names).not.toEqual(one.names)
    expect(two.fingerprint).not.toBe(one.fingerprint)
  })

  it('has a fingerprint of contents, names, classes and preprocessing, not of times and places', async () => {
    const root = await pictures(paths)
    const before = (await openImageFolder(root)).fingerprint
    expect((await openImageFolder(await pictures(paths))).fingerprint).toBe(before)
    utimesSync(`${root}/a/y.png`, 1, 1)
    expect((await openImageFolder(root)).fingerprint).toBe(before)
    const geometry = { size: [6, 8], resize: 'none', filter: 'bilinear', crop: 'center' } as const
    const fitted = (await openImageFolder(root, geometry)).fingerprint
    expect(fitted).not.toBe(before)
    expect((await openImageFolder(root, { ...geometry, size: [6, 7] })).fingerprint).not.toBe(fitted)
    const picture = noise(8, 6, 3)
    picture.data.fill(77)
    put(root, 'a/y.png', await encodePng(picture))
    expect((await openImageFolder(root)).fingerprint).not.toBe(before)
  })

  it('names empty class folders and counts them', async () => {
    const root = await pictures(paths)
    for (const name of ['void', 'none']) mkdirSync(`${root}/${name}`)
    await expect(openImageFolder(root)).rejects.toThrow(
      /2 of its 6 class folders have no images: none, void; fill/,
    )
    await expect(openImageFolder(root)).rejects.toThrow(InputError)
  })

  it.each([
    ['a missing folder', () => '/nowhere/at/all', /no such folder/],
    ['a file', () => 'package.json', /a file, expected a folder/],
    ['a folder without folders', () => temporaryFolder(), /no class folders; expected/],
  ])('refuses %s', async (_, root, message) => {
    await expect(openImageFolder(root())).rejects.toThrow(message)
  })

  it('names an unreadable image and counts the others of its batch', async () => {
    const root = await pictures(paths)
    put(root, 'b/2.png', 'rubbish')
    put(root, 'b/3.jpg', new Uint8Array(0))
    const dataset = await openImageFolder(root)
    await expect(all(dataset, 8)).rejects.toThrow(InputError)
    await expect(all(dataset, 8)).rejects.toThrow(
      /b\/2\.png: not an image .* \(and 1 more of these 7 images\); replace or remove/,
    )
  })

  it('goes on without bad images under skipBad, and says which', async () => {
    const root = await pictures(paths)
    put(root, 'b/2.png', 'rubbish')
    put(root, 'b/3.jpg', new Uint8Array(0))
    const dataset = await openImageFolder(root, undefined, { skipBad: true })
    expect(dataset.size).toBe(5)
    expect(dataset.skipped.map(e => e.message)).toEqual([
      expect.stringMatching(/b\/2\.png: not an image/),
      expect.stringMatching(/b\/3\.jpg: an empty file/),
    ])
    expect((await all(dataset)).labels).toEqual([0, 1, 1, 2, 3])
    const plain = await openImageFolder(root)
    expect(dataset.fingerprint).not.toBe(plain.fingerprint)
  })

  it('names an image of another size when nothing resizes', async () => {
    const root = await pictures(['a/1.png', 'a/2.png'])
    put(root, 'a/3.png', await encodePng(noise(9, 6, 3)))
    await expect(all(await openImageFolder(root))).rejects.toThrow(
      /a\/3\.png: 9x6, but the other images are 8x6/,
    )
  })

  it('refuses absurd batch sizes', async () => {
    const dataset = await openImageFolder(await pictures(paths))
    for (const size of [0, -1, 1.5, Number.NaN])
      await expect(all(dataset, size)).rejects.toThrow(/batch size/)
  })
})
