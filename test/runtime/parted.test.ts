// Batches shared among threads.

import { afterAll, describe, expect, it } from 'vitest'
import { ascend } from '../../src/attack/loop.ts'
import { norms } from '../../src/attack/norm.ts'
import { attackStepGraph } from '../../src/attack/step.ts'
import { InputError } from '../../src/errors/input-error.ts'
import { GraphBuilder } from '../../src/onnx/builder.ts'
import { nodeRuntime } from '../../src/runtime/node.ts'
import type { OpenSession } from '../../src/runtime/session.ts'
import { Random } from '../../src/tensor/random.ts'
import { float32, int64 } from '../../src/tensor/tensor.ts'
import { inferenceForm } from '../../src/train/training-form.ts'
import { buildNetwork } from '../../src/zoo/index.ts'
import { expectTensorsClose } from '../support/allclose.ts'
import { formulaImages } from '../support/formula-weights.ts'

const opened: OpenSession[] = []
async function load(threads: number, build: (builder: GraphBuilder) => void, names: readonly string[]) {
  const builder = new GraphBuilder('shared')
  build(builder)
  const session = await nodeRuntime({ threads }).loadOpen(builder.build(), names, { imagesApart: true })
  opened.push(session)
  return session
}
afterAll(() => Promise.all(opened.map(session => session.dispose())))

const vector = (...values: number[]) => float32([values.length], values)

/** x less its mean over the batch, which tells who was together; times w. */
const lessMean = (builder: GraphBuilder) => {
  builder.input('x', 'float32', ['n'])
  builder.input('w', 'float32', [])
  const mean = builder.op('ReduceMean', ['x', builder.ints([0])], { keepdims: 0 })
  const difference = builder.op('Sub', ['x', mean])
  builder.output(builder.op('Mul', [difference, 'w']), 'float32', ['n'], 'y')
}

describe('a session that shares its batches', () => {
  it('gives each thread as many images, in their order', async () => {
    const session = await load(2, lessMean, ['w'])
    const runner = await session.with({ w: float32([], [1]) })
    const { y } = await runner.run({ x: vector(1, 3, 10, 30) })
    expect(y).toEqual(vector(-1, 1, -10, 10))
    const three = await load(3, lessMean, ['w'])
    const odd = await (await three.with({ w: float32([], [2]) })).run({ x: vector(1, 3, 5, 9, 7) })
    expect(odd.y).toEqual(vector(-2, 2, -4, 4, 0))
  })

  it('computes as before with other weights, numbers of images and threads', async () => {
    const session = await load(2, lessMean, ['w'])
    for (const [w, x] of [
      [1, [1, 3, 10, 30]],
      [3, [1, 3, 10, 30]],
      [3, [2, 2, 2, 6, 6, 6]],
      [-1, [5]],
    ] as const) {
      const runner = await session.with({ w: float32([], [w]) })
      const { y } = await runner.run({ x: vector(...x) })
      const half = Math.ceil(x.length / 2)
      const mean = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length
      const expected = x.map((value, i) => (value - mean(i < half ? x.slice(0, half) : x.slice(half))) * w)
      expect([...(y!.data as Float32Array)].map(v => v + 0)).toEqual(expected.map(v => v + 0))
    }
  })

  it('gives in a loop what single runs give', async () => {
    const step = (builder: GraphBuilder) => {
      builder.input('x', 'float32', ['n'])
      builder.input('goal', 'float32', ['n'])
      builder.input('rate', 'float32', [])
      const moved = builder.op('Mul', [builder.op('Sub', ['goal', 'x']), 'rate'])
      builder.output(builder.op('Add', ['x', moved]), 'float32', ['n'], 'next')
    }
    const session = await load(2, step, ['rate'])
    const runner = await session.with({ rate: float32([], [0.5]) })
    const goal = vector(16, 32, 64)
    for (const times of [1, 2, 4]) {
      // Twice: the second loop must not start where the first ended.
      for (let again = 0; again < 2; again++) {
        const x = vector(0, 0, 0)
        const next = await runner.loop!({ x, goal }, { from: 'next', to: 'x', times })
        expect(next).toEqual(vector(...[16, 32, 64].map(value => value * (1 - 0.5 ** times))))
        expect(x).toEqual(vector(0, 0, 0))
      }
    }
  })

  it('is at an end when it is disposed, and does not wait for its threads', async () => {
    const session = await load(2, lessMean, ['w'])
    const runner = await session.with({ w: float32([], [1]) })
    await session.dispose()
    await expect(runner.run({ x: vector(1, 2) })).rejects.toThrow(/disposed/)
  })

  it('says what was wrong in a thread, and goes on', async () => {
    const session = await load(
      2,
      builder => {
        builder.input('x', 'float32', ['n', 2])
        builder.input('at', 'int64', ['n'])
        builder.input('w', 'float32', [])
        const picked = builder.op('Gather', [builder.op('Transpose', ['x'], { perm: [1, 0] }), 'at'])
        const sums = builder.op('ReduceSum', [picked, builder.ints([0])], { keepdims: 0 })
        builder.output(builder.op('Mul', [sums, 'w']), 'float32', ['n'], 'y')
      },
      ['w'],
    )
    const runner = await session.with({ w: float32([], [1]) })
    const x = float32([2, 2], [1, 2, 3, 4])
    // Only the second thread has an index that there is not.
    const wrong = runner.run({ x, at: int64([2], [0, 7]) })
    await expect(wrong).rejects.toThrow(InputError)
    await expect(wrong).rejects.toThrow(/shared cannot be run on these values.*gather/)
    expect((await runner.run({ x, at: int64([2], [0, 1]) })).y).toEqual(vector(1, 4))
  })
})

it('attacks as one thread does', async () => {
  const network = buildNetwork('mini-alex', { classes: 3, size: 32, width: 16, random: new Random(1) })
  const graph = attackStepGraph(inferenceForm(network), norms.L2)
  const weights = Object.fromEntries(
    [...network.parameters, ...network.buffers].map(name => [name, network.graph.initializers.get(name)!]),
  )
  const originals = formulaImages([0, 1, 2, 3, 4], 32)
  const labels = Int32Array.from([0, 1, 2, 0, 1])
  const options = { originals, start: originals, labels, epsilon: 1, stepSize: 0.2, steps: 23 }
  const [alone, shared] = await Promise.all(
    [1, 2].map(async threads => {
      const session = await nodeRuntime({ threads }).loadOpen(graph, Object.keys(weights), {
        imagesApart: true,
      })
      const runner = await session.with(weights)
      expect(runner.loop !== undefined).toBe(threads === 2)
      const result = await ascend(runner, options)
      await session.dispose()
      return result
    }),
  )
  expectTensorsClose(shared!, alone!, { absolute: 1e-5 }, 'attacked images')
})
