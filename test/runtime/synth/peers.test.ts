// Synthesis beside its references: MadryLab robustness's make_adv, lucent's Fourier parametrisation, torch's Adam.

import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { readNpy } from '../../../src/data/npy.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import {
  adam,
  crossEntropy,
  fourier,
  pgd,
  pixelDistance,
  plus,
  synthesize,
  times,
  unit,
} from '../../../src/synth/index.ts'
import { asFloat32, type FloatTensor, float32, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { attackNet } from '../../support/attack-net.ts'
import { attackNetClassifier } from '../../support/attack-net-classifier.ts'
import { formulaImages } from '../../support/formula-weights.ts'

const { size } = attackNet
const golden = (name: string) =>
  asFloat32(readNpy(readFileSync(new URL(`../../fixtures/synth/${name}.npy`, import.meta.url))))
const model = await attackNetClassifier()
afterAll(() => model.dispose())

const images = formulaImages([0, 1, 2, 3], size)
const targets = Int32Array.from([2, 3, 4, 0])
/** 1 where the picture stays: all but rows 4 to 9 of columns 3 to 8. */
const masks = float32(
  [4, 1, size, size],
  Float32Array.from({ length: 4 * size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size) % size, i % size]
    return y >= 4 && y < 10 && x >= 3 && x < 9 ? 0 : 1
  }),
)
const towards = crossEntropy(model, targets)
const inpainting = plus(towards, times(10, pixelDistance(images, masks)))

describe.each([
  ['make-adv-l2', towards, pgd({ norm: 'L2', epsilon: 1, stepSize: 0.15 })],
  ['make-adv-linf', towards, pgd({ norm: 'Linf', epsilon: 0.05, stepSize: 0.01 })],
  ['make-adv-inpainting', inpainting, pgd({ norm: 'L2', epsilon: 4, stepSize: 0.2 })],
] as const)('%s', (name, goal, optimiser) => {
  it.each([
    [1, 0],
    [5, 1],
    [20, 2],
  ])('follows the iterates of robustness: step %i', async (steps, k) => {
    const { pictures } = await synthesize(model, { goal, optimiser, start: images, steps })
    expectClose(pictures.data, rows(golden(name), k, k + 1).data, { absolute: 1e-3 })
  })

  it('gets closer to the goal', async () => {
    const run = (steps: number) => synthesize(model, { goal, optimiser, start: images, steps })
    const [first, last] = [await run(1), await run(20)]
    for (const [i, value] of last.goal.entries()) expect(value).toBeLessThan(first.goal[i]!)
  })
})

/** lucent's `[n, 3, h, columns, 2]` as the rows of ours: real and imaginary parts in turn. */
function spectrumRows(spectrum: FloatTensor, width: number): FloatTensor {
  const [n = 0, channels = 0, height = 0, columns = 0] = spectrum.shape
  const kept = Math.floor(width / 2) + 1
  const data: number[] = []
  for (let row = 0; row < n * channels * height; row++)
    for (const part of [0, 1])
      for (let v = 0; v < kept; v++) data.push(spectrum.data[(row * columns + v) * 2 + part]!)
  return float32([n, channels, 2 * height, kept], data)
}

describe('Fourier parametrisation', () => {
  it.each([
    [8, 8],
    [6, 10],
    [9, 7],
  ])("makes lucent's image of the same coefficients: %ix%i", async (height, width) => {
    const variable = spectrumRows(golden(`spectrum-${height}x${width}`), width)
    expect(variable.shape.slice(1)).toEqual(fourier.shape([height, width]))
    const builder = new GraphBuilder('fourier')
    builder.input('variable', 'float32', ['n', ...variable.shape.slice(1)])
    builder.output(fourier.append(builder, 'variable', [height, width]), 'float32', undefined, 'picture')
    const session = await nodeRuntime({ threads: 1 }).load(builder.build())
    const { picture } = await session.run({ variable })
    await session.dispose()
    expectClose(asFloat32(picture!).data, golden(`image-${height}x${width}`).data, { absolute: 1e-5 })
  })

  it("moves as torch's Adam moves lucent's coefficients", async () => {
    const { pictures } = await synthesize(model, {
      goal: times(-1, unit(model, 'first', [1, 5])),
      start: spectrumRows(golden('spectrum-14x14'), 14),
      parametrisation: fourier,
      optimiser: adam(),
      steps: 12,
    })
    expectClose(pictures.data, golden('adam-14x14').data, { absolute: 1e-3 })
  })
})
