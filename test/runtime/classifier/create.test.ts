import { describe, expect, test } from 'vitest'
import type { Classifier } from '../../../src/classifier/classifier.ts'
import { type ClassifierSource, createClassifier } from '../../../src/classifier/create.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import type { Runtime } from '../../../src/runtime/session.ts'
import { Random } from '../../../src/tensor/random.ts'
import { type FloatTensor, float32, rows } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'
import { expectClose } from '../../support/allclose.ts'
import { flatImages, plain, tinyGraph } from '../../support/tiny-classifier.ts'

const runtime = nodeRuntime()
const identity = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

const tiny = (source: Partial<ClassifierSource> = {}) =>
  createClassifier({
    name: 'tiny',
    graph: tinyGraph({ weights: identity }),
    runtime,
    preprocessing: plain,
    classes: ['red', 'green', 'blue'],
    layers: [{ name: 'pixels', value: 'pixels', units: 3 }],
    ...source,
  })

async function logitsOf(model: Classifier, images: FloatTensor): Promise<number[]> {
  const { data } = await model.logits(images)
  await model.dispose()
  return [...data]
}

const orange = [1, 0.5, 0.125]

describe('preprocessing is folded in', () => {
  const images = flatImages([orange])
  test('pixels as they are', async () => {
    expect(await logitsOf(await tiny(), images)).toEqual(orange)
  })
  test('range, mean and std, per channel', async () => {
    const preprocessing = { ...plain, range: 255, mean: [55, 27.5, 0], std: [100, 50, 2] } as const
    const model = await tiny({ preprocessing: { ...preprocessing, mean: [55, 27.5, 0], std: [100, 50, 2] } })
    expectClose(await logitsOf(model, images), [2, 2, 255 / 16], { relative: 1e-6 })
  })
  test('mean and std are in the order of the channels that the network sees', async () => {
    const model = await tiny({
      preprocessing: { ...plain, channels: 'bgr', mean: [0.125, 0, 0], std: [1, 0.5, 1] },
    })
    expectClose(await logitsOf(model, images), [0, 1, 1], { absolute: 1e-7 })
  })
  test('networks that want [n, h, w, 3]', async () => {
    const graph = tinyGraph({ weights: identity, shape: ['n', 4, 4, 3] })
    expect(await logitsOf(await tiny({ graph, layers: [] }), images)).toEqual(orange)
  })
  test('networks that want grey images see the mean of the channels', async () => {
    const graph = tinyGraph({ weights: [[1], [2]], shape: ['n', 1, 4, 4] })
    const model = await tiny({ graph, layers: [], classes: ['a', 'b'] })
    expectClose(await logitsOf(model, flatImages([[0.75, 0.5, 0.25]])), [0.5, 1], { relative: 1e-6 })
  })
  test('a fixed batch becomes any batch', async () => {
    const graph = tinyGraph({ weights: identity, shape: [1, 3, 4, 4] })
    const two = flatImages([orange, [0, 1, 0]])
    expect(await logitsOf(await tiny({ graph }), two)).toEqual([...orange, 0, 1, 0])
  })
  test('the network takes the size of the manifest where its own is open', async () => {
    const graph = tinyGraph({ weights: identity, shape: ['b', 3, 'h', 'w'] })
    const model = await tiny({ graph, preprocessing: { ...plain, size: [6, 6] } })
    expect(await logitsOf(model, flatImages([orange], 6))).toEqual(orange)
  })
  test('values called images and logits inside the network step aside', async () => {
    const graph = tinyGraph({ weights: identity, end: 'softmax' })
    const renamed = JSON.parse(
      JSON.stringify(graph.nodes).replaceAll('pixels', 'logits').replaceAll('scores', 'images'),
    )
    const model = await tiny({
      graph: { ...graph, nodes: renamed },
      layers: [{ name: 'first', value: 'logits', units: 3 }],
      preprocessing: { ...plain, output: 'probabilities', mean: [-1, -1, -1] },
    })
    const { first } = await model.activations(images, ['first'])
    expect(first!.data.slice(0, 1)).toEqual(Float32Array.of(2))
    expect(await logitsOf(model, images)).toEqual([2, 1.5, 1.125])
  })
})

