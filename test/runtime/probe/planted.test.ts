// Networks whose hidden units were made by hand: the probes must say of each what it was made for.

import { describe, expect, it } from 'vitest'
import { type ClassifierSource, createClassifier } from '../../../src/classifier/create.ts'
import type { ConceptDataset } from '../../../src/data/concepts.ts'
import type { CueConflictDataset } from '../../../src/data/dataset.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { ablation } from '../../../src/probe/ablation/ablation.ts'
import { greedyAblation } from '../../../src/probe/ablation/greedy.ts'
import { activationSmoothness, passesNoise } from '../../../src/probe/activation-smoothness.ts'
import { dissection } from '../../../src/probe/dissection/dissection.ts'
import { diversity } from '../../../src/probe/diversity/diversity.ts'
import type { Probe } from '../../../src/probe/probe.ts'
import { spectrum } from '../../../src/probe/spectrum/spectrum.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

/** A kernel per channel from rows of numbers; grey kernels are given to every channel. */
type Kernel = readonly (readonly number[])[]

/** One convolution and ReLU (layer `units`), then the maxima of its maps, then a linear layer. */
function handMade(
  side: number,
  kernels: readonly (readonly [Kernel, Kernel, Kernel])[],
  { padding, matrix, bias }: { padding: number; matrix: number[][]; bias: number[] },
): ClassifierSource {
  const b = new GraphBuilder('planted')
  b.input('images', 'float32', ['n', 3, side, side])
  const size = kernels[0]![0].length
  const weights = float32([kernels.length, 3, size, size], kernels.flat(3))
  const conv = b.op('Conv', ['images', b.initializer('units.weight', weights)], {
    pads: [padding, padding, padding, padding],
  })
  const maps = b.op('Relu', [conv])
  const pooled = b.op('Flatten', [b.op('GlobalMaxPool', [maps])])
  const linear = b.initializer('fc.weight', float32([bias.length, kernels.length], matrix.flat()))
  const offset = b.initializer('fc.bias', float32([bias.length], bias))
  const scores = b.op('Gemm', [pooled, linear, offset], { transB: 1 })
  b.output(scores, 'float32', ['n', bias.length], 'logits')
  return {
    name: 'planted',
    graph: b.build(),
    layers: [{ name: 'units', value: maps, units: kernels.length }],
    classes: bias.map((_, k) => `class ${k}`),
    runtime: nodeRuntime({ threads: 1 }),
    preprocessing: plainPreprocessing(side),
  }
}

const grey = (kernel: Kernel): [Kernel, Kernel, Kernel] => [kernel, kernel, kernel]
const filled = (size: number, value: (y: number, x: number) => number): Kernel =>
  Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => value(y, x)))
const ask = async <R>(probe: Probe<R>, model: Awaited<ReturnType<typeof createClassifier>>) =>
  probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))

describe('a network with an edge, a colour, a dead and a high-frequency unit', () => {
  const side = 32
  const area = side * side
  const n = 24
  const concepts = [
    { number: 1, name: 'red', category: 'color' },
    { number: 2, name: 'grey', category: 'color' },
    { number: 3, name: 'bars', category: 'texture' },
    { number: 4, name: 'checkers', category: 'texture' },
  ]

  const edge = filled(5, y => (y < 2 ? 1 : y === 2 ? 0 : -1) / 30)
  const checker = filled(5, (y, x) => (y < 4 && x < 4 ? ((y + x) % 2 === 0 ? 1 : -1) / 48 : 0))
  const zero = filled(5, () => 0)
  const spot = (value: number) => filled(5, (y, x) => (y === 2 && x === 2 ? value : 0))
  const source = handMade(side, [grey(edge), [spot(1), spot(-0.5), spot(-0.5)], grey(zero), grey(checker)], {
    padding: 2,
    matrix: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ],
    bias: [0, 0],
  })

  /** A patch of horizontal bars, one of checkers and one of red, each somewhere on grey. */
  function scenes(): { data: ConceptDataset; images: ReturnType<typeof float32> } {
    const random = new Random(7)
    const pixels = new Float32Array(n * 3 * area).fill(0.5)
    const masks = Array.from({ length: n }, () => [new Uint16Array(area).fill(2), new Uint16Array(area)])
    for (let image = 0; image < n; image++) {
      for (const [k, corner] of random.permutation(4).subarray(0, 3).entries()) {
        const [top, left] = [(corner >> 1) * 16 + random.integer(5), (corner & 1) * 16 + random.integer(5)]
        for (let y = top; y < top + 10; y++) {
          for (let x = left; x < left + 10; x++) {
            const p = y * side + x
            const level =
              k === 0 ? 0.5 + 0.3 * ((y - top) % 8 < 4 ? 1 : -1) : 0.5 + 0.3 * ((y + x) % 2 ? 1 : -1)
            for (let c = 0; c < 3; c++)
              pixels[(image * 3 + c) * area + p] = k === 2 ? (c === 0 ? random.uniform(0.7, 1) : 0.1) : level
            if (k === 2) masks[image]![0]![p] = 1
            else masks[image]![1]![p] = 3 + k
          }
        }
      }
    }
    const images = float32([n, 3, side, side], pixels)
    const data: ConceptDataset = {
      name: 'scenes',
      size: n,
      fingerprint: 'x',
      categories: ['color', 'texture'],
      concepts,
      async *batches() {
        yield {
          images,
          names: masks.map((_, i) => String(i)),
          masks: masks.map(maps => ({ height: side, width: side, maps, whole: [] })),
        }
      },
    }
    return { data, images }
  }

  it('is dissected, measured and compared as it was made', async () => {
    const { data, images } = scenes()
    const model = await createClassifier(source)
    const dissected = await ask(dissection(data, { layers: ['units'], quantile: 0.95 }), model)
    const [layer = expect.fail()] = dissected.layers
    const found = layer.units.map(({ scores: [best] }) =>
      best && best.iou > 0.04 ? best.concept : 'nothing',
    )
    expect(found).toEqual(['bars', 'red', 'nothing', 'checkers'])
    expect([layer.detectors, layer.units[2]!.threshold, layer.units[2]!.top]).toEqual([3, 0, []])
    expect(layer.units[1]!.scores[0]!.iou).toBeGreaterThan(0.4)

    const labelled = memoryDataset('scenes', images, new Int32Array(n), 2)
    const { filters, layers } = await ask(
      spectrum({ data: labelled, layers: ['units'], resamples: 50 }),
      model,
    )
    const [edges = 1, , dead, high = 0] = filters!.perUnit
    expect([edges! < 0.3, dead, high! > 0.9]).toEqual([true, null, true])
    expect(layers[0]!.channels[2]).toBeNull()
    expect(layers[0]!.channels[3]!).toBeGreaterThan(layers[0]!.channels[0]!)

    const maps = await ask(
      activationSmoothness({ data: labelled, layers: ['units'], sigma: 0.3, resamples: 50 }),
      model,
    )
    const { channels } = passesNoise(maps.layers[0]!, maps.layers[0]!.clean.value)
    expect(channels[2]).toBe(false)
    expect(channels[3]).toBe(true)

    const tops = await ask(diversity({ data: labelled, layers: ['units'], top: 4, resamples: 50 }), model)
    expect(tops.layers[0]!.silent).toBe(1)
    expect(tops.layers[0]!.units[2]).toMatchObject({ images: [], similarity: null })
    await model.dispose()
  })
})

