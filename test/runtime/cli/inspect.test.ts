// `silhouette inspect`, from arguments to what a user reads.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'
import { run } from '../../support/command.ts'
import { tinyGraph } from '../../support/tiny-classifier.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-inspect-'))
  writeOnnxFile(at('mini.onnx'), buildNetwork('mini-alex', { classes: 16, random: new Random(1) }).graph)
  // Says blue where the first channel is the brightest: it wants BGR.
  const weights = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  writeOnnxFile(at('colours.onnx'), tinyGraph({ weights }))
  writeFileSync(at('colours.json'), JSON.stringify({ classes: ['blue', 'green', 'red'] }))
  for (const [c, name] of ['red', 'green', 'blue'].entries()) {
    mkdirSync(at('data', name), { recursive: true })
    for (let i = 0; i < 12; i++) {
      const bytes = Uint8Array.from({ length: 48 }, (_, k) => (k % 3 === c ? 200 + i : 30 + 5 * i))
      writeFileSync(at('data', name, `${i}.png`), await encodePng(pixels(4, 4, 3, bytes)))
    }
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('inspect', () => {
  test('prints layers, costs, the manifest and where it came from', async () => {
    const { code, out, err } = await run('inspect', at('mini.onnx'), '--mean', '0.5', '--quiet')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^mini: images \[3, 64, 64\] to 16 classes/)
    expect(out).toMatch(/conv1 +32 +\[32, 32, 32\] +\S+ +\S+ +7x7\n/)
    expect(out).toMatch(/mean +0\.5 0\.5 0\.5 +options\n/)
    expect(out).toMatch(/size +64 64 +graph\n/)
    expect(out).toMatch(/double-normalisation: the network normalises its input itself/)
  })

  test('measures on data, and says the same as JSON', async () => {
    const args = [at('colours.onnx'), '--data', at('data'), '--quiet']
    const { code, out } = await run('inspect', ...args)
    expect(code).toBe(0)
    expect(out).toMatch(/36 images of data: accuracy 0\.333\n/)
    expect(out).toMatch(/channel-order: .*1\.000 instead of 0\.333: bgr/)
    const json = JSON.parse((await run('inspect', ...args, '--json')).out)
    expect(json).toMatchObject({ data: { images: 36, labelsBy: 'names' }, network: { parameters: 12 } })
    expect(json.lints.map((lint: { code: string }) => lint.code)).toContain('channel-order')
    const right = JSON.parse((await run('inspect', ...args, '--json', '--channels', 'bgr')).out)
    expect(right.data.accuracy).toBe(1)
  })

  test('exit codes', async () => {
    expect(await run('inspect', at('mini.onnx'), '--check', '--quiet')).toMatchObject({ code: 0 })
    const wrong = await run('inspect', at('mini.onnx'), '--mean', '0.5', '--check', '--quiet')
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringMatching(/1 thing looks wrong with .*mini\.onnx/),
    })
    expect(await run('inspect', at('none.onnx'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/none\.onnx/),
    })
    expect(await run('inspect', at('mini.onnx'), '--std', '0,1,1')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--std/),
    })
    expect(await run('inspect', at('mini.onnx'), '--size', '32')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/64x64.*32x32/),
    })
    expect(await run('inspect', at('mini.onnx'), '--data', at('nothing'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/nothing/),
    })
  })
})
