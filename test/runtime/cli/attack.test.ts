// The commands attack, gradient and train, from arguments to files.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNpy, writeNpy } from '../../../src/data/npy.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { asFloat32, float32, int64, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { attackNet, attackNetGraph, attackNetLabels } from '../../support/attack-net.ts'
import { run } from '../../support/command.ts'
import { quantisedNet } from '../../support/defences.ts'
import { formulaImages } from '../../support/formula-weights.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
const load = (path: string) => asFloat32(readNpy(readFileSync(path)))

const images = formulaImages([...Array(attackNet.images).keys()], attackNet.size)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-attack-'))
  writeOnnxFile(at('net.onnx'), attackNetGraph())
  writeFileSync(at('x.npy'), writeNpy(images))
  writeFileSync(at('y.npy'), writeNpy(int64([attackNet.images], Array.from(attackNetLabels()))))
})
afterAll(() => rmSync(folder, { recursive: true }))

const inputs = () => ['--images', at('x.npy'), '--labels', at('y.npy')]

describe('attack', () => {
  test("without random start writes foolbox's images", async () => {
    const linf = ['--norm', 'linf', '--eps', '8/255', '--no-random-start', '--batch-size', '5']
    const { code, out } = await run(
      'attack',
      at('net.onnx'),
      ...inputs(),
      ...linf,
      '--out',
      at('a.npy'),
      '--json',
    )
    expect(code).toBe(0)
    const golden = asFloat32(
      readNpy(readFileSync(new URL('../../fixtures/attack/Linf.npy', import.meta.url))),
    )
    expectClose(load(at('a.npy')).data, rows(golden, 2, 3).data, { absolute: 5e-4 })
    const result = JSON.parse(out)
    expect(result).toMatchObject({ attack: 'pgd', norm: 'Linf', randomStart: false, images: 16 })
    expect(result.epsilons).toMatchObject([{ epsilon: 8 / 255, success: { value: 1 } }])
    expect(result.adversarial).toEqual(Array(16).fill(true))
  })

  test('draws its random start from the seed', async () => {
    const arrays = []
    for (const [name, seed] of [
      ['b', '1'],
      ['c', '1'],
      ['d', '2'],
    ]) {
      const out = at(`${name}.npy`)
      const args = ['--eps', '0.5', '--steps', '2', '--seed', seed!, '--out', out]
      const { code, out: text } = await run('attack', at('net.onnx'), ...inputs(), ...args)
      expect(code).toBe(0)
      expect(text).toMatch(/^pgd, L2, on net: 16 images; clean accuracy [\d.]+ \[[\d.]+, [\d.]+\] %\n/)
      arrays.push(load(out).data)
    }
    expect(arrays[1]).toEqual(arrays[0])
    expect(arrays[2]).not.toEqual(arrays[0])
  })

  test('reads a folder of class folders', async () => {
    for (const [k, name] of ['u', 'v', 'w', 'x', 'y'].entries()) {
      mkdirSync(at('set', name), { recursive: true })
      const bytes = Uint8Array.from({ length: 14 * 14 * 3 }, (_, i) => (i * 37 + k * 91) % 256)
      writeFileSync(at('set', name, '0.png'), await encodePng(pixels(14, 14, 3, bytes)))
    }
    const args = ['--eps', '0', '--no-random-start', '--steps', '1', '--out', at('folder.npy')]
    expect(await run('attack', at('net.onnx'), '--images', at('set'), ...args)).toMatchObject({ code: 0 })
    const { shape, data } = load(at('folder.npy'))
    expect(shape).toEqual([5, 3, 14, 14])
    expect(Math.round(data[3 * 196]! * 255)).toBe(91)
  })
})

