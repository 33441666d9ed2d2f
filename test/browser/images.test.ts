// The browser's decoders against Pillow's pixels, and the whole way to a network's input against Node's.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decodeImage } from '../../src/image/codec.node.ts'
import { fitted, type Geometry } from '../../src/image/geometry.ts'
import { expectClose } from '../support/allclose.ts'
import { type OpenPage, openPage, skipReason } from './chromium.ts'
import type {} from './images.page.ts'

const folder = 'test/fixtures/image/decode'
const { sizes } = z
  .object({ sizes: z.record(z.string(), z.tuple([z.number(), z.number()])) })
  .parse(JSON.parse(readFileSync(`${folder}/sizes.json`, 'utf8')))
// Transparent pixels lose their colour on a canvas; TIFF is no format of the web; CMYK is converted otherwise.
const names = Object.keys(sizes).filter(name => !/alpha|rgba|transparent|tif|cmyk/.test(name))

describe.skipIf(skipReason !== undefined)(`images in Chromium${skipReason ? ` (${skipReason})` : ''}`, () => {
  let open: OpenPage
  beforeAll(async () => {
    open = await openPage('test/browser/images.html', false)
  })
  afterAll(() => open?.close())

  const decode = async (name: string, geometry?: Geometry) => {
    const found = await open.page.evaluate(([path, how]) => globalThis.decodeFile(path, how), [
      `/${folder}/${name}`,
      geometry,
    ] as const)
    if ('fault' in found) throw new Error(found.fault)
    return found
  }

  it.each(names)('%s comes out as from Pillow', async name => {
    const image = await decode(name)
    expect([image.width, image.height]).toEqual(sizes[name])
    const absolute = /jpg|lossy/.test(name) ? 1 : 0
    expectClose(image.data, readFileSync(`${folder}/${name}.rgb`), { absolute }, name)
  })

  it('is resized and cropped to the pixels of Node', async () => {
    const geometry: Geometry = {
      size: [24, 24],
      resize: 'short-side',
      resizeTo: 30,
      filter: 'bicubic',
      crop: 'center',
    }
    const node = fitted(await decodeImage(readFileSync(`${folder}/444.jpg`)), geometry)
    expectClose((await decode('444.jpg', geometry)).data, node.data, { absolute: 1 })
  })

  it('is refused by name when it is damaged', async () => {
    await expect(decode('sizes.json')).rejects.toThrow(/InputError: .*sizes\.json: damaged, or not an image/)
  })
})
