// The commands data, shape-bias and smoothness, from arguments to what a user reads.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { categories } from '../../../src/data/emoji16/categories.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { readTrials } from '../../../src/probe/trials.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)

// Every pair of cues once, and one image whose cues agree.
const stimuli = categories.flatMap(shape =>
  categories.filter(texture => texture !== shape || shape === 'dog').map(texture => `${shape}1-${texture}2`),
)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-measures-'))
  for (const seed of [0, 1]) {
    const { graph, preprocessing } = buildNetwork('mini-alex', {
      classes: categories.length,
      size: 32,
      width: 8,
      random: new Random(seed),
    })
    const notes = [
      ['silhouette.preprocessing', JSON.stringify(preprocessing)],
      ['silhouette.classes', JSON.stringify(categories)],
    ] as const
    writeOnnxFile(at(`net-${seed}.onnx`), { ...graph, metadata: new Map([...graph.metadata, ...notes]) })
  }
  const random = new Random(2)
  for (const name of stimuli) {
    const shape = name.replace(/\d.*/, '')
    mkdirSync(at('cues', shape), { recursive: true })
    const noise = Uint8Array.from({ length: 3 * 32 * 32 }, () => random.integer(256))
    writeFileSync(at('cues', shape, `${name}.png`), await encodePng(pixels(32, 32, 3, noise)))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('shape-bias', () => {
  test('prints what its CSV holds', async () => {
    const csv = at('trials.csv')
    const args = ['shape-bias', at('net-0.onnx'), '--data', at('cues'), '--out', csv, '--resamples', '200']
    const { code, out, err } = await run(...args, '--json', '--quiet')
    expect([code, err]).toEqual([0, ''])
    const result = JSON.parse(out)
    const trials = readTrials(readFileSync(csv, 'utf8'), result.classes)
    expect(trials.decisions).toEqual(result.perImage.decisions)
    expect(result.images).toBe(240)
    expect(result.hits.shape + result.hits.texture + result.hits.other).toBe(240)
  })

  test('prints a row per category', async () => {
    const args = ['shape-bias', at('net-0.onnx'), '--data', at('cues'), '--resamples', '200', '--quiet']
    const { code, out } = await run(...args)
    expect(code).toBe(0)
    expect(out).toMatch(/^shape bias \d+\.\d % \[\d+\.\d, \d+\.\d\] \(95 % interval\)\n240 images: /)
    for (const name of categories) expect(out).toContain(`\n  ${name} `)
    expect(await run(...args)).toMatchObject({ out })
  })

  test('says what is wrong with model, data and flags', async () => {
    expect(await run('shape-bias', at('none.onnx'), '--data', at('cues'))).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('none.onnx'),
    })
    const missing = await run('shape-bias', at('net-0.onnx'), '--data', at('nothing'))
    expect(missing).toMatchObject({ code: 2, out: '', err: expect.stringContaining('nothing') })
    expect(await run('shape-bias', at('net-0.onnx'))).toMatchObject({
      code: 2,
      err: "silhouette: required option '--data <dir>' not specified; see silhouette shape-bias --help\n",
    })
  })
})

describe('smoothness', () => {
  test('shows two networks beside each other, and every unit in the CSV', async () => {
    const csv = at('units.csv')
    const args = ['smoothness', at('net-0.onnx'), '--against', at('net-1.onnx'), '--resamples', '200']
    const { code, out } = await run(...args, '--out', csv, '--json', '--quiet')
    expect(code).toBe(0)
    const { models } = JSON.parse(out)
    expect(models.map((model: { model: string }) => model.model)).toEqual(['net-0', 'net-1'])
    expect(models[0].network.unitNorm.value).not.toBe(models[1].network.unitNorm.value)
    const [header, ...rows] = readFileSync(csv, 'utf8').trim().split('\n')
    expect(header).toBe('model,layer,unit,unit_norm,folded,raw')
    expect(rows).toHaveLength(2 * (8 + 16 + 24 + 24 + 24))
    const first = rows[0]!.split(',')
    expect(first.slice(0, 3)).toEqual(['net-0', 'conv1', '0'])
    expect(Number(first[3])).toBe(models[0].layers[0].perUnit.unitNorm[0])
    expect(await run(...args, '--json', '--quiet')).toMatchObject({ code: 0 })
  })

  test('prints a row per layer', async () => {
    const { code, out, err } = await run('smoothness', at('net-0.onnx'), '--resamples', '200', '--quiet')
    expect([code, err]).toEqual([0, ''])
    const lines = out.trimEnd().split('\n')
    expect(lines.slice(2).map(line => line.trim().split(/\s+/)[0])).toEqual([
      ...['conv1', 'conv2', 'conv3', 'conv4', 'conv5'],
      'network',
    ])
  })
})

describe('data', () => {
  test('refuses unknown names and sizes, and folders that hold something', async () => {
    expect(await run('data', 'emoji17', '--out', at('new'))).toEqual({
      code: 2,
      out: '',
      err: 'silhouette: unknown data set: emoji17 (known: emoji16)\n',
    })
    expect(await run('data', 'emoji16', '--out', at('cues'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('cues is not empty; name a new folder'),
    })
    expect(await run('data', 'emoji16', '--out', at('new'), '--size', '33')).toMatchObject({
      code: 2,
      err: 'silhouette: emoji16 images are 32, 64, 128 or 256 pixels wide, found 33\n',
    })
  })
})
