// NASWOT (Mellor, Turner, Storkey & Crowley 2021, Neural architecture search without training): how well a network
// that nobody has trained yet tells the images of a batch apart, by which of its activations are on.

import { z } from 'zod'
import { IMAGES } from '../classifier/classifier.ts'
import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { replaceOutputs } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { asFloat32, type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { Probe } from './probe.ts'

export const Naswot = z.object({
  /** log |det K|; null when K is singular: two images have the same code. */
  score: z.number().nullable(),
  /** Images in the batch, and the activations that make up an image's code. */
  images: z.int(),
  activations: z.int(),
})
export type Naswot = z.infer<typeof Naswot>

export interface NaswotOptions {
  readonly data: Dataset
  /** Images in the batch, spread over the data set; default 128, as the paper. */
  readonly batch?: number
}

/**
 * The probe: K[i, j] is the number of activations on which images i and j agree, which is the sum over activation
 * layers of x x' + (1 - x)(1 - x)' with x = 1 where the value before the activation is above 0. Batch normalisation
 * uses the batch's statistics, as in a network that is about to be trained.
 * Its run throws InputError for a network without activations or data with too few images.
 */
export function naswot({ data, batch = 128 }: NaswotOptions): Probe<Naswot> {
  return {
    name: 'naswot',
    version: 1,
    options: { batch },
    data: [data],
    schema: Naswot,
    async run({ model, progress, signal }) {
      if (data.size < batch) throw new InputError(`${data.name} has ${data.size} images, fewer than ${batch}`)
      const values = preActivations(model.graph)
      if (values.length === 0)
        throw new InputError(`${model.name} has no activations to tell images apart by`)
      const task = progress.start(`NASWOT score of ${model.name}`, values.length, 'layers')
      const images = await spread(data, batch)
      const session = await model.runtime.load(replaceOutputs(withBatchStatistics(model.graph), values))
      const agreements = new Float64Array(batch * batch)
      let activations = 0
      try {
        const found = await session.run({ [IMAGES]: images })
        for (const value of values) {
          signal?.throwIfAborted()
          activations += addAgreements(agreements, asFloat32(found[value]!), batch)
          task.advance()
        }
      } finally {
        await session.dispose()
      }
      task.end()
      const score = logAbsoluteDeterminant(agreements, batch)
      return { score: Number.isFinite(score) ? score : null, images: batch, activations }
    },
  }
}

const activationOps = new Set([
  'Relu',
  'Elu',
  'Gelu',
  'LeakyRelu',
  'PRelu',
  'Selu',
  'Celu',
  'Softplus',
  'Mish',
])

/** The values that go into activations, in the order of the graph. x sigmoid(x) counts as one. */
function preActivations(graph: Graph): string[] {
  const found = graph.nodes.flatMap(node => {
    const [x = ''] = node.inputs
    if (activationOps.has(node.opType)) return [x]
    const gates = graph.nodes.some(
      other => other.opType === 'Mul' && other.inputs.includes(x) && other.inputs.includes(node.outputs[0]!),
    )
    return node.opType === 'Sigmoid' && gates ? [x] : []
  })
  return [...new Set(found)]
}

function withBatchStatistics(graph: Graph): Graph {
  const nodes = graph.nodes.map(node =>
    node.opType === 'BatchNormalization'
      ? {
          ...node,
          outputs: [node.outputs[0]!, `${node.name}.batch_mean`, `${node.name}.batch_variance`],
          attributes: { ...node.attributes, training_mode: { kind: 'int', value: 1 } as const },
        }
      : node,
  )
  return { ...graph, nodes }
}

/** `count` images of `data` at equal distances: data sets are often sorted by class. */
async function spread(data: Dataset, count: number): Promise<FloatTensor> {
  const wanted = new Set(Array.from({ length: count }, (_, i) => Math.floor((i * data.size) / count)))
  let out: FloatTensor | undefined
  let [at, filled] = [0, 0]
  for await (const { images } of data.batches({ batchSize: 64 })) {
    const [n = 0, ...shape] = images.shape
    const size = images.data.length / n
    out ??= float32([count, ...shape], new Float32Array(count * size))
    for (let i = 0; i < n; i++)
      if (wanted.has(at + i)) out.data.set(images.data.subarray(i * size, (i + 1) * size), size * filled++)
    at += n
  }
  if (out === undefined) throw new InputError(`${data.name} has no images`)
  return out
}

/** Adds to `[n, n]` how often each two images agree in the sign of `values` `[n, ...]`; returns the code's length. */
function addAgreements(agreements: Float64Array, { data }: FloatTensor, n: number): number {
  const length = data.length / n
  const words = Math.ceil(length / 32)
  const codes = new Uint32Array(n * words)
  for (let image = 0; image < n; image++)
    for (let k = 0; k < length; k++)
      if (data[image * length + k]! > 0) codes[image * words + (k >> 5)]! |= 1 << (k & 31)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let different = 0
      for (let w = 0; w < words; w++) different += ones(codes[i * words + w]! ^ codes[j * words + w]!)
      agreements[i * n + j]! += length - different
      if (i !== j) agreements[j * n + i]! += length - different
    }
  return length
}

/** Number of bits set. */
function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** By elimination with row exchanges; -Infinity for a singular matrix. */
function logAbsoluteDeterminant(matrix: Float64Array, n: number): number {
  const rows = Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n))
  let sum = 0
  for (let k = 0; k < n; k++) {
    let best = k
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[best]![k]!)) best = i
    const pivot = rows[best]!
    rows[best] = rows[k]!
    rows[k] = pivot
    if (pivot[k] === 0) return Number.NEGATIVE_INFINITY
    sum += Math.log(Math.abs(pivot[k]!))
    for (let i = k + 1; i < n; i++) {
      const row = rows[i]!
      const factor = row[k]! / pivot[k]!
      for (let j = k + 1; j < n; j++) row[j]! -= factor * pivot[j]!
    }
  }
  return sum
}