describe('outputs', () => {
  test('a final softmax is taken off', async () => {
    const graph = tinyGraph({ weights: identity.map(row => row.map(w => w * 300)), end: 'softmax' })
    const model = await tiny({ graph, preprocessing: { ...plain, output: 'probabilities' } })
    // Far beyond what a logarithm of float32 probabilities could tell.
    expect(await logitsOf(model, flatImages([orange]))).toEqual([300, 150, 37.5])
  })
  test('a softmax that the manifest calls logits is left alone', async () => {
    const graph = tinyGraph({ weights: identity, end: 'softmax' })
    const logits = await logitsOf(await tiny({ graph }), flatImages([orange]))
    expect(logits.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
  })
  test('other probabilities become their logarithms', async () => {
    const graph = tinyGraph({ weights: identity, bias: [0, 0, -500], end: 'sigmoid' })
    const model = await tiny({ graph, preprocessing: { ...plain, output: 'probabilities' } })
    const logits = await logitsOf(model, flatImages([[0, 1, 0]]))
    expectClose(logits, [Math.log(0.5), -Math.log(1 + Math.exp(-1)), Math.log(1e-37)], { relative: 1e-6 })
  })
})

describe('many images', () => {
  test.each([0, 1, 2, 400])('%i images give what each gives alone', async n => {
    const network = buildNetwork('mini-alex', { classes: 5, random: new Random(3), width: 4 })
    const model = await createClassifier({
      name: 'mini',
      graph: network.graph,
      runtime,
      preprocessing: network.preprocessing,
      layers: network.layers,
    })
    const random = new Random(4)
    const images = float32(
      [n, 3, 64, 64],
      Float32Array.from({ length: n * 3 * 64 * 64 }, () => random.uniform()),
    )
    const labels = Int32Array.from({ length: n }, (_, i) => i % 5)
    const { logits, loss, gradient } = await model.lossGradient(images, labels)
    expect([logits.shape, loss.shape, gradient.shape]).toEqual([[n, 5], [n], [n, 3, 64, 64]])
    expectClose((await model.logits(images)).data, logits.data, { relative: 1e-5 })
    for (const i of n > 0 ? [0, n - 1, Math.floor(n / 2)] : []) {
      const alone = await model.lossGradient(rows(images, i, i + 1), labels.subarray(i, i + 1))
      expectClose(
        logits.data.subarray(5 * i, 5 * i + 5),
        alone.logits.data,
        { relative: 1e-5 },
        `logits of ${i}`,
      )
      expectClose(rows(gradient, i, i + 1).data, alone.gradient.data, { relative: 1e-5 }, `gradient of ${i}`)
      const row = [...alone.logits.data]
      const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0))
      expect(loss.data[i]).toBeCloseTo(total - row[labels[i]!]!, 5)
    }
    await model.dispose()
  })
})

test('the gradient is with respect to pixels in [0, 1], through the preprocessing', async () => {
  const model = await tiny({
    preprocessing: { ...plain, range: 255, mean: [10, 10, 10], std: [20, 40, 80] },
  })
  const images = flatImages([[0.5, 0.25, 0.75]])
  const { gradient, logits } = await model.lossGradient(images, Int32Array.of(1))
  const weights = [...logits.data].map(Math.exp)
  const total = weights.reduce((a, b) => a + b)
  const perPixel = [20, 40, 80].map((std, c) => ((weights[c]! / total - (c === 1 ? 1 : 0)) * 255) / std / 16)
  expectClose(
    gradient.data,
    perPixel.flatMap(value => new Array<number>(16).fill(value)),
    { relative: 1e-5 },
  )
  await model.dispose()
})

