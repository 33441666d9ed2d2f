// Convolutions whose filters are fed or computed: as exact as ONNX Runtime's own, in its blocked layout.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { gradient, gradientName } from '../../src/grad/reverse.ts'
import { GraphBuilder } from '../../src/onnx/builder.ts'
import { prune } from '../../src/onnx/edit.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import {
  appendFlippedLayout,
  appendLayout,
  type FilterShape,
  filterLayouts,
  isLaidOut,
} from '../../src/runtime/blocked/filter-layout.ts'
import { withOpenFilters } from '../../src/runtime/blocked/open-filters.ts'
import { inBlockedLayout } from '../../src/runtime/blocked/rewrite.ts'
import { nodeRuntime } from '../../src/runtime/node.ts'
import { optimised } from '../../src/runtime/optimised.node.ts'
import { Random } from '../../src/tensor/random.ts'
import { elementCount } from '../../src/tensor/shape.ts'
import { asFloat32, type FloatTensor, float32 } from '../../src/tensor/tensor.ts'
import { expectTensorsClose } from '../support/allclose.ts'

const runtime = nodeRuntime({ threads: 1 })

const drawn = (seed: number, shape: readonly number[]) => {
  const random = new Random(seed)
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.uniform(-1, 1)),
  )
}

describe('filter layouts', () => {
  const shapes: FilterShape[] = [
    [32, 32, 3, 3],
    [48, 16, 1, 1],
    [20, 12, 2, 5],
    [32, 3, 7, 7],
  ]

  async function laidOut(
    shape: FilterShape,
    append: (builder: GraphBuilder) => string | undefined,
  ): Promise<FloatTensor | undefined> {
    const builder = new GraphBuilder('layout')
    builder.input('filter', 'float32', shape)
    const result = append(builder)
    if (result === undefined) return undefined
    builder.output(result, 'float32', undefined, 'y')
    const session = await runtime.load(builder.build())
    const { y } = await session.run({ filter: drawn(1, shape) })
    return asFloat32(y!)
  }

  for (const shape of shapes)
    for (const layout of filterLayouts)
      it(`are what the nodes make: ${shape}, ${layout.block}, ${layout.blocksInput}`, async () => {
        const found = await laidOut(shape, builder => appendLayout(builder, 'filter', shape, layout))
        const { data } = drawn(1, shape)
        expect(isLaidOut(found!, data, shape, layout)).toBe(true)
        const matching = filterLayouts.filter(other => isLaidOut(found!, data, shape, other))
        // Of filters of one element the two layouts of a block are one.
        expect(matching).toHaveLength(shape[2] * shape[3] === 1 ? 2 : 1)
        found!.data[found!.data.length - 1]! += 1
        expect(isLaidOut(found!, data, shape, layout)).toBe(false)
      })

  it('reverse the filter of an input gradient on the way', async () => {
    for (const shape of shapes) {
      const [out, inner, height, width] = shape
      const { data } = drawn(1, shape)
      const turned = data.map((_, at) => {
        const [k, o] = [at % (height * width), Math.floor(at / (height * width)) % out]
        const i = Math.floor(at / (height * width * out))
        return data[(o * inner + i) * height * width + (height * width - 1 - k)]!
      })
      for (const layout of filterLayouts) {
        const found = await laidOut(shape, b => appendFlippedLayout(b, 'filter', shape, layout))
        const whole = layout.blocksInput && out % layout.block === 0 && inner % layout.block === 0
        expect(found !== undefined).toBe(whole)
        if (found) expect(isLaidOut(found, turned, [inner, out, height, width], layout)).toBe(true)
      }
    }
  })
})

/** Images through two convolutions, whose filters are inputs, and the gradients of images and filters. */
function network(middle: (builder: GraphBuilder, value: string) => string): Graph {
  const builder = new GraphBuilder('net')
  builder.input('x', 'float32', ['n', 3, 9, 10])
  builder.input('first', 'float32', [32, 3, 3, 3])
  builder.input('bias', 'float32', [32])
  builder.input('second', 'float32', [16, 32, 3, 3])
  const pads = [1, 1, 1, 1]
  const conv = builder.op('Conv', ['x', 'first', 'bias'], { kernel_shape: [3, 3], pads })
  const half = builder.op('Mul', ['second', builder.scalar(0.5)])
  const scores = builder.op('Conv', [middle(builder, conv), half], { kernel_shape: [3, 3], pads })
  const squares = builder.op('Mul', [scores, scores])
  builder.output(
    builder.op('ReduceSum', [squares, builder.ints([1, 2, 3])], { keepdims: 0 }),
    'float32',
    ['n'],
    'y',
  )
  return gradient(builder.build(), 'y', ['x', 'first', 'bias', 'second'])
}

