// The cue-conflict maker from folders to stimuli that shape bias is measured on, and stylised copies.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Classifier } from '../../../src/classifier/classifier.ts'
import { loadClassifier } from '../../../src/classifier/load.node.ts'
import { openCueConflict } from '../../../src/data/cue-conflict.node.ts'
import { decodeImage, encodePng } from '../../../src/image/codec.node.ts'
import { type Pixels, pixels } from '../../../src/image/pixels.ts'
import { toTensor } from '../../../src/image/to-tensor.ts'
import { shapeBias } from '../../../src/probe/index.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { gramMatrices, stylise } from '../../../src/synth/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { run } from '../../support/command.ts'
import { put, temporaryFolder } from '../../support/picture-folder.ts'

let model: Classifier
beforeAll(async () => {
  model = await loadClassifier('checkpoints/r', nodeRuntime())
})
afterAll(() => model.dispose())

/** 64x64, by a function of place. */
const painted = (colourAt: (y: number, x: number) => readonly number[]): Pixels =>
  pixels(
    64,
    64,
    3,
    Uint8Array.from(Array.from({ length: 64 * 64 }, (_, i) => colourAt(Math.floor(i / 64), i % 64)).flat()),
  )

const inDisc = (y: number, x: number) => (y - 32) ** 2 + (x - 32) ** 2 < 400
const inBar = (y: number, x: number) => Math.abs(y - 32) < 8 && Math.abs(x - 32) < 26
const disc = painted((y, x) => (inDisc(y, x) ? [0, 0, 0] : [255, 255, 255]))
const bar = painted((y, x) => (inBar(y, x) ? [0, 0, 0] : [255, 255, 255]))
const stripes = painted((_, x) => (x % 8 < 4 ? [200, 30, 30] : [250, 220, 40]))
const checks = painted((y, x) => (((y >> 3) + (x >> 3)) % 2 === 0 ? [20, 60, 200] : [230, 240, 250]))

async function folders() {
  const root = temporaryFolder()
  put(root, 'shapes/cat/one.png', await encodePng(disc))
  put(root, 'shapes/car/one.png', await encodePng(bar))
  put(root, 'textures/cat/a.png', await encodePng(stripes))
  put(root, 'textures/car/a.png', await encodePng(checks))
  return { shapes: join(root, 'shapes'), textures: join(root, 'textures'), out: join(root, 'out'), root }
}

describe('cue-conflict make', () => {
  test('fills silhouettes with texture; each cue alone is put to the judge', async () => {
    const { shapes, textures, out } = await folders()
    const from = ['--shapes', shapes, '--textures', textures, '--out', out, '--size', '64', '--quiet']
    const made = await run('cue-conflict', 'make', ...from, '--judge', 'checkpoints/r', '--json')
    expect(made).toMatchObject({ code: 0, err: '' })
    const result = JSON.parse(made.out)
    expect(result).toMatchObject({ method: 'fill', stimuli: 2, made: 2, kept: 0, judge: 'r', chance: 0.5 })
    for (const cue of ['shape', 'texture']) {
      const { value, low, high } = result.recognised[cue]
      expect([0, 0.5, 1]).toContain(value)
      expect(low <= value && value <= high).toBe(true)
    }
    const image = await decodeImage(readFileSync(join(out, 'cat', 'cat1-car1.png')))
    const wanted = painted((y, x) =>
      inDisc(y, x) ? [...checks.data.subarray(3 * (64 * y + x), 3 * (64 * y + x) + 3)] : [255, 255, 255],
    )
    expect(image.data).toEqual(wanted.data)
    expect((await run('cue-conflict', 'make', ...from)).out).toContain('2 stimuli (2 were there)')
    expect((await run('cue-conflict', 'make', ...from, '--seed', '1')).err).toContain(
      'made with other settings',
    )
  })

  test('transfers style into stimuli that shape bias is measured on', async () => {
    const { shapes, textures, out } = await folders()
    // Classes enough that some stimulus is decided by a cue: else there is no bias to measure.
    for (const name of ['clock', 'knife', 'boat', 'bottle']) {
      put(shapes, `${name}/one.png`, await encodePng(name === 'clock' ? disc : bar))
      put(textures, `${name}/a.png`, await encodePng(stripes))
    }
    const from = ['--shapes', shapes, '--textures', textures, '--out', out, '--quiet']
    const transfer = ['--features', 'checkpoints/r', '--steps', '5']
    expect(await run('cue-conflict', 'make', ...from, ...transfer)).toMatchObject({ code: 0, err: '' })
    const data = await openCueConflict(out, { classes: model.classes })
    expect([data.size, data.dropped]).toEqual([30, 0])
    const { hits } = await shapeBias({ data, resamples: 10 }).run({
      model,
      random: new Random(0),
      progress: silent,
    })
    expect(hits.shape + hits.texture + hits.other).toBe(30)
  })
})

test('style transfer takes over the style and leaves what the content layer sees', async () => {
  const [contents, styles] = [toTensor([disc, bar]), toTensor([stripes, checks])]
  const made = await stylise({ model, random: new Random(0) }, contents, styles, { steps: 80 })
  const layers = ['conv1', 'conv2']
  const [style, before, after] = await Promise.all(
    [styles, contents, made.pictures].map(images => gramMatrices(model, images, layers)),
  )
  for (const layer of layers) {
    const gap = (grams: typeof style) =>
      grams![layer]!.data.reduce((sum, value, i) => sum + (value - style![layer]!.data[i]!) ** 2, 0)
    expect(gap(after)).toBeLessThan(0.2 * gap(before))
  }
  const seen = async (images: typeof contents) => (await model.activations(images, ['conv4'])).conv4!.data
  const [content, kept, other] = await Promise.all([contents, made.pictures, styles].map(seen))
  const far = (a: Float32Array) => a.reduce((sum, value, i) => sum + (value - content![i]!) ** 2, 0)
  expect(far(kept!)).toBeLessThan(0.8 * far(other!))
})

test('stylize writes a copy with the same paths', async () => {
  const { shapes, textures, root } = await folders()
  const out = join(root, 'stylised')
  const args = [
    'stylize',
    shapes,
    '--styles',
    textures,
    '--out',
    out,
    '--features',
    'checkpoints/r',
    '--steps',
    '2',
  ]
  expect((await run(...args, '--quiet')).out).toBe(`${out}: 2 images made, 0 were there\n`)
  expect((await run(...args, '--quiet')).out).toBe(`${out}: 0 images made, 2 were there\n`)
  const copy = await decodeImage(readFileSync(join(out, 'car', 'one.png')))
  expect(copy.data).not.toEqual(bar.data)
})
