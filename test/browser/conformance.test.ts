import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeRuntime } from '../../src/runtime/node.ts'
import { conformanceCases } from '../conformance/cases.ts'
import { checkClassifier } from '../conformance/classifier.ts'
import { type OpenPage, openPage, skipReason } from './chromium.ts'
import type {} from './conformance.page.ts'

const title = (what: string) => (skipReason === undefined ? what : `${what} (skipped: ${skipReason})`)

for (const isolated of [false, true]) {
  const where = isolated ? '2 threads, cross-origin isolated' : '1 thread, not isolated'
  describe.skipIf(skipReason !== undefined)(title(`onnxruntime-web conforms (${where})`), () => {
    let opened: OpenPage
    let name: string
    beforeAll(async () => {
      opened = await openPage('test/browser/conformance.html', isolated)
      name = await opened.page.evaluate(threads => conformance.start(threads), isolated ? { threads: 2 } : {})
    })
    afterAll(() => opened?.close())

    test('starts', () => {
      expect(name).toMatch(/^onnxruntime-web \d.* wasm$/)
    })

    test.each(conformanceCases.map(testCase => testCase.name))('%s', async caseName => {
      expect(await opened.page.evaluate(wanted => conformance.run(wanted), caseName)).toBeUndefined()
    })

    test("a classifier gives PyTorch's numbers, and the fingerprint that it has in Node", async () => {
      const here = await checkClassifier(nodeRuntime())
      expect(await opened.page.evaluate(() => conformance.classifier())).toBe(here)
    })

    test('starts more threads, or says what they need', async () => {
      const answer = await opened.page.evaluate(() => conformance.start({ threads: 2 }))
      expect(answer).toMatch(isolated ? / wasm$/ : /InputError: 2 threads need a cross-origin isolated page/)
    })

    test('says that there is no WebGPU', async () => {
      const message = await opened.page.evaluate(() => conformance.start({ provider: 'webgpu' }))
      expect(message).toMatch(/InputError: this browser has no WebGPU/)
    })
  })
}
