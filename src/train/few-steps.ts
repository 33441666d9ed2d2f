// Convolutions that take few steps per image, as matrix products over all images. ONNX Runtime multiplies image by
// image: with four columns at a time, every image reads all weights again, and what falls on the padding is multiplied
// as well. So the deep layers of a network on small images take many times as long as their arithmetic. Differentiated,
// products give products.

import { intOf, intsOf, stringOf } from '../onnx/attributes.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph, Node } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import { placesOf } from '../tensor/shape.ts'

/** Steps per image up to which products are faster (docs/benchmarks.md). */
const FEW_STEPS = 4

/** `graph` with the same inputs and outputs, its convolutions of few steps written as products. */
export function fewStepsAsProducts(graph: Graph): Graph {
  const types = inferShapes(graph)
  const builder = GraphBuilder.rewriting(graph)
  for (const node of graph.nodes) {
    const sizes = node.opType === 'Conv' && node.domain === '' ? sizesOf(node, types) : undefined
    const pairs = sizes && pairsOf(node, sizes)
    if (sizes === undefined || pairs === undefined) builder.copy(node)
    else appendProducts(builder, node, sizes, pairs)
  }
  return builder.build()
}

/** Numbers of channels, and one number per spatial axis in each list. */
interface Sizes {
  readonly channels: number
  readonly out: number
  readonly image: readonly number[]
  readonly kernel: readonly number[]
  readonly steps: readonly number[]
}

/** Undefined for groups, for many steps, and where a size is known only when the graph runs. */
function sizesOf(node: Node, types: ReadonlyMap<string, ValueType>): Sizes | undefined {
  const shape = (value: string) => types.get(value)?.shape ?? []
  const [, channels, ...image] = shape(node.inputs[0]!)
  const [out, , ...kernel] = shape(node.inputs[1]!)
  const [, , ...steps] = shape(node.outputs[0]!)
  if (![channels, out, ...image, ...kernel, ...steps].every(d => typeof d === 'number')) return undefined
  if (intOf(node, 'group', 1) !== 1 || stringOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return undefined
  const sizes = { channels, out, image, kernel, steps } as Sizes
  return sizes.steps.length > 0 && count(sizes.steps) <= FEW_STEPS ? sizes : undefined
}

/** A point of the image and the position of the kernel that meets it, each counted in row-major order. */
type Pair = readonly [point: number, position: number]

/** Per step the pairs that meet, padding left out; undefined where a window meets nothing else. */
function pairsOf(node: Node, { image, kernel, steps }: Sizes): readonly (readonly Pair[])[] | undefined {
  const ones = kernel.map(() => 1)
  const [strides, dilations] = [intsOf(node, 'strides') ?? ones, intsOf(node, 'dilations') ?? ones]
  const pads = intsOf(node, 'pads') ?? [...ones, ...ones].fill(0)
  const points = placesOf(image)
  const pairs = placesOf(steps).map(step =>
    placesOf(kernel).flatMap((position, k): Pair[] => {
      const met = position.map((at, i) => step[i]! * strides[i]! + at * dilations[i]! - pads[i]!)
      const point = points.findIndex(place => place.every((at, i) => at === met[i]))
      return point < 0 ? [] : [[point, k]]
    }),
  )
  return pairs.every(window => window.length > 0) ? pairs : undefined
}

function appendProducts(
  builder: GraphBuilder,
  node: Node,
  { channels, out, image, kernel, steps }: Sizes,
  pairs: readonly (readonly Pair[])[],
): void {
  const [input = '', weight = '', bias] = node.inputs
  const output = { output: node.outputs[0]! }
  const shape = builder.ints([-1, out, ...steps])
  if (pairs.length === 1 && pairs[0]!.length === count(image) && count(image) === count(kernel)) {
    // One window, which covers the image: its places need not be taken apart.
    const flat = (value: string) => builder.op('Flatten', [value], { axis: 1 })
    const product = builder.op('Gemm', [flat(input), flat(weight), bias], { transB: 1 })
    builder.op('Reshape', [product, shape], {}, output)
    return
  }
  // ONNX Runtime writes what it can of a Transpose and a Reshape as one transposition, which takes three times as long as
  // taking apart and joining along the last axis.
  const axis = builder.ints([2])
  /** `[a, channels, ...]` as a matrix `[a, channels]` for each of its places. */
  const matrices = (value: string, places: number) => {
    const flat = builder.op('Reshape', [value, builder.ints([-1, channels, places])])
    const single = builder.ints(new Array<number>(places).fill(1))
    const parts = places === 1 ? [flat] : builder.ops('Split', [flat, single], { axis: 2 }, places)
    return parts.map(part => builder.op('Squeeze', [part, axis]))
  }
  const [images, weights] = [matrices(input, count(image)), matrices(weight, count(kernel))]
  const results = pairs.map(window => {
    let sum = bias
    for (const [point, position] of window)
      sum = builder.op('Gemm', [images[point]!, weights[position]!, sum], { transB: 1 })
    return builder.op('Unsqueeze', [sum!, axis])
  })
  builder.op('Reshape', [builder.op('Concat', results, { axis: 2 }), shape], {}, output)
}

const count = (size: readonly number[]) => size.reduce((a, b) => a * b, 1)