describe('units', () => {
  /** Counts how often graphs are loaded. */
  function countingRuntime(): Runtime & { loads: Graph[] } {
    const loads: Graph[] = []
    return {
      name: 'counting',
      loads,
      load(graph) {
        loads.push(graph)
        return runtime.load(graph)
      },
      loadOpen: (graph, names) => runtime.loadOpen(graph, names),
    }
  }

  test('without some, everything downstream changes as if their activations were zero', async () => {
    const model = await tiny()
    const without = model.without([{ layer: 'pixels', channel: 0 }])
    const images = flatImages([orange, [0.25, 0, 1]])
    expect([...(await without.logits(images)).data]).toEqual([0, 0.5, 0.125, 0, 0, 1])
    const { pixels } = await without.activations(images, ['pixels'])
    expect([...pixels!.data.slice(0, 17)]).toEqual([...new Array(16).fill(0), 0.5])
    const { gradient } = await without.lossGradient(images, Int32Array.of(1, 2))
    expect(gradient.data.slice(0, 16).every(value => value === 0)).toBe(true)
    expect(gradient.data[16]).toBeLessThan(0)
    const session = await without.derived('whole', graph => graph)
    expect([...(await session.run({ images })).logits!.data]).toEqual([0, 0.5, 0.125, 0, 0, 1])
    expect([...(await model.logits(images)).data]).toEqual([...orange, 0.25, 0, 1])
    const none = without.without([
      { layer: 'pixels', channel: 2 },
      { layer: 'pixels', channel: 1 },
    ])
    expect([...(await none.logits(images)).data]).toEqual([0, 0, 0, 0, 0, 0])
    for (const each of [none, without, model]) await each.dispose()
  })

  test('one session serves all choices of units of a layer', async () => {
    const counting = countingRuntime()
    const model = await tiny({ runtime: counting })
    const images = flatImages([orange])
    for (let channel = 0; channel < 3; channel++) {
      const logits = await model.without([{ layer: 'pixels', channel }]).logits(images)
      expect([...logits.data]).toEqual(orange.map((value, c) => (c === channel ? 0 : value)))
    }
    expect(counting.loads).toHaveLength(1)
    await model.dispose()
  })

  test('the layers of a real net', async () => {
    const network = buildNetwork('mini-res', { classes: 4, random: new Random(5), width: 4 })
    const { graph, preprocessing, layers } = network
    const model = await createClassifier({ name: 'res', graph, runtime, preprocessing, layers })
    const random = new Random(6)
    const images = float32(
      [2, 3, 64, 64],
      Float32Array.from({ length: 2 * 3 * 64 * 64 }, () => random.uniform()),
    )
    const names = layers.map(layer => layer.name)
    const all = await model.activations(images, names)
    for (const { name, units } of layers) {
      expect(all[name]!.shape.slice(0, 2)).toEqual([2, units])
      const without = model.without([{ layer: name, channel: units - 1 }])
      const changed = (await without.activations(images, [name]))[name]!
      const area = changed.data.length / 2 / units
      const expected = all[name]!.data.slice()
      for (const image of [1, 2]) expected.fill(0, (image * units - 1) * area, image * units * area)
      expectClose(changed.data, expected, { absolute: 0 }, name)
    }
    await model.dispose()
  })
})

describe('fingerprint', () => {
  test('changes with weights, preprocessing, classes and units that are off, not with the name', async () => {
    const own = (await tiny()).fingerprint
    expect(own).toMatch(/^[0-9a-f]{64}$/)
    expect((await tiny({ name: 'other' })).fingerprint).toBe(own)
    const others = [
      await tiny({
        graph: tinyGraph({
          weights: [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1.0000001],
          ],
        }),
      }),
      await tiny({ preprocessing: { ...plain, filter: 'bicubic' } }),
      await tiny({ classes: ['red', 'green', 'azure'] }),
      (await tiny()).without([{ layer: 'pixels', channel: 1 }]),
      (await tiny()).without([{ layer: 'pixels', channel: 2 }]),
    ].map(model => model.fingerprint)
    expect(new Set([own, ...others]).size).toBe(6)
    expect((await tiny()).without([]).fingerprint).toBe(own)
  })
})

