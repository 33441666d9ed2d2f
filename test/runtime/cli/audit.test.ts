// The commands audit and compare: the battery on a small network, thresholds, resuming, and what changed.

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readOnnxFile, writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'
import { put, temporaryRoot, writePictures } from '../../support/picture-folder.ts'

const classes = ['cat', 'dog']
const root = temporaryRoot()
const at = (...parts: string[]) => join(root, ...parts)
const small = [
  // Processes of their own need built code: test/package has them.
  ...['--threads', '1', '--quiet', '--n-ex', '3', '--steps', '2'],
  ...['--sample', '4', '--severities', '1,5', '--resamples', '100'],
]

function network(name: string, seed: number, known: readonly string[] = classes): string {
  const { graph, preprocessing } = buildNetwork('mini-alex', {
    classes: known.length,
    size: 32,
    width: 4,
    random: new Random(seed),
  })
  const notes = [
    ['silhouette.preprocessing', JSON.stringify(preprocessing)],
    ['silhouette.classes', JSON.stringify(known)],
  ] as const
  writeOnnxFile(at(name), { ...graph, metadata: new Map([...graph.metadata, ...notes]) })
  return at(name)
}

const audit = (model: string, out: string, ...more: string[]) =>
  run(
    'audit',
    model,
    '--data',
    at('images'),
    '--cue-conflict',
    at('cues'),
    '--out',
    at(out),
    ...small,
    ...more,
  )

let [first, second] = ['', '']
beforeAll(async () => {
  first = network('first.onnx', 0)
  second = network('second.onnx', 3)
  const pictures = Array.from({ length: 5 }, (_, i) => i).flatMap(i =>
    classes.map(name => `${name}/${i}.png`),
  )
  await writePictures(at('images'), pictures, [32, 32])
  await writePictures(at('cues'), ['cat/cat1-dog1.png', 'cat/cat2-dog1.png', 'dog/dog1-cat1.png'], [32, 32])
})

describe('audit', () => {
  test('measures the battery, writes its files, and repeats nothing', async () => {
    const { code, out, err } = await audit(first, 'a', '--json')
    expect([code, err]).toEqual([0, ''])
    const result = JSON.parse(out)
    expect(result.measures.map((measure: { id: string }) => measure.id)).toEqual([
      'accuracy',
      'robust-accuracy',
      'corruption-accuracy',
      'shape-bias',
      'scrambled-accuracy',
      'phase-scrambled-accuracy',
      'low-pass-accuracy',
      'high-pass-accuracy',
      'low-resolution-accuracy',
      'noise-accuracy',
      'greyscale-accuracy',
      'false-colour-accuracy',
      'contour-accuracy',
      'black-and-white-accuracy',
      'calibration-error',
      'first-layer-variation',
      'lints',
    ])
    for (const { value, low, high } of result.measures) {
      expect(low).toBeLessThanOrEqual(value)
      expect(high).toBeGreaterThanOrEqual(value)
    }
    expect(result.corruptions).toHaveLength(15)
    const files = ['audit.html', 'audit.json', 'audit.md', 'images.csv', 'junit.xml', 'ledger']
    expect(readdirSync(at('a')).sort()).toEqual(files)

    const before = files.slice(0, 5).map(name => readFileSync(at('a', name), 'utf8'))
    const entries = readdirSync(at('a', 'ledger'))
    rmSync(at('a', 'ledger', entries[0]!))
    const again = await audit(first, 'a')
    expect(again.out).toMatch(
      new RegExp(`${entries.length} tasks, ${entries.length - 1} of them done before`),
    )
    expect(files.slice(0, 5).map(name => readFileSync(at('a', name), 'utf8'))).toEqual(before)
  })

  test('fails a build on a threshold, with a sentence which', async () => {
    const { code, out, err } = await audit(first, 'a', '--min', 'accuracy=0.999', '--max', 'lints=50')
    expect(code).toBe(1)
    expect(err).toMatch(
      /^silhouette: accuracy is \d+\.\d % \[.*\] on 10 images, below the minimum of 99\.9 %\n$/,
    )
    expect(out).toContain('FAILS min 0.999')
    expect(readFileSync(at('a/junit.xml'), 'utf8')).toContain('failures="1"')
  })

  test('takes a stronger attack for robust accuracy, and keeps what was measured', async () => {
    const { code, out } = await audit(first, 'a', '--attack', 'apgd', '--json')
    expect(code).toBe(0)
    const { measures, curves } = JSON.parse(out)
    expect(measures[1]).toMatchObject({
      id: 'robust-accuracy',
      label: 'accuracy under APGD (Linf, 8/255)',
      images: 3,
    })
    expect(measures[1].value).toBeLessThanOrEqual(curves[0].points.at(-1).value)
    expect(readFileSync(at('a/images.csv'), 'utf8')).toContain('apgd-Linf-8/255,')
  })

  test('says what is wrong before it measures anything', async () => {
    const missing = await audit(first, 'never', '--min', 'kindness=1')
    expect(missing).toMatchObject({
      code: 2,
      err: expect.stringContaining('no such measure (there are accuracy, '),
    })
    expect(() => readdirSync(at('never'))).toThrow()
    const nothing = await run('audit', first, '--data', at('nowhere'), '--out', at('never'), ...small)
    expect(nothing).toMatchObject({ code: 2, err: expect.stringContaining('no data at') })

    const other = network('other.onnx', 0, ['ant', 'bee', 'cow'])
    expect(await run('audit', other, '--data', at('images'), '--out', at('never'), ...small)).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /^silhouette: other does not know 2 of the 2 classes of the data \(cat, dog\).*\n$/,
      ),
    })
  })

  test('leaves out what cannot be read where it is told to, and says how much', async () => {
    await writePictures(at('faulty'), ['cat/1.png', 'cat/2.png'], [32, 32])
    put(at('faulty'), 'cat/3.png', 'no picture')
    const options = ['--data', at('faulty'), '--out', at('f'), ...small]
    expect(await run('audit', first, ...options)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^silhouette: .*cat\/3\.png: .*; replace or remove what cannot be read\n$/),
    })
    const { code, out } = await run('audit', first, ...options, '--skip-bad', '--json')
    const { measures, note, chance } = JSON.parse(out)
    expect([code, measures[0].images]).toEqual([0, 2])
    expect(note).toContain('Left out as they cannot be read: 1.')
    // One class of images, but two to choose from.
    expect(chance).toBe(1 / 2)
  })
})

