// Feature denoising (Xie et al. 2019, Feature denoising for improving adversarial robustness): filters of feature
// maps that a block of the network puts beside what it filters. All of them keep the shape [n, c, size, size].

import type { GraphBuilder } from '../onnx/builder.ts'
import { float32 } from '../tensor/tensor.ts'
import type { Feature } from './feature.ts'

/**
 * y[i] = sum over j of w[i, j] x[j], positions i and j, in one of six ways:
 * - `non-local-softmax`: w = softmax over j of theta(x[i]) . phi(x[j]) / sqrt(d), theta and phi learned 1x1
 *   convolutions to d = c / 2 channels (embedded Gaussian)
 * - `non-local-gaussian`: the same of x[i] . x[j] / sqrt(c), nothing learned
 * - `non-local-dot`: w = x[i] . x[j] / number of positions
 * - `bilateral`: as `non-local-gaussian`, j within 3x3 around i
 * - `mean`, `median`: of the 3x3 around i, per channel
 */
export const denoisers = [
  'non-local-softmax',
  'non-local-gaussian',
  'non-local-dot',
  'bilateral',
  'mean',
  'median',
] as const
export type Denoiser = (typeof denoisers)[number]

/** Appends the filter `kind` and returns the value that holds its result. @param embed makes theta and phi. */
export function appendDenoiser(
  graph: GraphBuilder,
  kind: Denoiser,
  x: Feature,
  embed: (name: 'theta' | 'phi') => Feature,
): string {
  switch (kind) {
    case 'non-local-softmax':
      return attention(graph, x, embed('theta'), embed('phi'))
    case 'non-local-gaussian':
      return attention(graph, x, x, x)
    case 'non-local-dot':
      return dotProduct(graph, x)
    case 'bilateral':
      return bilateral(graph, x)
    case 'mean':
      return graph.op('AveragePool', [x.value], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] })
    case 'median':
      return median(graph, x)
  }
}

/** `[n, c, size, size]` -> `[n, c, positions]` */
function flat(graph: GraphBuilder, { value, channels, size }: Feature): string {
  return graph.op('Reshape', [value, graph.ints([-1, channels, size * size])])
}

function unflat(graph: GraphBuilder, value: string, { channels, size }: Feature): string {
  return graph.op('Reshape', [value, graph.ints([-1, channels, size, size])])
}

function attention(graph: GraphBuilder, x: Feature, theta: Feature, phi: Feature): string {
  const turned = (value: string) => graph.op('Transpose', [value], { perm: [0, 2, 1] })
  const values = flat(graph, x)
  const [query, key] = theta === x ? [values, values] : [flat(graph, theta), flat(graph, phi)]
  const products = graph.op('MatMul', [turned(query), key])
  const scaled = graph.op('Mul', [products, graph.scalar(1 / Math.sqrt(theta.channels))])
  const weights = graph.op('Softmax', [scaled], { axis: 2 })
  return unflat(graph, turned(graph.op('MatMul', [weights, turned(values)])), x)
}

/** (X X') X / positions: the same sums as weighing position against position, at a cost linear in positions. */
function dotProduct(graph: GraphBuilder, x: Feature): string {
  const values = flat(graph, x)
  const moments = graph.op('MatMul', [values, graph.op('Transpose', [values], { perm: [0, 2, 1] })])
  const share = graph.op('Mul', [moments, graph.scalar(1 / (x.size * x.size))])
  return unflat(graph, graph.op('MatMul', [share, values]), x)
}

/** The nine maps that a 3x3 window meets, centre included, row by row. */
function neighbours(graph: GraphBuilder, x: Feature, mode: 'constant' | 'edge'): string[] {
  const padded = graph.op('Pad', [x.value, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode })
  return offsets.map(([down, right]) =>
    graph.op('Slice', [
      padded,
      graph.ints([down, right]),
      graph.ints([down + x.size, right + x.size]),
      graph.ints([2, 3]),
    ]),
  )
}

const offsets = [0, 1, 2].flatMap(down => [0, 1, 2].map(right => [down, right] as const))

function bilateral(graph: GraphBuilder, x: Feature): string {
  const around = neighbours(graph, x, 'constant')
  const channels = graph.ints([1])
  const products = around.map(other =>
    graph.op('ReduceSum', [graph.op('Mul', [x.value, other]), channels], { keepdims: 1 }),
  )
  const together = graph.op('Concat', products, { axis: 1 })
  const scaled = graph.op('Mul', [together, graph.scalar(1 / Math.sqrt(x.channels))])
  const inside = graph.constant(outsideMask(x.size), 'denoise.outside')
  const weights = graph.op('Softmax', [graph.op('Add', [scaled, inside])], { axis: 1 })
  const terms = around.map((other, k) => {
    const weight = graph.op('Slice', [weights, graph.ints([k]), graph.ints([k + 1]), channels])
    return graph.op('Mul', [weight, other])
  })
  return graph.op('Sum', terms)
}

/** `[1, 9, size, size]`: 0 where a neighbour lies inside the map, else so low that its weight is 0. */
function outsideMask(size: number) {
  const mask = new Float32Array(9 * size * size)
  for (const [k, [down, right]] of offsets.entries())
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const [row, column] = [y + down - 1, x + right - 1]
        const inside = row >= 0 && row < size && column >= 0 && column < size
        mask[(k * size + y) * size + x] = inside ? 0 : -1e9
      }
  return float32([1, 9, size, size], mask)
}

/** Taken by index, so that the gradient reaches it; at the border the edge is repeated. */
function median(graph: GraphBuilder, x: Feature): string {
  const last = graph.ints([4])
  const nine = graph.op(
    'Concat',
    neighbours(graph, x, 'edge').map(map => graph.op('Unsqueeze', [map, last])),
    { axis: 4 },
  )
  const [, order = ''] = graph.ops('TopK', [nine, graph.ints([5])], { axis: 4 }, 2)
  const middle = graph.op('Slice', [order, graph.ints([4]), graph.ints([5]), last])
  return graph.op('Squeeze', [graph.op('GatherElements', [nine, middle], { axis: 4 }), last])
}
