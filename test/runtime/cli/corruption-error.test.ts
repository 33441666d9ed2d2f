// The command corruption-error: a network whose decisions are known on sets in the published layouts.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cifar10Classes } from '../../../src/data/cifar.node.ts'
import { imagenetWnids } from '../../../src/data/imagenet.ts'
import { writeNpy } from '../../../src/data/npy.ts'
import { corruptionNames } from '../../../src/distort/index.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { alexnetErrors } from '../../../src/probe/index.ts'
import { float32, tensor } from '../../../src/tensor/tensor.ts'
import { run } from '../../support/command.ts'
import { put, temporaryRoot } from '../../support/picture-folder.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const root = temporaryRoot()
const at = (...parts: string[]) => join(root, ...parts)

/** Decides for the class whose share of the list is nearest to the picture's red. */
function redNet(name: string, classes: readonly string[], side: number): string {
  const count = classes.length
  const reds = classes.map((_, i) => i / (count - 1))
  const b = new GraphBuilder('reds')
  b.input('images', 'float32', ['n', 3, side, side])
  const weights = b.constant(
    float32([count, 3, 1, 1], Float32Array.from(reds.flatMap(red => [2 * red, 0, 0]))),
  )
  const bias = b.constant(
    float32(
      [count],
      Float32Array.from(reds, red => -red * red),
    ),
  )
  const scores = b.op('GlobalAveragePool', [b.op('Conv', ['images', weights, bias])])
  b.output(b.op('Flatten', [scores]), 'float32', ['n', count], 'logits')
  const notes = [
    ['silhouette.preprocessing', JSON.stringify(plainPreprocessing(side))],
    ['silhouette.classes', JSON.stringify(classes)],
  ] as const
  writeOnnxFile(at(name), { ...b.build(), metadata: new Map(notes) })
  return at(name)
}

const [first, last] = [imagenetWnids[0]!, imagenetWnids[999]!]
const benchmark = corruptionNames.slice(0, 15)
/** Errors that the pictures below make the network commit, by severity. */
const planted = [0, 0, 0, 0.5, 1]

beforeAll(async () => {
  const flat = (red: number) => {
    const data = Uint8Array.from({ length: 3 * 64 }, (_, i) => (i % 3 === 0 ? red : 0))
    return encodePng({ width: 8, height: 8, channels: 3, data })
  }
  const [dark, bright] = [await flat(0), await flat(255)]
  for (const [folder, darkOne, brightOne] of [
    ['clean', dark, bright],
    ...[...benchmark, 'spatter'].flatMap(name =>
      planted.map((error, i) => {
        const [of0, of999] = [error > 0 ? bright : dark, error === 1 ? dark : bright]
        return [`imagenet-c/${name}/${i + 1}`, of0, of999] as const
      }),
    ),
  ] as const) {
    put(root, `${folder}/${first}/ILSVRC2012_val_00000001.JPEG`, darkOne)
    put(root, `${folder}/${last}/ILSVRC2012_val_00000002.JPEG`, brightOne)
  }

  const labels = Uint8Array.from({ length: 20 }, (_, i) => [0, 3, 9, 5][i % 4]!)
  const reds = Uint8Array.from(labels, (label, i) => (Math.floor(i / 4) === 1 ? 9 - label : label) * 28)
  const pictures = Uint8Array.from({ length: 20 * 3072 }, (_, i) =>
    i % 3 === 0 ? reds[Math.floor(i / 3072)]! : 7,
  )
  put(root, 'cifar-c/fog.npy', writeNpy(tensor('uint8', [20, 32, 32, 3], pictures)))
  put(root, 'cifar-c/labels.npy', writeNpy(tensor('uint8', [20], labels)))
})

const corruptionError = (...args: string[]) =>
  run('corruption-error', ...args, '--quiet', '--resamples', '200')

test('tells accuracy by level and mCE of ImageNet-C, asking nothing twice', async () => {
  const model = redNet('imagenet.onnx', imagenetWnids, 8)
  const args = [model, '--data', at('imagenet-c'), '--clean', at('clean'), '--out', at('run'), '--json']
  const { code, out, err } = await corruptionError(...args)
  expect([code, err]).toEqual([0, ''])
  const { levels, layout, resized, clean, mce, relativeMce } = JSON.parse(out)
  expect([layout, resized, clean.value]).toEqual(['ImageNet-C', false, 1])
  expect(levels).toHaveLength(16 * 5)
  for (const { severity, images, accuracy } of levels) {
    expect(images).toBe(2)
    expect(accuracy.value).toBe(1 - planted[severity - 1]!)
  }
  const mean = (of: (alexnet: number) => number) =>
    benchmark.reduce((sum, name) => sum + of(alexnetErrors.corrupted[name]!), 0) / benchmark.length
  expect(mce.value).toBeCloseTo(
    mean(alexnet => 1.5 / (5 * alexnet)),
    12,
  )
  expect(relativeMce.value).toBeCloseTo(
    mean(alexnet => 1.5 / (5 * (alexnet - alexnetErrors.clean))),
    12,
  )
  expect(readFileSync(at('run/corruption-error.csv'), 'utf8').split('\n')[4]).toMatch(/^brightness,4,2,0.5,/)

  const entries = readdirSync(at('run/ledger'))
  // Levels with the same pictures are one task.
  expect(entries).toHaveLength(new Set(planted).size + 1)
  expect((await corruptionError(...args)).out).toBe(out)
  expect(readdirSync(at('run/ledger'))).toEqual(entries)
})

test('reads CIFAR-C, some of it', async () => {
  const model = redNet('cifar.onnx', cifar10Classes, 32)
  const { code, out } = await corruptionError(
    ...[model, '--data', at('cifar-c'), '--out', at('run-cifar'), '--severities', '1-2'],
  )
  expect(code).toBe(0)
  expect(out).toContain('in percent by severity, CIFAR-C, 4 images a level\n')
  expect(out).toMatch(/^fog +100\.0 +0\.0$/m)
  expect(out).toContain('accuracy over all of them  50.0 %')
  expect(out).not.toContain('mCE')
})

test('says what is wrong', async () => {
  const model = redNet('two.onnx', [first, last], 8)
  const asked = (...args: string[]) => corruptionError(model, '--out', at('run-two'), ...args)
  const faulty = async (...args: string[]) => {
    const { code, err } = await asked(...args)
    expect(code).toBe(2)
    return err
  }
  expect(await faulty('--data', at('clean'))).toContain('is not ImageNet-C: expected <corruption>/<1..5>')
  expect(await faulty('--data', at('nowhere'))).toContain('nowhere')
  put(root, 'unlabelled/fog.npy', readFileSync(at('cifar-c/fog.npy')))
  expect(await faulty('--data', at('unlabelled'))).toContain('labels.npy cannot be read: no such')
  const sets = ['--data', at('imagenet-c')]
  expect(await faulty(...sets, '--corruptions', 'rain')).toContain('none of the levels asked for is there')
  const fog = [...sets, '--corruptions', 'fog', '--severities', '1']
  const elsewhere = at('imagenet-c', 'fog', '2')
  put(elsewhere, `${last}/more.JPEG`, readFileSync(at(`clean/${last}/ILSVRC2012_val_00000002.JPEG`)))
  expect(await faulty(...fog, '--clean', elsewhere)).toContain('must be those that were corrupted')
})
