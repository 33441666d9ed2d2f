// Checks a classifier and its manifest against labelled images: how right it is, whether another manifest would
// make it more right, whether labels fit, what the network sees, which units never fire.

import type { Dataset } from '../data/dataset.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { replaceOutputs } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { asFloat32, type FloatTensor } from '../tensor/tensor.ts'
import { type Classifier, IMAGES, type Layer } from './classifier.ts'
import { type Colour, commonColours, describeColour, differenceOf, recoloured, seenBy } from './colour.ts'
import { fitLabels, lintOrder } from './label-fit.ts'
import { type Lint, normalises } from './lint.ts'

export interface CheckOptions {
  /** Images per run. Default 16. */
  readonly batchSize?: number
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

export interface DataReport {
  readonly data: string
  readonly images: number
  /** How decisions were compared with labels; undefined when the labels do not fit. */
  readonly labelsBy?: 'names' | 'order' | 'sixteen'
  /** Share of images classified as labelled, under the manifest as it is. */
  readonly accuracy?: number
  /** Accuracy under manifests that differ in colour only, best first. */
  readonly variants: readonly { readonly manifest: string; readonly accuracy: number }[]
  /** Mean and standard deviation per channel of what the network sees. */
  readonly seen: { readonly mean: readonly number[]; readonly std: readonly number[] }
  /** Per layer the units whose activation is the same everywhere on all images. */
  readonly deadUnits: Readonly<Record<string, readonly number[]>>
  readonly lints: readonly Lint[]
}

/** Measures `model` on all images of `data`; 100 to 500 are enough. */
export async function checkOnData(
  model: Classifier,
  data: Dataset,
  options: CheckOptions = {},
): Promise<DataReport> {
  const { batchSize = 16, progress = silent, signal } = options
  const own = model.preprocessing
  const { fit, lints } = fitLabels(model, data)
  const others = fit === undefined ? [] : commonColours(own)
  const variants = [own, ...others].map(colour => ({ colour, hits: [] as boolean[] }))
  const pairs: [number, number][] = []
  const statistics = new ChannelStatistics()
  const outputs = new OutputStatistics()
  const firing = new FiringRange(model)
  let images = 0

  const task = progress.start('checking', data.size, 'images')
  for await (const batch of data.batches({ batchSize })) {
    signal?.throwIfAborted()
    for (const { colour, hits } of variants) {
      const logits = await model.logits(colour === own ? batch.images : recoloured(batch.images, colour, own))
      if (colour === own) outputs.add(logits)
      const decisions = fit?.decide(logits)
      for (const [i, label] of batch.labels.entries()) {
        if (fit === undefined || decisions === undefined) continue
        hits.push(decisions[i] === fit.expected(label))
        if (colour === own) pairs.push([fit.expected(label), decisions[i]!])
      }
    }
    statistics.add(seenBy(batch.images, own))
    await firing.add(batch.images)
    images += batch.labels.length
    task.advance(batch.labels.length)
  }
  task.end()

  const accuracyOf = (hits: readonly boolean[]) => hits.filter(hit => hit).length / hits.length
  const [ownVariant, ...rest] = variants
  const ranked = rest.sort((a, b) => accuracyOf(b.hits) - accuracyOf(a.hits))
  const deadUnits = firing.dead()
  return {
    data: data.name,
    images,
    ...(fit && { labelsBy: fit.by, accuracy: accuracyOf(ownVariant!.hits) }),
    variants: ranked.map(({ colour, hits }) => ({
      manifest: describeColour(colour),
      accuracy: accuracyOf(hits),
    })),
    seen: statistics.result(),
    deadUnits,
    lints: [
      ...lints,
      ...lintOrder(pairs, data),
      ...(ranked[0] ? accuracyLints(ownVariant!, ranked[0]) : []),
      ...statistics.lints(own),
      ...outputs.lints(own.output),
      ...deadLints(deadUnits, model.layers, images),
    ],
  }
}

interface Variant {
  readonly colour: Colour
  readonly hits: readonly boolean[]
}

/** Standard errors (McNemar) by which a variant must win; ten are tried, so three happen by chance. */
const CLEARLY = 4

/** Another manifest is right three times as often, or clearly more often on the same images. */
function accuracyLints(own: Variant, best: Variant): Lint[] {
  const count = (hits: readonly boolean[]) => hits.filter(hit => hit).length
  const [before, after] = [count(own.hits), count(best.hits)]
  const changed = best.hits.filter((hit, i) => hit !== own.hits[i]).length
  const clearly = after - before >= CLEARLY * Math.sqrt(changed) && changed > 0
  const triples = after >= 3 * before && after - before >= 5
  if (!clearly && !triples) return []
  const share = (hits: number) => (hits / own.hits.length).toFixed(3)
  return [
    {
      code: differenceOf(own.colour, best.colour),
      message: `another manifest would give an accuracy of ${share(after)} instead of ${share(before)}: ${describeColour(best.colour)}`,
    },
  ]
}

function deadLints(dead: DataReport['deadUnits'], layers: readonly Layer[], images: number): Lint[] {
  return layers.flatMap(({ name, units }): Lint[] => {
    const count = dead[name]?.length ?? 0
    if (count <= units / 20) return []
    return [
      {
        code: 'dead-units',
        message: `${count} of ${units} units of ${name} never change on ${images} images`,
      },
    ]
  })
}

/** Running mean and standard deviation per channel. */
class ChannelStatistics {
  private count = 0
  private readonly sum = [0, 0, 0]
  private readonly squares = [0, 0, 0]