describe('attack, as a checked set', () => {
  const json = async (...args: string[]) => {
    const { code, out, err } = await run('attack', at('net.onnx'), ...inputs(), ...args, '--json')
    expect([code, err]).toEqual([0, expect.anything()])
    return JSON.parse(out)
  }
  beforeAll(() => {
    // Originals of eight bits, as images in files are.
    writeFileSync(
      at('x8.npy'),
      writeNpy(
        float32(
          images.shape,
          images.data.map(v => Math.round(v * 255) / 255),
        ),
      ),
    )
  })
  const eight = () => ['--images', at('x8.npy'), '--labels', at('y.npy')]

  test('writes what it counted, at every radius, and AutoAttack an entry for RobustBench', async () => {
    const args = ['--attack', 'autoattack', '--norm', 'Linf', '--eps', '2/255,0.5/255', '--steps', '5']
    const out = at('set-aa')
    const result = await json(...args, '--queries', '20', ...eight(), '--out', out)
    expect(result.epsilons.map((e: { epsilon: number }) => e.epsilon)).toEqual([0.5 / 255, 2 / 255])
    const [small, large] = result.epsilons
    expect(large.robustAccuracy.value).toBeLessThanOrEqual(small.robustAccuracy.value)
    for (const [k, name] of ['eps-0.5_255', 'eps-2_255'].entries()) {
      const files = readdirSync(join(out, name, 'images'))
      expect(files).toHaveLength(16)
      expect(readFileSync(join(out, name, 'labels.csv'), 'utf8').split('\n')[0]).toBe('filename,label')
      const counts = result.verified[k]
      expect(counts).toMatchObject({ images: 16, epsilonHolds: 16 })
      expect(counts.both).toBeGreaterThanOrEqual(counts.labelHolds)
    }
    // Half a level is lost altogether; two levels are not.
    expect(result.verified[1].adversarial).toBeGreaterThan(8)
    expect(result.verified[1].labelHolds).toBe(result.verified[1].adversarial)
    const info = JSON.parse(readFileSync(join(out, 'model_info.json'), 'utf8'))
    expect(info).toMatchObject({ eps: '2/255', clean_acc: expect.stringMatching(/^\d+\.\d\d$/) })
    expect(Number(info.autoattack_acc)).toBeCloseTo(100 * large.robustAccuracy.value, 2)
    expect(existsSync(`${out}.partial`)).toBe(false)
  })

  test('targeted attacks name their targets', async () => {
    const args = ['--attack', 'fgsm', '--targeted', '--norm', 'Linf', '--eps', '4/255', '--out', at('set-t')]
    const result = await json(...args, ...eight())
    expect(result.epsilons[0].robustAccuracy).toBeUndefined()
    const [head, first] = readFileSync(at('set-t', 'labels.csv'), 'utf8').split('\n')
    expect([head, first]).toEqual([
      'filename,label,targeted_label',
      expect.stringMatching(/^00000\.png,\d,0$/),
    ])
  })

  test('nearest attacks answer for all radii; bisection finds less than the largest', async () => {
    const eps = ['--eps', '0.05,0.5,2']
    const near = await json('--attack', 'deepfool', ...eps, '--out', at('set-d'))
    const values = near.epsilons.map((e: { success: { value: number } }) => e.success.value)
    expect(values).toEqual(values.toSorted())
    expect(values[2]).toBe(1)
    const minimal = await json('--attack', 'pgd', '--minimal', '6', '--eps', '2', '--out', at('min.npy'))
    expect(minimal.epsilons[0].medianDistance).toBeLessThan(0.6)
    expect(minimal.epsilons[0].medianDistance).toBeGreaterThan(near.epsilons[2].medianDistance * 0.8)
  })

  test('shows the images to another network', async () => {
    const args = ['--attack', 'apgd', '--steps', '5', '--eps', '1', '--transfer-to', at('net.onnx')]
    const result = await json(...args, '--out', at('tr.npy'))
    // The same network: what breaks one breaks the other.
    const { transfer, successOnRight } = result.epsilons[0]
    expect(transfer.successOnRight).toEqual(successOnRight)
  })

  test('goes on where it was stopped, to the same bytes, and not with other settings', async () => {
    const args = [
      '--attack',
      'square',
      '--steps',
      '15',
      '--norm',
      'linf',
      '--eps',
      '8/255',
      '--batch-size',
      '4',
    ]
    const whole = await json(...args, '--out', at('whole.npy'))
    // Writing the result fails last, when all pieces are there.
    mkdirSync(at('stopped.npy'))
    const failed = await run('attack', at('net.onnx'), ...inputs(), ...args, '--out', at('stopped.npy'))
    expect(failed).toMatchObject({ code: 2, err: expect.stringMatching(/it is a folder; name a file/) })
    rmSync(at('stopped.npy'), { recursive: true })
    rmSync(at('stopped.npy.partial', '2.json'))
    const other = await run(
      'attack',
      at('net.onnx'),
      ...inputs(),
      ...args,
      '--seed',
      '1',
      '--resume',
      '--out',
      at('stopped.npy'),
    )
    expect(other).toMatchObject({ code: 2, err: expect.stringMatching(/holds another run/) })
    // A mark in a finished piece shows that it is read, not made again.
    const path = at('stopped.npy.partial', '1.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"queries":[', '"queries":[90000'))
    const resumed = await json(...args, '--resume', '--out', at('stopped.npy'))
    expect(readFileSync(at('stopped.npy'))).toEqual(readFileSync(at('whole.npy')))
    expect(resumed.epsilons[0].meanQueries).toBeGreaterThan(5000)
    expect({ ...resumed.epsilons[0], meanQueries: 0 }).toEqual({ ...whole.epsilons[0], meanQueries: 0 })
  })

  test('of several attacks tells what each did', async () => {
    const args = ['--norm', 'linf', '--eps', '2/255', '--batch-size', '16', '--queries', '60', '--steps', '3']
    const several = await json('--attack', 'square,fgsm,pgd', ...args, '--out', at('several.npy'))
    expect(several.attack).toBe('square,fgsm,pgd')
    expect(several.stages).toMatchObject([
      { attack: 'square', attempted: 16 * several.cleanAccuracy.value },
      { attack: 'fgsm' },
      { attack: 'pgd' },
    ])
  })

  test('on an ensemble is an attack on the mean of the logits', async () => {
    const args = ['--eps', '0.3', '--steps', '3', '--no-random-start', '--out', at('mean.npy')]
    const alone = await json(...args)
    const same = await json('--ensemble', at('net.onnx'), at('net.onnx'), ...args)
    expect(same.model).toBe('net + net + net')
    expect(same.adversarial).toEqual(alone.adversarial)
    for (const [i, distance] of same.distance.entries()) expect(distance).toBeCloseTo(alone.distance[i], 4)
  })

  test.each([
    [['--attack', 'cw', '--norm', 'linf'], /cw is an attack in L2/],
    [['--attack', 'fgsm', '--restarts', '2'], /fgsm has no setting restarts/],
    [['--attack', 'fgsm,deepfool', '--restarts', '2'], /none of fgsm, deepfool has a setting restarts/],
    [['--attack', 'pgd,fgsm,pgd'], /the attack pgd is named twice/],
    [['--attack', 'pgd,fgsm', '--targeted'], /several attacks lead away from a class/],
    [['--eps', '1,2'], /one .npy file holds one eps, found 2/],
    [['--attack', 'autoattack', '--variant', 'custom'], /version custom needs the attacks it consists of/],
    [['--attack', 'apgd', '--target-classes', '5'], /a model of 5 classes has 4 wrong ones, found 5 targets/],
  ])('%j', async (wrong, message) => {
    const { code, err } = await run('attack', at('net.onnx'), ...inputs(), '--out', at('no.npy'), ...wrong)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(existsSync(at('no.npy'))).toBe(false)
  })
})

