import { describe, expect, test } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import { inspect } from '../../../src/classifier/inspect.ts'
import { mergeManifests } from '../../../src/classifier/manifest.ts'
import type { Preprocessing } from '../../../src/classifier/preprocessing.ts'
import { tensorDataset } from '../../../src/data/arrays.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { flatImages, plain, tinyGraph } from '../../support/tiny-classifier.ts'

const runtime = nodeRuntime({ threads: 1 })
const rgb = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

/** Colours of which one channel is the brightest, labelled by that channel, all in [0.1, 0.9]. */
async function colourful(options: { count?: number; labelOf?: (channel: number) => number } = {}) {
  const { count = 60, labelOf = channel => channel } = options
  const random = new Random(1)
  const colours = Array.from({ length: count }, (_, i) =>
    [0, 1, 2].map(c => (c === i % 3 ? random.uniform(0.6, 0.9) : random.uniform(0.1, 0.4))),
  )
  return tensorDataset({
    name: 'colours',
    classes: ['red', 'green', 'blue'],
    images: flatImages(colours),
    labels: colours.map((_, i) => labelOf(i % 3)),
  })
}

/** Wants 0-255: bright where the mean is above 127. */
const brightness = {
  weights: [
    [-1, -1, -1],
    [1, 1, 1],
  ],
  bias: [381, -381],
}

async function brightAndDark() {
  const random = new Random(2)
  const colours = Array.from({ length: 60 }, (_, i) =>
    [0, 1, 2].map(() => (i % 2 ? random.uniform(0.55, 1) : random.uniform(0, 0.45))),
  )
  return tensorDataset({
    name: 'light',
    classes: ['dark', 'bright'],
    images: flatImages(colours),
    labels: colours.map((_, i) => i % 2),
  })
}

async function inspected(
  graph: Graph,
  said: Partial<Preprocessing>,
  data?: Awaited<ReturnType<typeof colourful>>,
  classes = data?.classes,
) {
  const manifest = mergeManifests([{ source: 'flags', manifest: { ...plain, ...said } }], [4, 4])
  const layers = [{ name: 'pixels', value: 'pixels', units: 3 }]
  const model = await createClassifier({
    name: 'tiny',
    graph,
    runtime,
    preprocessing: manifest.preprocessing,
    layers,
    ...(classes && { classes }),
  })
  const result = await inspect(model, { graph, manifest }, data)
  await model.dispose()
  return { ...result, codes: result.lints.map(lint => lint.code).sort() }
}

/** The graph behind a normalisation of its own. */
function normalisingItself(graph: Graph): Graph {
  const builder = new GraphBuilder({ ...graph, nodes: [] })
  const mean = builder.initializer('own mean', float32([1, 3, 1, 1], [0.485, 0.456, 0.406]))
  const centred = builder.op('Sub', ['x', mean], {}, { name: 'own centred' })
  const front = builder.build()
  const nodes = graph.nodes.map(node => ({
    ...node,
    inputs: node.inputs.map(i => (i === 'x' ? centred : i)),
  }))
  return { ...front, nodes: [...front.nodes, ...nodes] }
}

describe('lints of the graph', () => {
  const graph = tinyGraph({ weights: rgb })
  const imagenet = {
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  } satisfies Partial<Preprocessing>
  test('neither the manifest nor the network normalises', async () => {
    expect((await inspected(graph, {})).codes).toEqual(['no-normalisation'])
  })
  test('one of them does', async () => {
    expect((await inspected(graph, imagenet)).codes).toEqual([])
    expect((await inspected(normalisingItself(graph), {})).codes).toEqual([])
  })
  test('both do', async () => {
    const { lints } = await inspected(normalisingItself(graph), imagenet)
    expect(lints.map(lint => lint.code)).toEqual(['double-normalisation'])
    expect(lints[0]!.message).toMatch(/Sub at node own centred/)
  })
  test('a softmax called logits', async () => {
    const softmax = tinyGraph({ weights: rgb, end: 'softmax' })
    expect((await inspected(softmax, imagenet)).codes).toEqual(['softmax-output'])
    expect((await inspected(softmax, { ...imagenet, output: 'probabilities' })).codes).toEqual([])
  })
  test('a crop larger than what was resized to', async () => {
    const said = { ...imagenet, resize: 'short-side', resizeTo: 3, crop: 'center' } as const
    expect((await inspected(graph, said)).codes).toEqual(['size'])
  })
})

