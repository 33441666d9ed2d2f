// Gradient rules by finite differences at the ONNX backend cases: their attributes, shapes and data, at all opsets.

import { describe, expect, test } from 'vitest'
import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import type { Session } from '../../../src/runtime/session.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32, type Tensor } from '../../../src/tensor/tensor.ts'
import { type NodeCase, nodeCasesMissing, supportedCases } from '../../support/node-cases.ts'

const runtime = nodeRuntime({ threads: 1 })

/** Operators that are no part of the gradient's coverage (engine.md), and cases with nothing to differentiate. */
const excused: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /test_(acosh?|asinh?|atanh?|cosh|sinh|tan|gridsample|hardmax|mod_|mvn|onehot|range|scatter|shrink|thresholdedrelu|top_k)/,
    'not an operator of image classifiers',
  ],
  [
    /test_(ceil|floor|round|sign|castlike.*_to_FLOAT(_expanded)?)($|_example|_model)/,
    'constant, or not of float32',
  ],
  [/test_training_dropout/, 'draws a new mask per run'],
  [/tf_crop_and_resize/, 'refused by name'],
  [/test_pow_types_float32_uint/, 'ONNX Runtime has no such kernel'],
  [/test_operator_(pow|sqrt)$/, 'roots of negative numbers'],
]

/** Float inputs that are settings, not data, by operator: they stay constants. */
const settings: Readonly<Record<string, (i: number) => boolean>> = {
  BatchNormalization: i => i > 2,
  Dropout: i => i > 0,
  Resize: i => i > 0,
}

describe.skipIf(nodeCasesMissing)(
  `ONNX backend cases${nodeCasesMissing ? ` (${nodeCasesMissing})` : ''}`,
  () => {
    test('gradients agree with finite differences', async () => {
      let count = 0
      for (const nodeCase of supportedCases()) {
        if (excused.some(([pattern]) => pattern.test(nodeCase.name))) continue
        const error = await bestError(nodeCase)
        if (error === undefined) continue
        expect(error, nodeCase.name).toBeLessThan(1e-3)
        count++
      }
      expect(count).toBeGreaterThan(480)
    })
  },
)

/**
 * The least relative error over a few points near the case's data and a few step sizes: a kink or a cancellation
 * spoils one of them, a wrong rule all. Undefined when there is no float32 to differentiate.
 */
async function bestError(nodeCase: NodeCase): Promise<number | undefined> {
  const data = nodeCase.data()
  const graph = nodeCase.graph()
  const of = graph.outputs[0]!.name
  const output = data?.outputs[of]
  if (data === undefined || output?.dtype !== 'float32' || output.data.length === 0) return undefined
  const wrt = graph.inputs.map(v => v.name).filter(name => isData(graph, name, data.inputs[name]!))
  if (wrt.length === 0) return undefined
  const { weighted, sum } = weightedSum(graph, of, output.shape, data.inputs, wrt)
  const session = await runtime.load(gradient(weighted, sum, wrt))
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 6 && best > 1e-3; attempt++) {
    const random = new Random(attempt).fork(nodeCase.name)
    const cotangent = Float32Array.from({ length: output.data.length }, () => random.normal())
    const feeds: Record<string, Tensor> = { cotangent: float32(output.shape, cotangent) }
    for (const name of wrt) feeds[name] = near(random, data.inputs[name]!, attempt === 0 ? 0 : 0.2)
    for (const step of [0.02, 0.004, 0.0008])
      best = Math.min(best, await errorAt(session, feeds, sum, wrt, step, random))
  }
  await session.dispose()
  return best
}

function isData(graph: Graph, name: string, value: Tensor): boolean {
  const user = graph.nodes.find(node => node.inputs.includes(name))
  const isSetting = user && settings[user.opType]?.(user.inputs.indexOf(name))
  return value.dtype === 'float32' && value.data.length > 0 && user !== undefined && !isSetting
}

/** The case with its integers and settings as constants, and the output weighted and summed in float64. */
function weightedSum(
  graph: Graph,
  of: string,
  shape: readonly number[],
  inputs: Readonly<Record<string, Tensor>>,
  wrt: readonly string[],
): { weighted: Graph; sum: string } {
  const constants = Object.entries(inputs).filter(([name]) => !wrt.includes(name))
  const b = new GraphBuilder({
    ...graph,
    inputs: wrt.map(name => ({ name, dtype: 'float32', shape: inputs[name]!.shape })),
    outputs: [],
    initializers: new Map([...graph.initializers, ...constants]),
  })
  const wide = (value: string) => b.op('Cast', [value], { to: 11 })
  const products = b.op('Mul', [wide(of), wide(b.input('cotangent', 'float32', shape))])
  const sum = b.output(b.op('ReduceSum', [products], { keepdims: 0 }), 'float64', [])
  return { weighted: b.build(), sum }
}

async function errorAt(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  sum: string,
  wrt: readonly string[],
  step: number,
  random: Random,
): Promise<number> {
  const gradients = await session.run(feeds)
  let worst = 0
  for (const name of wrt) {
    const found = gradients[gradientName(sum, name)]!.data as Float32Array
    const input = feeds[name]!
    // Few elements at a time: among many, some always sit at a kink.
    const moving = Math.min(1, 24 / found.length)
    const direction = Float32Array.from(found, () => (random.uniform() < moving ? random.normal() : 0))
    const moved = (h: number) =>
      float32(
        input.shape,
        Float32Array.from(input.data as Float32Array, (v, i) => v + h * direction[i]!),
      )
    const [plus, minus] = [moved(step), moved(-step)]
    const at = async (value: Tensor) =>
      Number((await session.run({ ...feeds, [name]: value }, [sum]))[sum]!.data[0])
    let expected = 0
    let size = 0
    for (const [i, g] of found.entries()) {
      expected += g * (plus.data[i]! - minus.data[i]!)
      if (direction[i] !== 0) size += g * g
    }
    const error = Math.abs((await at(plus)) - (await at(minus)) - expected)
    worst = Math.max(worst, error / (2 * step * Math.max(Math.sqrt(size), 1e-3)))
  }
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst
}

/** `value` with noise in proportion to its elements. */
function near(random: Random, value: Tensor, noise: number): Tensor {
  const data = Float32Array.from(
    value.data as Float32Array,
    v => v + noise * random.uniform(-1, 1) * (Math.abs(v) + 0.1),
  )
  return float32(value.shape, data)
}
