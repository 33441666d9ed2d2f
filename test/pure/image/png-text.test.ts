// Text in PNG files: other readers find it, the picture stays, other files are refused.

import sharp from 'sharp'
import { expect, it } from 'vitest'
import { encodeAnimation } from '../../../src/image/animation.node.ts'
import { decodeImage, encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { textOf, withText } from '../../../src/image/png-text.ts'
import { contactSheet } from '../../../src/image/sheet.ts'
import { float32 } from '../../../src/tensor/tensor.ts'

const image = pixels(
  3,
  2,
  3,
  Uint8Array.from({ length: 18 }, (_, i) => 13 * i),
)

it('writes text that libpng reads, and leaves the picture alone', async () => {
  const png = withText(await encodePng(image), { Title: 'cat → dog', Description: '{"steps": 60}' })
  const { comments } = await sharp(png).metadata()
  expect(comments).toEqual([
    { keyword: 'Title', text: 'cat \\u2192 dog' },
    { keyword: 'Description', text: '{"steps": 60}' },
  ])
  expect(textOf(png)).toEqual({ Title: 'cat \\u2192 dog', Description: '{"steps": 60}' })
  expect((await decodeImage(png)).data).toEqual(image.data)
})

it('refuses other files', () => {
  expect(() => withText(new Uint8Array(40), { a: 'b' })).toThrow('text can only be written into a PNG file')
})

it('puts pictures side by side', () => {
  const pictures = float32([3, 3, 1, 1], [0, 0, 0, 1, 0, 0, 0, 1, 0])
  const sheet = contactSheet(pictures, { columns: 2, gap: 1, scale: 2 })
  expect([sheet.width, sheet.height]).toEqual([5, 5])
  const at = (x: number, y: number) => [...sheet.data.subarray(3 * (y * 5 + x), 3 * (y * 5 + x) + 3)]
  expect([at(0, 0), at(1, 1), at(2, 0), at(3, 0), at(0, 4), at(4, 4)]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [255, 255, 255],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 255],
  ])
})

it('makes an animation of every frame', async () => {
  const frame = (level: number) => pixels(4, 4, 3, new Uint8Array(48).fill(level))
  const webp = await encodeAnimation([frame(0), frame(120), frame(250)], 50)
  const { pages, delay, loop } = await sharp(webp).metadata()
  expect({ pages, delay, loop }).toEqual({ pages: 3, delay: [50, 50, 500], loop: 0 })
  await expect(encodeAnimation([])).rejects.toThrow('at least one frame')
})
