// The corruptions give the bytes in Chromium that they give in Node, WebAssembly and random draws included.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corruptImage, corruptionNames } from '../../src/distort/index.ts'
import { Random } from '../../src/tensor/random.ts'
import { expectClose } from '../support/allclose.ts'
import { testPicture } from '../support/picture.ts'
import { type OpenPage, openPage, skipReason } from './chromium.ts'
import type {} from './corruptions.page.ts'

const side = 64
const severity = 3

describe.skipIf(skipReason !== undefined)(
  `corruptions in Chromium${skipReason ? ` (${skipReason})` : ''}`,
  () => {
    let open: OpenPage
    beforeAll(async () => {
      open = await openPage('test/browser/corruptions.html', false)
    })
    afterAll(() => open?.close())

    it.each(corruptionNames)('%s', async name => {
      const there = await open.page.evaluate(
        ([wanted, level, size]) => globalThis.corruptedPicture(wanted, level, size),
        [name, severity, side] as const,
      )
      const image = testPicture(side, side)
      const here = corruptImage(image, name, severity, new Random(severity)).data
      expect(here).not.toEqual(image.data)
      expectClose(there, here, {}, name)
    })
  },
)
