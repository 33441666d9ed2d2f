// The commands ood and consistency: from stimuli to trials, from trials to the page beside people.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { sixteenCategories } from '../../../src/data/imagenet.ts'
import { readTrials } from '../../../src/data/trials.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'
import { pictures, temporaryFolder, temporaryRoot } from '../../support/picture-folder.ts'

/** A network of 32x32 with the sixteen categories, untrained. */
function network(folder: string): string {
  const { graph, preprocessing } = buildNetwork('mini-alex', {
    classes: sixteenCategories.length,
    size: 32,
    width: 8,
    random: new Random(0),
  })
  const notes = [
    ['silhouette.preprocessing', JSON.stringify(preprocessing)],
    ['silhouette.classes', JSON.stringify(sixteenCategories)],
  ] as const
  const path = join(folder, 'my_net.onnx')
  writeOnnxFile(path, { ...graph, metadata: new Map([...graph.metadata, ...notes]) })
  return path
}

describe('ood', () => {
  test('reads both layouts below one folder and writes a CSV per session', async () => {
    const root = await pictures(
      [
        'edge/cat/cat1.png',
        'edge/dog/dog1.png',
        'noise/dnn/session-1/0001_nse_dnn_0.1_cat_10_n01_1.png',
        'noise/dnn/session-1/0002_nse_dnn_0.9_dog_10_n02_2.png',
        'noise/dnn/session-2/0001_nse_dnn_0.1_cat_10_n03_3.png',
        'cue-conflict/cat/cat1-dog2.png',
        'cue-conflict/dog/dog1-dog2.png',
        'cue-conflict/dog/dog1-cat2.png',
      ],
      [32, 32],
      false,
    )
    const out = temporaryFolder()
    const model = network(temporaryFolder())
    const {
      code,
      out: text,
      err,
    } = await run('ood', model, '--data', root, '--out', out, '--json', '--quiet')
    expect([code, err]).toEqual([0, ''])
    const { datasets } = JSON.parse(text)
    expect(datasets.map((set: { dataset: string; images: number }) => [set.dataset, set.images])).toEqual([
      ['cue-conflict', 3],
      ['edge', 2],
      ['noise', 3],
    ])
    expect(
      datasets[2].conditions.map((c: { condition: string; images: number }) => [c.condition, c.images]),
    ).toEqual([
      ['0.1', 2],
      ['0.9', 1],
    ])
    expect(readdirSync(join(out, 'raw-data/noise'))).toEqual([
      'noise_my-net_session-1.csv',
      'noise_my-net_session-2.csv',
    ])
    const [first] = readTrials(readFileSync(join(out, 'raw-data/noise/noise_my-net_session-2.csv'), 'utf8'))
    expect(first).toMatchObject({
      subject: 'my-net',
      session: 2,
      trial: 1,
      category: 'cat',
      condition: '0.1',
      image: '0001_nse_dnn_0.1_cat_10_n03_3.png',
    })
    expect(first!.response).not.toBe('na')
  })

  test('resizes only what the network cannot take, and says so', async () => {
    const root = await pictures(['cat/1.png', 'dog/1.png'], [40, 32], false)
    const { code, out } = await run('ood', network(temporaryFolder()), '--data', root, '--quiet')
    expect(code).toBe(0)
    expect(out).toContain("resized to the network's size: ")
  })

  test('says what is wrong with the data', async () => {
    const { code, err } = await run('ood', network(temporaryFolder()), '--data', temporaryFolder(), '--quiet')
    expect(code).toBe(2)
    expect(err).toMatch(/has no stimuli; expected <category>\/<image>/)
  })
})

describe('consistency', () => {
  const edge = 'test/fixtures/people/edge'

  test('prints the table and writes page, JSON and CSV', async () => {
    const out = temporaryFolder()
    const { code, out: text, err } = await run('consistency', edge, '--out', out, '--resamples', '100')
    expect([code, err]).toEqual([0, ''])
    expect(text).toContain('48 pictures of edge')
    const result = JSON.parse(readFileSync(join(out, 'consistency.json'), 'utf8'))
    expect(result.benchmark.rows.map((row: { observer: string }) => row.observer)).toEqual(
      expect.arrayContaining(['resnet50', 'bagnet33', 'people']),
    )
    const pairs = readFileSync(join(out, 'pairs.csv'), 'utf8').trim().split('\n')
    expect(pairs).toHaveLength(1 + 15)
    const page = readFileSync(join(out, 'consistency.html'), 'utf8')
    for (const name of ['subject-01', 'resnet50', 'bagnet33']) expect(page).toContain(name)
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
  })

  test('gives the same bytes for the same seed', async () => {
    const args = ['consistency', edge, '--resamples', '100', '--json']
    expect(await run(...args)).toEqual(await run(...args))
    expect((await run(...args, '--seed', '1')).out).not.toBe((await run(...args)).out)
  })

  test('says what is wrong with the trials', async () => {
    const { code, err } = await run('consistency', temporaryFolder())
    expect(code).toBe(2)
    expect(err).toContain('has no trials; expected')
  })
})

// Geirhos et al. 2019 (CC BY 4.0), where somebody has put them; they are not part of the repository.
const stimuli = '../shared/data/texture-vs-shape'
const reason = existsSync(stimuli) ? '' : ` (skipped: no ${stimuli})`

describe.skipIf(!existsSync(stimuli))(`the published stimuli${reason}`, () => {
  const out = temporaryRoot()
  let result: {
    datasets: { dataset: string; images: number; resized: boolean; shapeBias?: { trials: number } }[]
  }
  beforeAll(async () => {
    const done = await run('ood', network(out), '--data', stimuli, '--out', out, '--json', '--quiet')
    result = JSON.parse(done.out)
  })

  test('run end to end: 1,280 cue conflicts of which 1,200 conflict, 160 edges, 160 silhouettes', () => {
    expect(result.datasets.map(set => [set.dataset, set.images, set.shapeBias?.trials])).toEqual([
      ['cue-conflict', 1280, 1200],
      ['edge', 160, undefined],
      ['silhouette', 160, undefined],
    ])
    expect(result.datasets.every(set => set.resized)).toBe(true)
  })

  test('give trials that people can be laid beside', async () => {
    const people = 'test/fixtures/people/edge'
    const { code, err } = await run('consistency', join(out, 'raw-data/edge'), people, '--resamples', '100')
    // The fixture holds 48 of the 160 drawings, and that is what is said.
    expect(code).toBe(2)
    expect(err).toMatch(/saw 48 of the 160 pictures of edge that others saw/)
  })
})