describe('compare', () => {
  test('of an audit with itself finds no difference; of two networks says which images', async () => {
    expect((await audit(second, 'b')).code).toBe(0)
    const same = await run('compare', at('a'), at('a'), '--json', '--resamples', '100')
    expect(same.code).toBe(0)
    const changes: { verdict: string; p: number }[] = JSON.parse(same.out).changes
    expect(changes.length).toBeGreaterThan(15)
    expect(changes.every(({ verdict, p }) => verdict === 'no difference' && p === 1)).toBe(true)

    const other = await run('compare', at('a'), at('b'), '--fail-on-regression', '--resamples', '100')
    // Ten images are too few for any difference to be one.
    expect(other.code).toBe(0)
    expect(other.out).toContain('accuracy clean')
  })

  test('needs finished runs', async () => {
    const { code, err } = await run('compare', at('a'), at('images'))
    expect(code).toBe(2)
    expect(err).toContain('holds no finished audit or study')
  })
})

/** A network that decides for a bird, whatever it is shown. */
function birdsOnly(): string {
  const graph = readOnnxFile(network('birds.onnx', 0, [...classes, 'bird']))
  const bias = [...graph.initializers].find(([, { shape }]) => String(shape) === '3')!
  const certain = float32([3], Float32Array.of(0, 0, 1000))
  writeOnnxFile(at('birds.onnx'), {
    ...graph,
    initializers: new Map([...graph.initializers, [bias[0], certain]]),
  })
  return at('birds.onnx')
}

test('a network that decides for neither cue has no shape bias, and everything else', async () => {
  const birds = birdsOnly()
  const sentence = 'not measurable: 0 of 3 decisions for shape or texture'
  const whole = await audit(birds, 'birds', '--min', 'shape-bias=0.1')
  expect(whole).toMatchObject({
    code: 1,
    err: `silhouette: shape-bias is ${sentence}, so that the minimum of 10.0 % does not hold\n`,
  })
  expect(whole.out).toMatch(/^accuracy +0\.0 %/m)
  expect(whole.out).toMatch(new RegExp(`^shape-bias +${sentence}`, 'm'))
  expect(readFileSync(at('birds/junit.xml'), 'utf8')).toContain(`message="shape-bias is ${sentence}`)
  expect(JSON.parse(readFileSync(at('birds/audit.json'), 'utf8')).measures[3]).toMatchObject({
    id: 'shape-bias',
    value: null,
    reason: sentence,
  })

  const compared = await run('compare', at('birds'), at('birds'), '--resamples', '100')
  expect(compared).toMatchObject({ code: 0, out: expect.stringContaining(`shape bias (both: ${sentence})`) })

  const alone = await run('shape-bias', birds, '--data', at('cues'), '--quiet')
  expect(alone).toMatchObject({ code: 0, out: expect.stringContaining(`shape bias ${sentence}\n`) })

  const curves = await run(
    'cues',
    birds,
    '--data',
    at('cues'),
    '--out',
    at('curves'),
    '--steps',
    '1',
    '--quiet',
  )
  expect(curves).toMatchObject({ code: 0, out: expect.stringMatching(/as it is +not measurable/) })
  expect(readFileSync(at('curves/cues.csv'), 'utf8')).toContain('low-pass,0,birds,3,0,,,')
  expect(readFileSync(at('curves/cues.html'), 'utf8')).toContain('Shape bias of birds not measurable')
})
