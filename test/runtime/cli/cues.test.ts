// The command cues: two networks on the same cue conflicts, while cues are taken away.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'
import { temporaryRoot, writePictures } from '../../support/picture-folder.ts'

const root = temporaryRoot()
const at = (...parts: string[]) => join(root, ...parts)
const classes = ['cat', 'dog']

function network(name: string, seed: number, size = 32): string {
  const { graph, preprocessing } = buildNetwork('mini-alex', {
    classes: 2,
    size,
    width: 4,
    random: new Random(seed),
  })
  const notes = [
    ['silhouette.preprocessing', JSON.stringify(preprocessing)],
    ['silhouette.classes', JSON.stringify(classes)],
  ] as const
  writeOnnxFile(at(name), { ...graph, metadata: new Map([...graph.metadata, ...notes]) })
  return at(name)
}

const cues = (...args: string[]) =>
  run(
    'cues',
    ...args,
    '--data',
    at('cues'),
    '--out',
    at('run'),
    '--quiet',
    '--steps',
    '2',
    '--resamples',
    '100',
  )

beforeAll(async () => {
  const pictures = Array.from({ length: 6 }, (_, i) => [
    `cat/cat${i}-dog1.png`,
    `dog/dog${i}-cat1.png`,
  ]).flat()
  await writePictures(at('cues'), pictures, [32, 32])
})

describe('cues', () => {
  test('draws every network along every curve, from the same starting point', async () => {
    const { code, out, err } = await cues(network('one.onnx', 0), network('two.onnx', 3), '--json')
    expect([code, err]).toEqual([0, ''])
    const { models, curves, images, differences } = JSON.parse(out)
    expect(differences).toHaveLength(1)
    expect(differences[0]).toMatchObject({ first: 'one', second: 'two', n: 12 })
    expect(differences[0].difference.value).toBeCloseTo(
      models[0].shapeBias.value - models[1].shapeBias.value,
      12,
    )
    expect(differences[0].corrected).toBe(differences[0].p)
    expect(images).toBe(12)
    expect(models.map((model: { name: string }) => model.name)).toEqual(['one', 'two'])
    expect(curves.map((curve: { id: string }) => curve.id)).toEqual(['low-pass', 'low-resolution', 'attack'])
    for (const { points } of curves) {
      expect(points[0].values).toEqual(models.map((model: { shapeBias: unknown }) => model.shapeBias))
      for (const { decided } of points) for (const share of decided) expect(share).toBe(1)
    }
    // Two classes: an attack that succeeds turns every decision, and shape bias with it.
    const attacked = curves[2].points.at(-1)
    for (const [i, { value }] of attacked.values.entries())
      expect(value).toBeCloseTo(1 - models[i].shapeBias.value, 12)
    const rows = readFileSync(at('run/cues.csv'), 'utf8').trim().split('\n')
    expect(rows).toHaveLength(1 + 2 * (5 + 4 + 4))
    const page = readFileSync(at('run/cues.html'), 'utf8')
    expect(page).toContain('Shape bias of one')
    expect(page).toContain('one less two')
    expect(page).not.toContain('By the radius of training')
  })

  test('says when networks take images of several sizes', async () => {
    const { code, err } = await cues(network('one.onnx', 0), network('large.onnx', 0, 64))
    expect(code).toBe(2)
    expect(err).toContain('all networks must take images of one size: one takes 32x32, large 64x64')
  })
})
