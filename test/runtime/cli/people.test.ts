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

/** A network of 32x32, untrained, with the sixteen categories or with ImageNet's outputs, which have no names. */
function network(folder: string, outputs: 16 | 1000 = 16): string {
  const { graph, preprocessing } = buildNetwork('mini-alex', {
    classes: outputs,
    size: 32,
    width: 8,
    random: new Random(0),
  })
  const notes = [
    ['silhouette.preprocessing', JSON.stringify(preprocessing)],
    ...(outputs === 16 ? [['silhouette.classes', JSON.stringify(sixteenCategories)] as const] : []),
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
  interface Share {
    readonly value: number
    readonly low: number
    readonly high: number
  }
  let result: {
    datasets: {
      dataset: string
      images: number
      resized: boolean
      accuracy: Share
      shapeBias?: { trials: number; shapeBias: Share | null }
    }[]
  }
  let imagenet: string
  beforeAll(async () => {
    imagenet = network(out, 1000)
    const done = await run('ood', imagenet, '--data', stimuli, '--out', out, '--json', '--quiet')
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

  test('have intervals around chance for a network that has learned nothing', () => {
    for (const { accuracy } of result.datasets) {
      expect(accuracy.low).toBeLessThan(1 / 16)
      expect(accuracy.high).toBeGreaterThan(1 / 16)
    }
  })

  test('give shape-bias the decisions that ood wrote', async () => {
    const csv = join(out, 'alone.csv')
    const data = join(stimuli, 'cue-conflict')
    const alone = await run('shape-bias', imagenet, '--data', data, '--out', csv, '--json', '--quiet')
    expect(alone.code).toBe(0)
    const { images, resized, shapeBias } = JSON.parse(alone.out)
    expect([images, resized]).toEqual([1200, true])
    expect(shapeBias?.value).toBe(result.datasets[0]!.shapeBias!.shapeBias?.value)
    const [session = ''] = readdirSync(join(out, 'raw-data/cue-conflict'))
    const decisions = (file: string) =>
      new Map(readTrials(readFileSync(file, 'utf8'), file).map(({ image, response }) => [image, response]))
    const written = decisions(join(out, 'raw-data/cue-conflict', session))
    const own = decisions(csv)
    expect([own.size, written.size]).toEqual([1200, 1280])
    for (const [image, response] of own) expect(written.get(image)).toBe(response)
  })

  test('give trials that people can be laid beside', async () => {
    const people = 'test/fixtures/people/edge'
    const { code, err } = await run('consistency', join(out, 'raw-data/edge'), people, '--resamples', '100')
    // The fixture holds 48 of the 160 drawings, and that is what is said.
    expect(code).toBe(2)
    expect(err).toMatch(/saw 48 of the 160 pictures of edge that others saw/)
  })
})