const feeds = {
  x: drawn(1, [2, 3, 9, 10]),
  first: drawn(2, [32, 3, 3, 3]),
  bias: drawn(3, [32]),
  second: drawn(4, [16, 32, 3, 3]),
}

/** The same with the filters as weights, which is ONNX Runtime's own way. */
async function expected(graph: Graph) {
  const { x, ...weights } = feeds
  const inputs = graph.inputs.filter(input => input.name === 'x')
  const initializers = new Map([...graph.initializers, ...Object.entries(weights)])
  return (await runtime.load({ ...graph, inputs, initializers })).run({ x })
}

const opened = (graph: Graph) =>
  withOpenFilters(graph, (shown, open) => optimised(inBlockedLayout(shown, open)))

describe.runIf(process.arch === 'x64')('open filters', () => {
  const relu = network((builder, value) => builder.op('Relu', [value]))

  it('give what weights give, image gradients and weight gradients included', async () => {
    const results = await (await runtime.load(relu)).run(feeds)
    const wanted = await expected(relu)
    expect(Object.keys(results)).toHaveLength(5)
    for (const [name, value] of Object.entries(results))
      expectTensorsClose(value, wanted[name]!, { relative: 1e-5, absolute: 1e-4 }, name)
  })

  it('are computed in the blocked layout, forward and backward', async () => {
    const images = prune(relu, ['y', gradientName('y', 'x')])
    const graph = await opened(images)
    const conv = graph!.nodes.filter(node => node.opType === 'Conv')
    expect(conv.filter(node => node.domain === 'com.microsoft.nchwc').length).toBeGreaterThanOrEqual(3)
    expect([...graph!.initializers.keys()].filter(name => name.startsWith('stand-in'))).toEqual([])
  })

  it('are given anew', async () => {
    const images = prune(relu, ['y', gradientName('y', 'x')])
    const session = await runtime.loadOpen(images, ['first', 'bias', 'second'])
    const { x, ...weights } = feeds
    await session.with({ ...weights, second: drawn(9, [16, 32, 3, 3]) })
    const results = await (await session.with(weights)).run({ x })
    const wanted = await expected(images)
    for (const [name, value] of Object.entries(results))
      expectTensorsClose(value, wanted[name]!, { relative: 1e-5, absolute: 1e-4 }, name)
  })

  it('stay as they are where the runtime would multiply something into them', async () => {
    const scaled = network((builder, value) =>
      builder.op('Mul', [value, builder.constant(drawn(5, [32, 1, 1]))]),
    )
    const images = prune(scaled, ['y'])
    expect(await withOpenFilters(images, graph => optimised({ graph }))).toBeUndefined()
    const { y } = await (await runtime.load(images)).run(feeds)
    expectTensorsClose(y!, (await expected(images)).y!, { relative: 1e-5 }, 'y')
  })

  it('leave no file behind, whether the runtime takes the graph or not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'open-filters-'))
    vi.stubEnv('TMPDIR', folder)
    await optimised({ graph: relu })
    const foreign = relu.nodes.map(node => ({ ...node, opType: 'Foo' }))
    await expect(optimised({ graph: { ...relu, nodes: foreign } })).rejects.toThrow()
    vi.unstubAllEnvs()
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  })

  it('stay as they are where nothing is open or the runtime refuses the graph', async () => {
    const builder = new GraphBuilder('fixed')
    builder.input('x', 'float32', ['n', 3, 9, 9])
    builder.initializer('w', drawn(1, [16, 3, 3, 3]))
    builder.output(builder.op('Conv', ['x', 'w']), 'float32', ['n', 16, 7, 7], 'y')
    expect(await opened(builder.build())).toBeUndefined()
    // The filter of the gradient is computed, but from a weight: the runtime folds it when it loads the graph.
    const images = prune(gradient(builder.build(), 'y', ['x']), [gradientName('y', 'x')])
    expect(images.nodes.some(node => node.opType === 'Transpose')).toBe(true)
    expect(await opened(images)).toBeUndefined()
    expect(await withOpenFilters(relu, async () => undefined)).toBeUndefined()
  })
})
