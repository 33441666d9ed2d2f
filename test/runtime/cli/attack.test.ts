// The commands attack, gradient and train, from arguments to files.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../../src/cli/run.ts'
import { readNpy, writeNpy } from '../../../src/data/npy.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { asFloat32, float32, int64, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { attackNet, attackNetGraph, attackNetLabels } from '../../support/attack-net.ts'
import { formulaImages } from '../../support/formula-weights.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
const load = (path: string) => asFloat32(readNpy(readFileSync(path)))

async function run(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommandLine(args, {
    out: { write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
    color: false,
    signal: new AbortController().signal,
  })
  return { code, out: out.join(''), err: err.join('') }
}

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
    expect(result).toMatchObject({ norm: 'Linf', steps: 7, randomStart: false, images: 16 })
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
      expect(text).toMatch(
        /^\d+ of 16 images are adversarial \(L2 0.5, 2 steps of 0.625; mean distance 0\.[45]/,
      )
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