describe('bad input', () => {
  const graph = tinyGraph({ weights: identity })
  const second = { name: 'more', dtype: 'float32', shape: ['n', 1] } as const
  const [scores] = graph.outputs
  test.each<[string, Partial<ClassifierSource>, RegExp]>([
    [
      'several inputs',
      { graph: { ...graph, inputs: [...graph.inputs, second] } },
      /one input.*x float32.*more/,
    ],
    [
      'no input',
      { graph: { ...graph, inputs: [], nodes: [], outputs: [] } },
      /one input, the images; found none/,
    ],
    [
      'flat input',
      { graph: tinyGraph({ weights: identity, shape: ['n', 3] }) },
      /\[n, 3, h, w\].*found x float32 \[n, 3\]/,
    ],
    [
      'five channels',
      { graph: tinyGraph({ weights: identity, shape: ['n', 5, 4, 4] }) },
      /3 \(or 1\) colour channels/,
    ],
    [
      'integers',
      { graph: { ...graph, inputs: [{ ...graph.inputs[0]!, dtype: 'uint8' }] } },
      /must be float32/,
    ],
    [
      'no scores',
      { graph: { ...graph, outputs: [{ ...scores!, name: 'pixels', shape: undefined }] } },
      /output of shape \[n, classes\]/,
    ],
    [
      'another size',
      { preprocessing: { ...plain, size: [8, 8] } },
      /takes images of 4x4, but its preprocessing says 8x8/,
    ],
    ['too few class names', { classes: ['a', 'b'] }, /3 classes, but 2 class names/],
    ['an unknown layer value', { layers: [{ name: 'a', value: 'zz', units: 3 }] }, /layer a reads zz/],
    [
      'wrong units of a layer',
      { layers: [{ name: 'a', value: 'pixels', units: 4 }] },
      /\[n, 4, h, w\].*found \[n, 3, 4, 4\]/,
    ],
    [
      'a NaN weight',
      {
        graph: tinyGraph({
          weights: [
            [1, Number.NaN, 0],
            [0, 1, 0],
          ],
        }),
      },
      /fc.weight.*NaN/,
    ],
    [
      'an unknown operator',
      { graph: { ...graph, nodes: graph.nodes.map((node, i) => (i ? node : { ...node, opType: 'Foo' })) } },
      /Foo/,
    ],
  ])('%s', async (_, source, message) => {
    await expect(tiny(source)).rejects.toThrow(message)
    await expect(tiny(source)).rejects.toThrow(expect.objectContaining({ name: 'InputError' }))
  })

  test('images and labels', async () => {
    const model = await tiny()
    const images = flatImages([orange])
    await expect(model.logits(flatImages([orange], 5))).rejects.toThrow(
      /\[n, 3, 4, 4\], found float32 \[1, 3, 5, 5\]/,
    )
    await expect(model.logits(float32([3, 4, 4], images.data))).rejects.toThrow(/found float32 \[3, 4, 4\]/)
    await expect(model.lossGradient(images, Int32Array.of(3))).rejects.toThrow(/label 3 of image 0.*0 to 2/)
    await expect(model.lossGradient(images, Int32Array.of(-1))).rejects.toThrow(/label -1 of image 0/)
    await expect(model.lossGradient(images, Int32Array.of(0, 1))).rejects.toThrow(
      /1 images need 1 labels, found 2/,
    )
    await expect(model.logits(flatImages([[Number.NaN, 0, 0]]))).rejects.toThrow(/NaN for image 0/)
    await expect(model.activations(images, ['conv1'])).rejects.toThrow(
      /unknown layer: conv1 \(known: pixels\)/,
    )
    expect(() => model.without([{ layer: 'conv1', channel: 0 }])).toThrow(/unknown layer: conv1/)
    expect(() => model.without([{ layer: 'pixels', channel: 3 }])).toThrow(/pixels:3 does not exist.*0 to 2/)
    await model.dispose()
  })
})
