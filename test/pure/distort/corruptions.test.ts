// The corruptions beside the `imagecorruptions` package, which scripts/fixtures/corruptions.py ran with our draws.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  type CorruptionName,
  corruptImage,
  corruption,
  corruptionNames,
  severities,
} from '../../../src/distort/index.ts'
import { proceduralFrost } from '../../../src/distort/procedural-frost.ts'
import { pixels, toPixels, toTensor } from '../../../src/image/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { testOverlay, testPicture } from '../../support/picture.ts'

interface Expected {
  readonly names: readonly CorruptionName[]
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly stride: number }[]
}

const folder = new URL('../../fixtures/corruptions/', import.meta.url)
const expected: Expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'))
const samples = gunzipSync(readFileSync(new URL('samples.bin.gz', folder)))
const overlays = [0, 1, 2, 3, 4].map(testOverlay)

/** Those whose sums have the package's order, or are sums of integers: not one byte may differ. */
const exact: readonly CorruptionName[] = [
  ...([
    'gaussian_noise',
    'shot_noise',
    'impulse_noise',
    'glass_blur',
    'zoom_blur',
    'fog',
    'contrast',
  ] as const),
  ...(['elastic_transform', 'pixelate', 'jpeg_compression', 'speckle_noise', 'spatter'] as const),
]

const sampled = (size: number, stride: number) => [
  ...new Set([...Array(Math.ceil(size / stride)).keys()].map(i => i * stride)).add(size - 1),
]

let offset = 0
describe.each(expected.sizes)('$width x $height', ({ width, height, stride }) => {
  const seedBase = 1000 * expected.sizes.findIndex(size => size.width === width)
  const image = testPicture(width, height)
  const [rows, columns] = [sampled(height, stride), sampled(width, stride)]
  for (const name of expected.names) {
    const from = offset
    offset += 5 * rows.length * columns.length * 3
    test(`equals the package: ${name}`, () => {
      let at = from
      for (const severity of severities) {
        const result = corruptImage(image, name, severity, new Random(seedBase + severity), {
          frost: overlays,
        })
        let [most, off] = [0, 0]
        for (const y of rows) {
          for (const x of columns) {
            for (let c = 0; c < 3; c++, at++) {
              const difference = Math.abs(result.data[3 * (y * width + x) + c]! - samples[at]!)
              most = Math.max(most, difference)
              if (difference > 0) off++
            }
          }
        }
        const allowed = exact.includes(name) ? 0 : 1
        expect(most, `severity ${severity}: largest difference`).toBeLessThanOrEqual(allowed)
        // Values that are whole up to the last bit lose a level or not, by the order in which sums are made.
        const share = off / (rows.length * columns.length * 3)
        expect(share, `severity ${severity}: share that differs`).toBeLessThan(0.15)
      }
    })
  }
})

describe('a corruption as a distortion', () => {
  const batch = toTensor([testPicture(32, 40), testPicture(32, 40)])

  test.each(corruptionNames)('%s keeps size and range and repeats itself', name => {
    const distortion = corruption(name, 3)
    const copy = batch.data.slice()
    const first = distortion.apply(batch, new Random(5))
    expect(first.shape).toEqual(batch.shape)
    expect(first.data.every(value => value >= 0 && value <= 1)).toBe(true)
    expect(first.data).not.toEqual(batch.data)
    expect(batch.data).toEqual(copy)
    expect(distortion.apply(batch, new Random(5)).data).toEqual(first.data)
    const random = new Random(5)
    for (let i = 0; i < 2; i++) {
      const alone = corruptImage(toPixels(batch, i), name, 3, random)
      expect(toPixels(first, i).data).toEqual(alone.data)
    }
  })

  test('grey images become RGB', () => {
    const grey = pixels(20, 20, 1, new Uint8Array(400).fill(100))
    expect(corruptImage(grey, 'jpeg_compression', 1, new Random(0)).data).toEqual(
      new Uint8Array(1200).fill(100),
    )
  })

  test('says what is wrong', () => {
    const small = testPicture(15, 40)
    expect(() => corruptImage(small, 'fog', 1, new Random(0))).toThrow('at least 16x16 pixels, found 15x40')
    expect(() => corruption('rain' as CorruptionName, 1)).toThrow(
      'unknown corruption: rain (known: gaussian_noise,',
    )
    expect(() => corruption('fog', 6 as 5)).toThrow('a severity is an integer from 1 to 5, found 6')
    expect(() => corruptImage(testPicture(32, 32), 'frost', 1, new Random(0), { frost: [] })).toThrow(
      'at least one overlay',
    )
  })
})

describe('frost by formula', () => {
  // Measured on frost1.png to frost5.jpg of imagecorruptions 1.1.2: mean and deviation of each channel.
  const photographs = [
    [77.7, 149.1, 165.7, 26.9, 16.5, 15.3],
    [200.8, 205.4, 214.5, 21.4, 22.1, 22.6],
    [200.8, 205.4, 214.5, 21.4, 22.1, 22.6],
    [137.6, 152.8, 165.2, 28.5, 28.5, 29.9],
    [112.4, 123.4, 134.8, 44.4, 43.3, 41.7],
  ]
  test.each([0, 1, 2, 3, 4])('picture %i has the colours of its photograph', index => {
    const { data } = proceduralFrost()[index]!
    for (let c = 0; c < 3; c++) {
      const values = data.filter((_, i) => i % 3 === c)
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)
      expect(Math.abs(mean - photographs[index]![c]!)).toBeLessThan(3)
      expect(Math.abs(deviation - photographs[index]![3 + c]!)).toBeLessThan(2)
    }
  })
})
