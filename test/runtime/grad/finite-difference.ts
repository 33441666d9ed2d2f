// Compares a gradient graph with central differences of the forward graph along random directions.

import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { checkGraph } from '../../../src/onnx/check.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { inferShapes } from '../../../src/onnx/infer.ts'
import type { Runtime } from '../../../src/runtime/session.ts'
import { Random } from '../../../src/tensor/random.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { asFloat32, type FloatTensor, float32 } from '../../../src/tensor/tensor.ts'
import type { RuleCase } from './case.ts'

/** The case as a graph whose output `y` is the operator's and `weighted` is y times an input `cotangent`. */
export function caseGraph(ruleCase: RuleCase): { graph: Graph; outputShape: readonly number[] } {
  const make = (symbolic: boolean) => {
    const builder = new GraphBuilder(ruleCase.name)
    for (const [name, shape] of Object.entries(ruleCase.inputs)) {
      const batched = symbolic && name === 'x' && ruleCase.fixedBatch !== true && shape.length > 1
      builder.input(name, 'float32', batched ? ['n', ...shape.slice(1)] : shape)
    }
    return { builder, y: ruleCase.build(builder) }
  }
  const fixed = make(false)
  const known = inferShapes(fixed.builder.build()).get(fixed.y)!.shape
  const { builder, y } = make(true)
  const shape = inferShapes(builder.build()).get(y)!.shape
  builder.output(y, 'float32', shape, 'y')
  const cotangent = builder.input('cotangent', 'float32', shape)
  const weighted = builder.op('Mul', ['y', cotangent], {}, { name: 'weighted' })
  builder.output(weighted, 'float32', shape)
  return { graph: builder.build(), outputShape: known.map(Number) }
}

/** Worst error over inputs and directions, relative to the size of a typical directional derivative. */
export async function finiteDifferenceError(
  runtime: Runtime,
  ruleCase: RuleCase,
  directions = 3,
): Promise<number> {
  const { graph, outputShape } = caseGraph(ruleCase)
  const wrt = ruleCase.wrt ?? Object.keys(ruleCase.inputs)
  const longer = gradient(graph, 'weighted', wrt)
  checkGraph(longer)
  const session = await runtime.load(longer)
  const random = new Random(7).fork(ruleCase.name)
  const feeds: Record<string, FloatTensor> = {}
  for (const [name, shape] of Object.entries(ruleCase.inputs))
    feeds[name] = draw(random, shape, ruleCase.values)
  feeds.cotangent = draw(random, outputShape, 'normal')
  const value = async (at: Record<string, FloatTensor>) => {
    const { weighted } = await session.run(at, ['weighted'])
    return asFloat32(weighted!).data.reduce((sum, v) => sum + v, 0)
  }
  const results = await session.run(feeds)
  let worst = 0
  for (const name of wrt) {
    const found = asFloat32(results[gradientName('weighted', name)]!)
    const input = feeds[name]!
    if (found.shape.join() !== input.shape.join())
      throw new Error(`gradient of ${name} has shape [${found.shape}], expected [${input.shape}]`)
    let size = 0
    for (const g of found.data) size += g * g
    for (let k = 0; k < directions; k++) {
      const direction = Float32Array.from(input.data, () => random.normal())
      const h = ruleCase.step ?? 0.01
      const moved = (sign: number) => ({
        ...feeds,
        [name]: float32(
          input.shape,
          input.data.map((v, i) => v + sign * h * direction[i]!),
        ),
      })
      const plus = moved(1)
      const minus = moved(-1)
      const difference = (await value(plus)) - (await value(minus))
      // The steps really taken, after rounding to float32.
      let expected = 0
      for (const [i, g] of found.data.entries())
        expected += g * (plus[name]!.data[i]! - minus[name]!.data[i]!)
      worst = Math.max(worst, Math.abs(difference - expected) / (2 * h * Math.max(Math.sqrt(size), 1e-3)))
    }
  }
  await session.dispose()
  return worst
}

function draw(random: Random, shape: readonly number[], values: RuleCase['values'] = 'normal'): FloatTensor {
  const count = elementCount(shape)
  if (values === 'apart') {
    const order = random.permutation(count)
    // Steps of 0.3, no value within 0.15 of zero.
    return float32(
      shape,
      Float32Array.from(order, k => 0.3 * (k - Math.floor(count / 2)) + 0.15),
    )
  }
  const one = values === 'positive' ? () => random.uniform(0.5, 2) : () => random.normal()
  return float32(shape, Float32Array.from({ length: count }, one))
}