describe('a network in which one unit alone carries shape', () => {
  const side = 24
  const area = side * side
  // Unit 2 sees an upright bar (a bright middle with darker sides, in every row); units 0, 3 and 4 each see fine
  // checkers, so that none of them is needed; unit 1 sees nothing that is asked about.
  const upright = filled(9, (y, x) =>
    y === 4 ? (Math.abs(x - 4) < 2 ? 1 / 9 : Math.abs(x - 4) > 2 ? -1 / 12 : 0) : 0,
  )
  const checkers = filled(9, (y, x) => (y < 4 && x < 4 ? ((y + x) % 2 === 0 ? 1 : -1) / 48 : 0))
  const nothing = filled(9, (y, x) => (y === 0 && x === 0 ? 0.01 : 0))
  const source = handMade(side, [checkers, nothing, upright, checkers, checkers].map(grey), {
    padding: 0,
    matrix: [
      [20, 0, 10, 20, 20],
      [0, 0, 0, 0, 0],
    ],
    bias: [0, 3],
  })

  /** Upright bars (class 0) and lying ones (class 1), with checkers (0) or without (1): the other's texture. */
  function conflicts(): CueConflictDataset {
    const random = new Random(3)
    const n = 20
    const pixels = new Float32Array(n * 3 * area)
    const shapes = Int32Array.from({ length: n }, (_, i) => i % 2)
    for (let image = 0; image < n; image++) {
      const place = 9 + random.integer(5)
      for (let p = 0; p < area; p++) {
        const [y, x] = [Math.floor(p / side), p % side]
        const isBar = Math.abs((shapes[image] === 0 ? x : y) - place) < 3
        const fine = shapes[image] === 1 ? ((x + y) % 2 === 0 ? 0.1 : -0.1) : 0
        for (let c = 0; c < 3; c++) pixels[(image * 3 + c) * area + p] = isBar ? 0.8 + fine : 0.2
      }
    }
    const textures = shapes.map(shape => 1 - shape)
    const images = float32([n, 3, side, side], pixels)
    return { ...memoryDataset('bars', images, shapes, 2), textures }
  }

  it('is named by ablation, one unit at a time and greedily', async () => {
    const model = await createClassifier(source)
    const cueConflict = conflicts()
    const found = await ask(ablation({ cueConflict, images: cueConflict, layers: ['units'] }), model)
    expect(found.intact).toMatchObject({ shape: 10, texture: 10 })
    const [layer = expect.fail()] = found.layers
    expect(layer.units.map(({ shape, texture }) => [shape, texture])).toEqual([
      [0, 0],
      [0, 0],
      [10, 0],
      [0, 0],
      [0, 0],
    ])
    expect(layer.units[2]!.shapeBiasChange!.high).toBeLessThan(0)
    const { steps } = await ask(greedyAblation({ cueConflict, layer: 'units', cue: 'shape' }), model)
    expect(steps.map(({ channel, shape }) => [channel, shape])).toEqual([[2, 0]])
    // What three units share is found only together: two of them have to go.
    const texture = await ask(greedyAblation({ cueConflict, layer: 'units', cue: 'texture' }), model)
    expect(texture.steps.at(-1)!.texture).toBe(0)
    expect(texture.steps.every(({ channel }) => [0, 3, 4].includes(channel))).toBe(true)
    await model.dispose()
  })
})
