// The commands that look at hidden units (dissect, smoothness --data, spectrum, diversity, ablate): what they print
// is what their JSON and CSV hold.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeAdversarialSet } from '../../../src/data/adversarial-set.node.ts'
import { readCsv } from '../../../src/data/csv.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'

const side = 32
const classes = ['cat', 'dog', 'owl']
let folder: string
const at = (...parts: string[]) => join(folder, ...parts)

const quietly = (...args: string[]) => run(...args, '--quiet')

async function json(...args: string[]) {
  const { code, out, err } = await quietly(...args, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-units-'))
  for (const seed of [0, 1]) {
    const options = { classes: classes.length, size: side, width: 8, random: new Random(seed) }
    const { graph, preprocessing } = buildNetwork('mini-alex', options)
    const notes = [
      ['silhouette.preprocessing', JSON.stringify(preprocessing)],
      ['silhouette.classes', JSON.stringify(classes)],
    ] as const
    writeOnnxFile(at(`net-${seed}.onnx`), { ...graph, metadata: new Map([...graph.metadata, ...notes]) })
  }
  const random = new Random(2)
  const noise = () => Uint8Array.from({ length: 3 * side * side }, () => random.integer(256))
  for (const name of classes) {
    mkdirSync(at('images', name), { recursive: true })
    mkdirSync(at('conflicts', name), { recursive: true })
    for (let i = 0; i < 4; i++)
      writeFileSync(at('images', name, `${i}.png`), await encodePng(pixels(side, side, 3, noise())))
    for (const texture of classes.filter(other => other !== name)) {
      const file = at('conflicts', name, `${name}1-${texture}1.png`)
      writeFileSync(file, await encodePng(pixels(side, side, 3, noise())))
    }
  }
  const images = Float32Array.from({ length: 2 * 3 * side * side }, () => random.uniform())
  await writeAdversarialSet(at('adversarial'), {
    images: float32([2, 3, side, side], images),
    labels: [0, 2],
  })
  const built = await quietly(
    'concepts',
    'build',
    '--images',
    at('images'),
    '--scenes',
    '--size',
    '32',
    '--out',
    at('broden'),
  )
  expect(built).toMatchObject({ code: 0, err: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('dissect', () => {
  test('writes tallies and pictures of the best units', async () => {
    const args = ['dissect', at('net-0.onnx'), '--data', at('broden'), '--layers', 'conv1,conv2']
    const result = await json(...args, '--out', at('tally'), '--pictures', '2')
    expect(result.layers.map((layer: { layer: string }) => layer.layer)).toEqual(['conv1', 'conv2'])
    expect(readFileSync(at('tally', 'conv1.tally.csv'), 'utf8').trim().split('\n')).toHaveLength(1 + 8)
    const [best] = [...result.layers[0].units].sort((a, b) => b.scores[0].iou - a.scores[0].iou)
    expect(
      readFileSync(at('tally', `conv1-${best.channel}.png`))
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    const page = readFileSync(at('tally', 'dissection.html'), 'utf8')
    expect(page.match(/<img class="strip"[^>]*src="data:image\/png;base64,/g)).toHaveLength(4)
    expect(page).toContain(`unit ${best.channel}: ${best.scores[0].concept}`)
    const lite = await json(...args, '--rules', 'netdissect-lite')
    expect(lite.rules).toBe('netdissect-lite')
    expect(lite.layers[1].units).not.toEqual(result.layers[1].units)
    expect(await quietly(...args, '--pictures', '2')).toMatchObject({
      code: 2,
      err: 'silhouette: --pictures needs --out: name a folder to write them to\n',
    })
  })
})

describe('smoothness --data', () => {
  test('adds the maps, held against the first network', async () => {
    const args = ['smoothness', at('net-0.onnx'), '--against', at('net-1.onnx'), '--resamples', '100']
    const more = ['--data', at('images'), '--layers', 'conv1', '--out-maps', at('maps.csv')]
    const { models } = await json(...args, ...more)
    const rows = readCsv(
      readFileSync(at('maps.csv'), 'utf8'),
      ['model', 'layer', 'unit', 'clean', 'noisy'],
      '',
    )
    expect(rows).toHaveLength(16)
    const reference = models[0].maps.layers[0].clean.value
    for (const { model, maps } of models) {
      expect(maps.images).toBe(12)
      const own = rows.filter(row => row.model === model)
      const passing = own.filter(row => Math.abs(Number(row.clean) - Number(row.noisy)) >= 0.2 * reference)
      expect(maps.layers[0].passing).toBe(passing.length)
    }
    const { out } = await quietly(...args, ...more)
    expect(out).toContain(`${models[1].maps.layers[0].passing} of 8`)
  })
})

describe('spectrum', () => {
  test('prints filters alone, and maps and sensitivity with data', async () => {
    const alone = await quietly('spectrum', at('net-0.onnx'), '--resamples', '100')
    expect(alone.out).toMatch(
      /^net-0: share of energy above half the Nyquist frequency.*\n.*\nfilters of conv1 +8 +\d/,
    )
    const options = ['--data', at('images'), '--steps', '2', '--waves', '4', '--resamples', '100']
    const result = await json(
      'spectrum',
      at('net-0.onnx'),
      ...options,
      '--layers',
      'conv1',
      '--out',
      at('spectra'),
    )
    const units = readCsv(
      readFileSync(at('spectra', 'units.csv'), 'utf8'),
      ['kind', 'unit', 'high_share'],
      '',
    )
    expect(units.map(row => row.kind).filter(kind => kind === 'maps')).toHaveLength(8)
    expect(Number(units[0]!.high_share)).toBe(result.models[0].filters.perUnit[0])
    const waves = readFileSync(at('spectra', 'sensitivity.csv'), 'utf8').trim().split('\n')
    expect(waves).toHaveLength(1 + 5 * 3)
    expect(result.models[0].sensitivity.images).toBe(4)
    expect(await quietly('spectrum', at('net-0.onnx'), '--norm', '3')).toMatchObject({ code: 2 })
  })
})

describe('diversity', () => {
  test('compares two networks', async () => {
    const args = ['diversity', at('net-0.onnx'), '--against', at('net-1.onnx'), '--data', at('images')]
    const more = ['--layers', 'conv1', '--top', '3', '--resamples', '100', '--features', at('net-1.onnx')]
    const result = await json(...args, ...more, '--out', at('diversity.csv'))
    expect(result.comparison.map((c: { measure: string }) => c.measure)).toEqual([
      ...['similarity', 'featureDistance', 'labelEntropy', 'colourEntropy'],
    ])
    expect(result.models[0].features).toBe('net-1')
    const rows = readCsv(readFileSync(at('diversity.csv'), 'utf8'), ['model', 'similarity', 'images'], '')
    expect(rows).toHaveLength(16)
    expect(rows[0]!.images.split(' ').map(Number)).toEqual(result.models[0].layers[0].units[0].images)
    const { out } = await quietly(...args, ...more)
    expect(out).toContain('net-0 minus net-1, by permutation of units')
  })
})

describe('ablate', () => {
  test('says what each unit and group is for', async () => {
    const args = ['ablate', at('net-0.onnx'), '--conflicts', at('conflicts'), '--data', at('images')]
    const more = ['--layers', 'conv5', '--adversarial', at('adversarial'), '--concepts', at('broden')]
    const result = await json(
      ...args,
      ...more,
      '--greedy',
      'shape',
      '--steps',
      '2',
      '--out',
      at('ablation.csv'),
    )
    expect(result.conditions.map((c: { name: string }) => c.name)).toEqual([
      ...['clean', 'scrambled', 'greyscale', 'gaussian-noise', 'adversarial'],
    ])
    const [layer] = result.layers
    const rows = readCsv(
      readFileSync(at('ablation.csv'), 'utf8'),
      ['unit', 'shape', 'adversarial_change'],
      '',
    )
    expect(rows).toHaveLength(layer.units.length + layer.groups.length)
    expect(Number(rows[3]!.shape)).toBe(layer.units[3].shape)
    expect(result.greedy[0].steps.length).toBeGreaterThan(0)
    const { out } = await quietly(...args, ...more, '--show', '3')
    expect(out).toMatch(/^net-0: 6 cue-conflict images, /)
    expect(out.match(/^conv5:\d+ /gm)).toHaveLength(3)
    expect(await quietly(...args, '--layers', 'conv9')).toMatchObject({
      code: 2,
      err: expect.stringContaining('unknown layer: conv9'),
    })
  })
})
