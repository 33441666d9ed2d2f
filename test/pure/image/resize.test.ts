import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InputError } from '../../../src/errors/input-error.ts'
import { centerBox, crop, fitted, type Geometry } from '../../../src/image/geometry.ts'
import { resize } from '../../../src/image/resize.ts'
import { toTensor } from '../../../src/image/to-tensor.ts'
import { noise } from '../../support/noise.ts'

const Filter = z.enum(['nearest', 'box', 'bilinear', 'bicubic', 'lanczos'])
const pair = z.tuple([z.number(), z.number()])
const digest = { sha256: z.string(), head: z.array(z.number()) }
const read = <T>(name: string, schema: z.ZodType<T>) =>
  z.object({ cases: z.array(schema) }).parse(JSON.parse(readFileSync(`test/fixtures/image/${name}`, 'utf8')))
    .cases
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('resize', () => {
  const cases = read(
    'resize.json',
    z.object({ from: pair, to: pair, channels: z.literal([1, 3]), filter: Filter, ...digest }),
  )
  it.each(cases)('$filter $from -> $to, $channels channels, has the bytes of Pillow', c => {
    const out = resize(noise(...c.from, c.channels), ...c.to, c.filter)
    expect([...out.data.subarray(0, 16)]).toEqual(c.head)
    expect(sha256(out.data)).toBe(c.sha256)
  })

  it('computes a part as if it were cropped from the whole', () => {
    const size = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(
        fc.tuple(size, size, size, size, fc.nat(), fc.nat(), fc.nat(), fc.nat()),
        fc.constantFrom(...Filter.options),
        ([w, h, toW, toH, a, b, c, d], filter) => {
          const box = { left: a % toW, top: b % toH, width: 0, height: 0 }
          box.width = 1 + (c % (toW - box.left))
          box.height = 1 + (d % (toH - box.top))
          const image = noise(w, h, 3)
          expect(resize(image, toW, toH, filter, box)).toEqual(crop(resize(image, toW, toH, filter), box))
        },
      ),
    )
  })

  it('keeps a flat image flat, up and down', () => {
    for (const filter of Filter.options) {
      for (const value of [0, 1, 127, 254, 255]) {
        const flat = { width: 9, height: 7, channels: 1, data: new Uint8Array(63).fill(value) } as const
        for (const [w, h] of [[23, 31] as const, [2, 3] as const]) {
          expect(resize(flat, w, h, filter).data.every(v => v === value)).toBe(true)
        }
      }
    }
  })

  it.each([
    [0, 5],
    [5, -1],
    [2.5, 4],
    [Number.NaN, 4],
    [70_000, 4],
  ])('refuses the size %s x %s', (w, h) => {
    expect(() => resize(noise(4, 4, 3), w, h, 'bilinear')).toThrow(InputError)
  })

  it('refuses a part outside', () => {
    const part = { left: 3, top: 0, width: 4, height: 2 }
    expect(() => resize(noise(4, 4, 3), 6, 6, 'bilinear', part)).toThrow(/does not lie inside/)
  })
})

describe('fitted', () => {
  const cases = read(
    'transforms.json',
    z.object({
      from: pair,
      resize: z.union([z.number(), pair, z.null()]),
      crop: pair,
      filter: Filter,
      ...digest,
    }),
  )
  it.each(cases)('$from, resize $resize $filter, crop $crop: the tensor of torchvision', c => {
    const geometry: Geometry = {
      size: c.crop,
      resize: c.resize === null ? 'none' : typeof c.resize === 'number' ? 'short-side' : 'exact',
      resizeTo: typeof c.resize === 'number' ? c.resize : undefined,
      filter: c.filter,
      crop: 'center',
    }
    const t = toTensor([fitted(noise(...c.from, 3), geometry)])
    expect(t.shape).toEqual([1, 3, ...c.crop])
    expect(sha256(new Uint8Array(t.data.buffer))).toBe(c.sha256)
  })

  it('says what to do when the size does not fit and nothing crops', () => {
    const geometry: Geometry = { size: [8, 8], resize: 'none', filter: 'bilinear', crop: 'none' }
    expect(() => fitted(noise(9, 8, 3), geometry, 'cat.png')).toThrow(/^cat\.png: 9x8 .* takes 8x8; crop it/)
  })

  it('needs resizeTo for short-side', () => {
    const geometry: Geometry = { size: [8, 8], resize: 'short-side', filter: 'bilinear', crop: 'center' }
    expect(() => fitted(noise(9, 8, 3), geometry)).toThrow(InputError)
  })
})

describe('centerBox', () => {
  it('starts odd rests at an even pixel, as Python rounds', () => {
    const lefts = [224, 225, 226, 227, 228, 229].map(w => centerBox([w, 224], [224, 224]).left)
    expect(lefts).toEqual([0, 0, 1, 2, 2, 2])
  })
})
