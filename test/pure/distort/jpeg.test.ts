// JPEG without a file beside files that Pillow wrote and read (scripts/fixtures/jpeg.py), to the byte.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { jpegRoundTrip } from '../../../src/distort/jpeg.ts'
import { type Pixels, pixels } from '../../../src/image/index.ts'
import { testPicture } from '../../support/picture.ts'

const { cases } = z
  .object({
    cases: z.array(
      z.object({
        kind: z.enum(['picture', 'extremes']),
        width: z.number(),
        height: z.number(),
        digests: z.record(z.string(), z.string()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/distort/jpeg.json', import.meta.url), 'utf8')))

/** 0 and 255 alone, where nothing is small. */
function extremes(width: number, height: number): Pixels {
  const levelOf = (_: unknown, i: number) => {
    const [y, x, c] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3]
    return (((x * 73 + y * 151 + c * 199 + x * y * 7 + c * x * x * 3) >> 4) & 1) * 255
  }
  return pixels(width, height, 3, Uint8Array.from({ length: width * height * 3 }, levelOf))
}

test.each(cases)("$kind of $width x $height has Pillow's bytes", ({ kind, width, height, digests }) => {
  const image = kind === 'picture' ? testPicture(width, height) : extremes(width, height)
  const made = Object.keys(digests).map(quality => {
    const { data } = jpegRoundTrip(image, Number(quality))
    return [quality, createHash('sha256').update(data).digest('hex')] as const
  })
  expect(made.length).toBeGreaterThan(10)
  expect(Object.fromEntries(made)).toEqual(digests)
})
