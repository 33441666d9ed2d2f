// silhouette synthesize, from arguments to files.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeImage, encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { textOf } from '../../../src/image/png-text.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { Exhibit, recipeNames, recipeOf } from '../../../src/synth/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
const classes = ['cat', 'dog', 'owl']

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-synthesize-'))
  for (const seed of [0, 1, 2]) {
    const { graph, preprocessing } = buildNetwork('mini-alex', {
      classes: classes.length,
      size: 32,
      width: 8,
      random: new Random(seed),
    })
    const notes = [
      ['silhouette.preprocessing', JSON.stringify(preprocessing)],
      ['silhouette.classes', JSON.stringify(classes)],
    ] as const
    writeOnnxFile(at(`net-${seed}.onnx`), { ...graph, metadata: new Map([...graph.metadata, ...notes]) })
  }
  const random = new Random(2)
  for (const name of classes) {
    mkdirSync(at('data', name), { recursive: true })
    for (let i = 0; i < 8; i++) {
      const noise = Uint8Array.from({ length: 3 * 32 * 32 }, () => random.integer(256))
      writeFileSync(at('data', name, `${i}.png`), await encodePng(pixels(32, 32, 3, noise)))
    }
  }
  for (const side of [32, 16]) {
    const mask = Uint8Array.from({ length: side * side }, (_, i) => (i % side < side / 2 ? 255 : 0))
    writeFileSync(at(`mask-${side}.png`), await encodePng(pixels(side, side, 1, mask)))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const synthesize = (recipe: string, out: string, ...more: string[]) =>
  run('synthesize', recipe, at('net-0.onnx'), '--out', at(out), '--count', '8', '--steps', '2', ...more)

describe('every recipe', () => {
  test.each(recipeNames)('%s: pictures, page and measures', async recipe => {
    const { code, out, err } = await synthesize(
      recipe,
      recipe,
      ...['--data', at('data'), '--against', at('net-1.onnx'), '--judge', at('net-2.onnx')],
      ...['--quiet', '--json'],
    )
    expect([code, err]).toEqual([0, ''])
    const result = Exhibit.parse(JSON.parse(readFileSync(at(recipe, 'exhibit.json'), 'utf8')))
    expect(JSON.parse(out)).toEqual({ ...result, out: at(recipe) })
    expect(result.pictures).toBe(8)
    expect(result.captions).toHaveLength(8)
    expect(result.columns.slice(0, 2).map(({ key, kind }) => [key, kind])).toEqual([
      ['R', 'robust'],
      ['S', 'standard'],
    ])
    const measures = result.rows.map(row => row.measure)
    const { wanted, original } = recipeOf(recipe)
    expect(measures.includes('recognised by net-2')).toBe(wanted !== undefined)
    expect(measures.includes('SSIM')).toBe(original !== undefined)
    const text = textOf(readFileSync(at(recipe, 'R', '007.png')))
    expect(JSON.parse(text.Description!)).toMatchObject({ recipe, model: 'net-0', seed: 0, picture: 7 })
    for (const file of ['R.png', 'S.png', 'R-film.png', 'R.webp'])
      expect(existsSync(at(recipe, file))).toBe(true)
    const page = readFileSync(at(recipe, 'index.html'), 'utf8').replaceAll(/"data:[^"]*"/g, '"data:"')
    expect(page).toContain(recipeOf(recipe).title)
    expect(page).not.toMatch(/src="(?!data:)|NaN|undefined/)
  })

  test('gives the same bytes for a seed', async () => {
    const bytes = async (out: string, seed: string) => {
      await synthesize('generate', out, '--data', at('data'), '--seed', seed, '--quiet')
      return readFileSync(at(out, 'model', '003.png'))
    }
    const first = await bytes('seed-a', '5')
    expect((await bytes('seed-b', '5')).equals(first)).toBe(true)
    expect((await bytes('seed-c', '6')).equals(first)).toBe(false)
  })
})

test('keeps the class Gaussians and uses them again', async () => {
  const file = at('gaussians.safetensors')
  const args = ['--data', at('data'), '--gaussians', file, '--quiet']
  expect((await synthesize('generate', 'g', ...args)).code).toBe(0)
  const written = readFileSync(file)
  expect((await synthesize('generate', 'g', ...args)).code).toBe(0)
  expect(readFileSync(file).equals(written)).toBe(true)
})

test('paints under the mask of a file only', async () => {
  const args = ['--data', at('data'), '--mask', at('mask-32.png'), '--quiet']
  expect((await synthesize('paint', 'masked', ...args)).code).toBe(0)
  const read = async (...path: string[]) => (await decodeImage(readFileSync(at(...path)))).data
  const [before, after] = [await read('data', 'cat', '0.png'), await read('masked', 'model', '000.png')]
  const changed = [...before.keys()].filter(i => before[i] !== after[i]).map(i => Math.floor(i / 3) % 32)
  expect(changed.length).toBeGreaterThan(100)
  expect(Math.max(...changed)).toBeLessThan(16)
})

describe('bad input is refused in one sentence', () => {
  test.each<[string, string, string[], string]>([
    ['a class', 'generate', ['--classes', 'cat,horse'], 'net-0 has no class horse (known: cat, dog, owl)'],
    [
      'a mask of another size',
      'inpaint',
      ['--mask', 'MASK'],
      'must be 32x32 as the images of net-0, found 16x16',
    ],
    ['a unit', 'units', ['--units', '5,999'], 'does not exist'],
    ['a list of units', 'units', ['--units', 'five'], 'units are numbers such as 3,5 or 0-15, found five'],
    ['a layer', 'units', ['--layer', 'conv99'], 'unknown layer: conv99 (known: '],
    ['a factor', 'super-resolution', ['--factor', '5'], 'that divides 32x32, found 5'],
    ['a judge of itself', 'generate', ['--judge', 'SELF'], 'net-0 would judge its own pictures'],
    ['Gaussians', 'generate', ['--gaussians', 'MASK'], 'is a damaged safetensors file'],
  ])('%s', async (_, recipe, more, message) => {
    const args = more.map(word =>
      word === 'MASK' ? at('mask-16.png') : word === 'SELF' ? at('net-0.onnx') : word,
    )
    const { code, out, err } = await synthesize(recipe, 'bad', '--data', at('data'), '--quiet', ...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).not.toMatch(/\n\s+at /)
    expect(existsSync(at('bad'))).toBe(false)
  })

  test('no data', async () => {
    const { code, err } = await synthesize('inpaint', 'bad', '--quiet')
    expect(code).toBe(2)
    expect(err).toContain('inpaint needs images: name emoji16 or a folder with --data')
  })

  test('data of other classes', async () => {
    mkdirSync(at('other', 'fish'), { recursive: true })
    writeFileSync(at('other', 'fish', 'a.png'), await encodePng(pixels(32, 32, 3, new Uint8Array(3072))))
    const { code, err } = await synthesize('inpaint', 'bad', '--data', at('other'), '--quiet')
    expect(code).toBe(2)
    expect(err).toContain('1 of its 1 class folders are not classes of the model: fish')
  })
})