test('gradient writes the gradient of the summed losses', async () => {
  const { code, out } = await run('gradient', at('net.onnx'), ...inputs(), '--out', at('g.npy'), '--json')
  expect(code).toBe(0)
  const gradient = load(at('g.npy'))
  const { losses } = JSON.parse(out)
  // A small step along one image's gradient changes its loss by the step times the gradient's squared length.
  const slope = rows(gradient, 3, 4).data.reduce((sum, g) => sum + g * g, 0)
  const step = 1e-3 / slope
  const moved = images.data.map((v, i) => (Math.floor(i / 588) === 3 ? v + step * gradient.data[i]! : v))
  writeFileSync(at('moved.npy'), writeNpy(float32(images.shape, moved)))
  const args = ['--images', at('moved.npy'), '--labels', at('y.npy'), '--out', at('h.npy'), '--json']
  const after = JSON.parse((await run('gradient', at('net.onnx'), ...args)).out).losses
  expect(after[3] - losses[3]).toBeCloseTo(1e-3, 4)
  expect(after[2]).toBeCloseTo(losses[2], 6)
})

describe('train', () => {
  test('trains from a recipe file that flags change, and goes on where it stopped', async () => {
    writeFileSync(
      at('recipe.yaml'),
      `arch: mini-alex\nwidth: 2\nsize: 14\nepochs: 9\nbatchSize: 5\ndata: ${at('set')}\naugment: { crop: 1 }\n`,
    )
    const args = ['--config', at('recipe.yaml'), '--epochs', '2', '--flip', '--seed', '3', '--out', at('run')]
    const attack = ['--adversarial', 'linf', '--eps', '8/255', '--steps', '1']
    const first = await run('train', ...args, ...attack, '--json')
    expect(first).toMatchObject({ code: 0 })
    const { recipe, log } = JSON.parse(first.out)
    expect(recipe).toMatchObject({ epochs: 2, seed: 3, width: 2, augment: { crop: 1, flip: true } })
    expect(recipe.adversarial).toMatchObject({ norm: 'Linf', epsilon: 8 / 255, steps: 1, randomStart: true })
    expect(log).toHaveLength(2)
    expect((await run('train', ...args, ...attack, '--json')).out).toBe(first.out)
    const other = await run('train', ...args, '--json')
    expect(other.code).toBe(2)
    expect(other.err).toMatch(/belongs to another run/)
  })

  test.each([
    [['--data', 'nowhere'], /unknown data: nowhere is neither emoji16 nor a folder/],
    [['--arch', 'mini-axel'], /unknown architecture: mini-axel/],
    [['--eps', '3'], /adversarial.norm: .*--adversarial L2 or Linf/],
    [['--eps', '-1'], /expected a number of at least 0/],
    [['--config', 'absent.yaml'], /cannot read the recipe absent.yaml/],
  ])('says what is wrong with %j', async (wrong, message) => {
    const given = ['--arch', 'mini-alex', '--data', at('set'), '--out', at('wrong')]
    const { code, err } = await run('train', ...given, ...wrong)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(existsSync(at('wrong'))).toBe(false)
  })
})

