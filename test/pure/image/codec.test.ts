import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InputError } from '../../../src/errors/input-error.ts'
import { decodeImage, encodePng } from '../../../src/image/codec.node.ts'
import { expectClose } from '../../support/allclose.ts'
import { mutate } from '../../support/mutate.ts'
import { noise } from '../../support/noise.ts'

const folder = 'test/fixtures/image/decode'
const read = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}`))
const { sizes } = z
  .object({ sizes: z.record(z.string(), z.tuple([z.number(), z.number()])) })
  .parse(JSON.parse(readFileSync(`${folder}/sizes.json`, 'utf8')))

describe('decodeImage', () => {
  it.each(Object.entries(sizes))('%s comes out as from Pillow', async (name, [width, height]) => {
    const image = await decodeImage(read(name), name)
    expect([image.width, image.height, image.channels]).toEqual([width, height, 3])
    // Lossy files may be one level off (another build of the same decoder); all others must be equal.
    const absolute = /jpg|lossy/.test(name) ? 1 : 0
    expectClose(image.data, read(`${name}.rgb`), { absolute }, name)
  })

  it('turns by EXIF only when asked', async () => {
    const plain = await decodeImage(read('exif-rotated.jpg'))
    const turned = await decodeImage(read('exif-rotated.jpg'), 'image', { orient: true })
    expect([plain.width, plain.height]).toEqual([67, 45])
    expect([turned.width, turned.height]).toEqual([45, 67])
    // Orientation 6: what lies left is up; the first row of the result is the first column, from the bottom.
    const at = (image: typeof plain, x: number, y: number) =>
      image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3)
    for (let i = 0; i < 45; i++) expect(at(turned, i, 0)).toEqual(at(plain, 0, 44 - i))
  })

  it.each(['420.jpg', '420-progressive.jpg', 'rgb.png', 'lossless.webp', 'palette.gif'])(
    'refuses %s cut short anywhere, naming it',
    async name => {
      const whole = read(name)
      // A trailer without picture data may be missing: the pixels are complete then.
      const last = /png/.test(name) ? 16 : /gif/.test(name) ? 4 : 2
      for (const part of [0.02, 0.3, 0.5, 0.9, 1 - (last + 1) / whole.length]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part))
        const decoding = decodeImage(cut, `cat/${name}`)
        await expect(decoding, `${part}`).rejects.toThrow(InputError)
        await expect(decoding).rejects.toThrow(new RegExp(`^cat/${name}: `))
      }
    },
  )

  it.each([
    ['nothing', new Uint8Array(0), /empty file/],
    ['text', new TextEncoder().encode('not an image at all'), /not an image \(known: jpeg/],
    ['a BMP', read('refused.bmp'), /convert it to PNG/],
    ['a PNG of 60000x60000', read('bomb.png'), /pixels; make it smaller/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(decodeImage(bytes, 'x')).rejects.toThrow(InputError)
    await expect(decodeImage(bytes, 'x')).rejects.toThrow(message)
  })

  it('survives 300 mutated files with an InputError or an image', async () => {
    const sources = Object.keys(sizes).map(read)
    for (const bytes of mutate(sources, 300, 2)) {
      const found = await decodeImage(bytes).catch(error => error)
      if (found instanceof Error) expect(found).toBeInstanceOf(InputError)
      else expect(found.data).toHaveLength(found.width * found.height * 3)
    }
  })
})

describe('encodePng', () => {
  it('loses nothing', async () => {
    const image = noise(31, 17, 3)
    expect(await decodeImage(await encodePng(image))).toEqual(image)
  })

  it('writes grey as one channel', async () => {
    const grey = noise(9, 5, 1)
    const png = await encodePng(grey)
    expect(png[25]).toBe(0)
    const back = await decodeImage(png)
    expect(back.data.filter((_, i) => i % 3 === 1)).toEqual(grey.data)
  })
})
