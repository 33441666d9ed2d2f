import { expect, test, vi } from 'vitest'
import { emoji16 } from '../../../../src/data/emoji16/emoji16.node.ts'

// A user of the published package, who has none of the icon packages but one.
vi.mock('node:module', () => ({
  createRequire: () => ({
    resolve(name: string) {
      if (name === '@iconify-json/noto/package.json') return 'node_modules/@iconify-json/noto/package.json'
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' })
    },
  }),
}))

test('says what to install', async () => {
  const error = await emoji16({ split: 'clean', cacheDir: '/nonexistent' }).catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'InputError' })
  expect(String(error)).toMatch(
    /the emoji16 data set is made from icon packages that are not installed; run: npm install @resvg\/resvg-js @iconify-json\/noto-v1 @iconify-json\/twemoji /,
  )
  expect(String(error)).not.toContain('@iconify-json/noto ')
})