  add({ shape, data }: FloatTensor): void {
    const [n = 0, , height = 0, width = 0] = shape
    const area = height * width
    for (let plane = 0; plane < 3 * n; plane++) {
      const channel = plane % 3
      for (let i = plane * area; i < (plane + 1) * area; i++) {
        this.sum[channel]! += data[i]!
        this.squares[channel]! += data[i]! ** 2
      }
    }
    this.count += n * area
  }

  result(): { mean: number[]; std: number[] } {
    const mean = this.sum.map(sum => sum / this.count)
    const std = this.squares.map((sum, c) => Math.sqrt(Math.max(0, sum / this.count - mean[c]! ** 2)))
    return { mean, std }
  }

  /** Normalised pictures have a mean near 0 and a deviation near 1. */
  lints(colour: Colour): Lint[] {
    const { mean, std } = this.result()
    const odd = mean.some(m => Math.abs(m) > 3) || std.some(s => s < 0.1 || s > 5)
    // Subtracting means of 0-255 alone leaves deviations near 60, as its networks want.
    const scaled = colour.range === 255 && colour.std.every(s => s === 1)
    if (!normalises(colour) || !odd || (scaled && mean.every(m => Math.abs(m) < 60))) return []
    const list = (values: readonly number[]) => values.map(value => value.toPrecision(3)).join(' ')
    return [
      {
        code: 'range',
        message: `after normalisation the images have mean ${list(mean)} and deviation ${list(std)}, not near 0 and 1: mean and std are not in the units of range ${colour.range}`,
      },
    ]
  }
}

/** What the logits look like as a whole. */
class OutputStatistics {
  private areProbabilities = true
  private first: Float32Array | undefined
  private areEqual = true
  private images = 0

  add({ shape, data }: FloatTensor): void {
    const [n = 0, classes = 0] = shape
    for (let i = 0; i < n; i++) {
      const row = data.subarray(i * classes, (i + 1) * classes)
      this.areProbabilities &&= row.every(value => value >= 0 && value <= 1) && sumsToOne(row)
      this.first ??= row.slice()
      this.areEqual &&= row.every((value, c) => Math.abs(value - this.first![c]!) < 1e-6)
    }
    this.images += n
  }

  lints(output: 'logits' | 'probabilities'): Lint[] {
    const lints: Lint[] = []
    if (output === 'logits' && this.areProbabilities) {
      lints.push({
        code: 'softmax-output',
        message:
          'the outputs are probabilities (they lie in [0, 1] and sum to 1), but the manifest calls them logits: set output probabilities',
      })
    }
    if (this.areEqual && this.images > 1) {
      lints.push({ code: 'constant-output', message: `all ${this.images} images get the same scores` })
    }
    return lints
  }
}

function sumsToOne(row: Float32Array): boolean {
  return Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-3
}

/** Least and greatest activation of every unit; reduced inside the graph, so that maps never leave it. */
class FiringRange {
  private readonly least = new Map<string, Float32Array>()
  private readonly greatest = new Map<string, Float32Array>()

  constructor(private readonly model: Classifier) {}

  async add(images: FloatTensor): Promise<void> {
    const { layers } = this.model
    if (layers.length === 0) return
    const session = await this.model.derived('range of every unit', graph => withRanges(graph, layers))
    const results = await session.run({ [IMAGES]: images })
    for (const { name } of layers) {
      const low = asFloat32(results[`least of ${name}`]!).data
      const high = asFloat32(results[`greatest of ${name}`]!).data
      this.least.set(
        name,
        low.map((value, u) => Math.min(value, this.least.get(name)?.[u] ?? value)),
      )
      this.greatest.set(
        name,
        high.map((value, u) => Math.max(value, this.greatest.get(name)?.[u] ?? value)),
      )
    }
  }

  dead(): Record<string, number[]> {
    const found: Record<string, number[]> = {}
    for (const [name, low] of this.least) {
      const high = this.greatest.get(name)!
      const dead = [...low.keys()].filter(unit => low[unit] === high[unit])
      if (dead.length > 0) found[name] = dead
    }
    return found
  }
}

function withRanges(graph: Graph, layers: readonly Layer[]): Graph {
  const builder = new GraphBuilder(graph)
  const outputs: string[] = []
  for (const { name, value } of layers) {
    // All positions of a unit on one axis, of length 1 for vectors.
    const flat = builder.op('Reshape', [value, builder.ints([0, 0, -1])])
    const axes = builder.ints([0, 2])
    for (const [op, word] of [
      ['ReduceMin', 'least'],
      ['ReduceMax', 'greatest'],
    ] as const) {
      outputs.push(builder.op(op, [flat, axes], { keepdims: 0 }, { name: `${word} of ${name}` }))
    }
  }
  return replaceOutputs(builder.build(), outputs)
}