describe('lints of the data', () => {
  test('a right manifest leaves nothing to say, and its accuracy is measured', async () => {
    const graph = tinyGraph({ weights: rgb })
    const { data, codes } = await inspected(
      graph,
      { mean: [0.4, 0.4, 0.4], std: [0.3, 0.3, 0.3] },
      await colourful(),
    )
    expect(data).toMatchObject({ images: 60, labelsBy: 'names', accuracy: 1 })
    expect(codes).toEqual([])
  })
  test('BGR', async () => {
    // The network says blue where its first channel is the brightest.
    const graph = tinyGraph({ weights: [...rgb].reverse() })
    const { data, lints } = await inspected(graph, {}, await colourful())
    expect(data!.accuracy).toBeCloseTo(1 / 3, 5)
    expect(lints.find(lint => lint.code === 'channel-order')!.message).toMatch(
      /1\.000 instead of 0\.333: bgr/,
    )
    expect((await inspected(graph, { channels: 'bgr' }, await colourful())).data!.accuracy).toBe(1)
  })
  test('0-255', async () => {
    const graph = tinyGraph(brightness)
    const { data, codes } = await inspected(graph, {}, await brightAndDark())
    expect(data!.accuracy).toBe(0.5)
    expect(codes).toContain('range')
    const right = await inspected(graph, { range: 255 }, await brightAndDark())
    expect(right.data!.accuracy).toBe(1)
    expect(right.codes).toEqual([])
  })
  test('double normalisation: twice shifted, the network sees darkness', async () => {
    const graph = normalisingItself(
      tinyGraph({
        weights: [
          [0, 0, 0],
          [1, 1, 1],
        ],
        bias: [0.05, 0],
      }),
    )
    const data = await brightAndDark()
    const { codes, data: report } = await inspected(graph, { mean: [0.9, 0.9, 0.9], std: [1, 1, 1] }, data)
    expect(report!.accuracy).toBe(0.5)
    expect(codes).toContain('double-normalisation')
    expect((await inspected(graph, {}, data)).codes).toEqual([])
  })
  test('a mean in the units of another range', async () => {
    const graph = tinyGraph({ weights: rgb })
    const { codes } = await inspected(graph, { mean: [100, 100, 100], std: [50, 50, 50] }, await colourful())
    expect(codes).toContain('range')
  })
  test('labels in another order', async () => {
    const data = await colourful({ labelOf: channel => (channel + 1) % 3 })
    const { data: report, lints } = await inspected(tinyGraph({ weights: rgb }), {}, data, [
      'class 0',
      'class 1',
      'class 2',
    ])
    expect(report).toMatchObject({ labelsBy: 'order', accuracy: 0 })
    expect(lints.find(lint => lint.code === 'labels')!.message).toMatch(
      /another order.*1\.00 instead of 0\.00/,
    )
  })
  test('classes of the same number but other names', async () => {
    const { lints } = await inspected(tinyGraph({ weights: rgb }), {}, await colourful(), [
      'red',
      'green',
      'sea',
    ])
    expect(lints.find(lint => lint.code === 'labels')!.message).toMatch(
      /class 2 is blue in colours but sea in tiny/,
    )
  })
  test('classes that cannot be compared', async () => {
    const graph = tinyGraph({ weights: [...rgb, [1, 1, 1]] })
    const { data, lints } = await inspected(graph, {}, await colourful(), ['a', 'b', 'c', 'd'])
    expect(data).not.toHaveProperty('accuracy')
    expect(lints.find(lint => lint.code === 'labels')!.message).toMatch(/3 classes, tiny 4.*red is none/)
  })
  test('units that never fire, outputs that never change', async () => {
    const graph = tinyGraph({
      weights: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    })
    const { data, codes } = await inspected(graph, { mean: [0, 2, 2] }, await colourful())
    expect(data!.deadUnits).toEqual({ pixels: [1, 2] })
    expect(codes).toEqual(expect.arrayContaining(['constant-output', 'dead-units']))
  })
  test('probabilities that no Softmax shows', async () => {
    const graph = tinyGraph({ weights: rgb, end: 'softmax' })
    const builder = new GraphBuilder({ ...graph, outputs: [] })
    builder.output(builder.op('Mul', ['shares', builder.scalar(1)]), 'float32', ['n', 3])
    expect((await inspected(builder.build(), {}, await colourful())).codes).toContain('softmax-output')
  })
})