describe('bad input', () => {
  test.each([
    [['--labels', 'absent.npy'], /cannot read absent.npy/],
    [['--mean', '0.5', '--std', '0'], /--std must be positive/],
    [['--images', 'x'], /cannot read x/],
    [['--eps', 'big'], /expected a number/],
  ])('%j', async (wrong, message) => {
    const { code, err } = await run('attack', at('net.onnx'), ...inputs(), '--out', at('no.npy'), ...wrong)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(existsSync(at('no.npy'))).toBe(false)
  })

  test('labels out of range, images of another size or range', async () => {
    writeFileSync(at('y5.npy'), writeNpy(int64([16], Array(16).fill(5))))
    writeFileSync(at('small.npy'), writeNpy(float32([16, 3, 7, 7], new Float32Array(16 * 147))))
    writeFileSync(
      at('bright.npy'),
      writeNpy(
        float32(
          images.shape,
          images.data.map(v => 255 * v),
        ),
      ),
    )
    const wrong = async (x: string, y: string) =>
      (await run('gradient', at('net.onnx'), '--images', at(x), '--labels', at(y), '--out', at('no.npy'))).err
    expect(await wrong('x.npy', 'y5.npy')).toMatch(/label 0 of .*y5.npy is 5: the model has classes 0 to 4/)
    expect(await wrong('small.npy', 'y.npy')).toMatch(
      /must hold images \[n, 3, 14, 14\].*found \[16, 3, 7, 7\]/,
    )
    expect(await wrong('bright.npy', 'y.npy')).toMatch(/must hold values from 0 to 1/)
  })
})

describe('masking', () => {
  const own = async () => {
    const before = at('own.npy')
    const { adversarial } = JSON.parse(
      (
        await run(
          'attack',
          at('net.onnx'),
          ...inputs(),
          '--attack',
          'fgsm',
          '--eps',
          '0',
          '--out',
          before,
          '--json',
        )
      ).out,
    )
    return adversarial.filter((done: boolean) => !done).length
  }

  test('says that a plain network hides nothing, and of how many images', async () => {
    const args = ['--eps', '0.5', '--steps', '5', '--queries', '20', '--json']
    const { code, out } = await run('masking', at('net.onnx'), ...inputs(), ...args)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ masked: false, reasons: [], images: await own() })
  })

  test('fails, with reasons, on a network that rounds its input', async () => {
    writeOnnxFile(at('rounding.onnx'), quantisedNet())
    const args = ['--norm', 'Linf', '--eps', '16/255', '--steps', '5', '--queries', '100']
    const { code, out, err } = await run('masking', at('rounding.onnx'), ...inputs(), ...args)
    expect(code).toBe(1)
    expect(out).toMatch(/FAILED {2}gradient-there/)
    expect(err).toMatch(/hides its gradient.*the gradient is exactly zero for \d+ of \d+ images/)
  })
})
