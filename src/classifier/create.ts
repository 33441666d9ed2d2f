// The one implementation of Classifier: a folded graph, and sessions that are made when first needed.

import { InputError } from '../errors/input-error.ts'
import { LABELS, LOSS, withCrossEntropy } from '../grad/loss.ts'
import { gradient, gradientName } from '../grad/reverse.ts'
import { checkGraph } from '../onnx/check.ts'
import { prune, replaceOutputs } from '../onnx/edit.ts'
import { foldBatchNorm } from '../onnx/fold-batch-norm.ts'
import type { Graph } from '../onnx/graph.ts'
import { inferShapes, type ValueType } from '../onnx/infer.ts'
import type { Runtime, Session } from '../runtime/session.ts'
import { Random } from '../tensor/random.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import { asFloat32, type FloatTensor, float32, int64, rows, type Tensor } from '../tensor/tensor.ts'
import { layerOf, type Masks, masked, maskInput, maskOut } from './ablate.ts'
import { imageInput } from './border.ts'
import { type Classifier, IMAGES, type Layer, LOGITS, type LossGradient, type Unit } from './classifier.ts'
import { discoverLayers } from './discover.ts'
import { fingerprintOf } from './fingerprint.ts'
import { foldPreprocessing } from './fold.ts'
import { defaultClasses } from './manifest.ts'
import type { Preprocessing } from './preprocessing.ts'

/** What {@link createClassifier} makes a classifier of. */
export interface ClassifierSource {
  readonly name: string
  /** Any image classifier: one float32 input of images, one output of scores (see {@link foldPreprocessing}). */
  readonly graph: Graph
  readonly runtime: Runtime
  readonly preprocessing: Preprocessing
  /** One name per output of the network; default: see {@link defaultClasses}. */
  readonly classes?: readonly string[]
  /** Where units live, by value names of `graph`; default: found by {@link discoverLayers}. */
  readonly layers?: readonly Layer[]
}

/** Values of the input that one run takes at most: 13 images of 224x224, 170 of 64x64. More run in turn. */
const CHUNK_VALUES = 2 ** 21

/**
 * A classifier over `source.graph`. Nothing is loaded yet: each session (logits, gradient, a set of layers) is
 * made when first asked for and kept until `dispose`.
 * @throws InputError when the graph is no image classifier, holds a NaN weight, or does not fit its
 *   preprocessing, classes or layers.
 */
export async function createClassifier(source: ClassifierSource): Promise<Classifier> {
  const { name, runtime, preprocessing } = source
  imageInput(source.graph)
  checkGraph(source.graph)
  const folded = foldPreprocessing(source.graph, preprocessing)
  const classes = source.classes ?? defaultClasses(folded.classes)
  if (classes.length !== folded.classes) {
    throw new InputError(
      `${name} gives scores for ${folded.classes} classes, but ${classes.length} class names were given`,
    )
  }
  const { graph } = folded
  const types = inferShapes(graph)
  const layers =
    source.layers?.map(layer => checkedLayer({ ...layer, value: folded.nameOf(layer.value) }, types)) ??
    discoverLayers(graph)
  const fingerprint = await fingerprintOf(graph, { preprocessing, classes, layers })
  const whole = { name, graph, runtime, preprocessing, classes, layers, fingerprint }
  const classifier = new GraphClassifier(whole, types)
  if (folded.hadFixedBatch) await requireSeparateImages(classifier)
  return classifier
}

function checkedLayer(layer: Layer, types: ReadonlyMap<string, ValueType>): Layer {
  const shape = types.get(layer.value)?.shape
  if (shape === undefined) {
    throw new InputError(`layer ${layer.name} reads ${layer.value}, which the graph does not have`)
  }
  const fits = (shape.length === 2 || shape.length === 4) && shape[1] === layer.units
  if (!fits) {
    throw new InputError(
      `layer ${layer.name} must have shape [n, ${layer.units}, h, w] or [n, ${layer.units}], found ${formatShape(shape)}`,
    )
  }
  return layer
}

/**
 * A batch that was fixed is freed by educated guesses (see any-batch.ts). Whether they were right is tried: two
 * images together must get the scores that each gets alone.
 */
async function requireSeparateImages(model: Classifier): Promise<void> {
  const [height, width] = model.preprocessing.size
  const random = new Random(0)
  const pixels = Float32Array.from({ length: 2 * 3 * height * width }, () => random.uniform())
  const both = float32([2, 3, height, width], pixels)
  const scores = async (images: FloatTensor) => {
    const { shape, data } = await model.logits(images)
    return shape[0] === images.shape[0] && shape[1] === model.classes.length ? [...data] : []
  }
  try {
    const together = await scores(both)
    const alone = [...(await scores(rows(both, 0, 1))), ...(await scores(rows(both, 1, 2)))]
    const scale = Math.max(...together.map(Math.abs))
    const agree = together.every((value, i) => Math.abs(value - alone[i]!) <= 1e-3 * scale)
    if (together.length === 2 * model.classes.length && agree) return
  } catch (error) {
    await model.dispose()
    throw fixedBatch(model.name, error)
  }
  await model.dispose()
  throw fixedBatch(model.name)
}

function fixedBatch(name: string, cause?: unknown): InputError {
  return new InputError(
    `${name} was exported for one batch size and cannot be freed from it: export it with a dynamic batch axis`,
    { cause },
  )
}

type Parts = Pick<
  Classifier,
  'name' | 'graph' | 'runtime' | 'preprocessing' | 'classes' | 'layers' | 'fingerprint'
>

class GraphClassifier implements Classifier {
  readonly name: string
  readonly graph: Graph
  readonly runtime: Runtime
  readonly preprocessing: Preprocessing
  readonly classes: readonly string[]
  readonly layers: readonly Layer[]
  readonly fingerprint: string
  private readonly sessions = new Map<string, Promise<Session>>()

  /**
   * @param whole the classifier with no unit switched off, whose sessions (with masks as inputs) serve all that
   *   have some; undefined for itself.
   */
  constructor(
    parts: Parts,
    private readonly types: ReadonlyMap<string, ValueType>,
    private readonly masks: Masks = new Map(),
    private readonly whole?: GraphClassifier,
  ) {
    this.name = parts.name
    this.graph = parts.graph
    this.runtime = parts.runtime
    this.preprocessing = parts.preprocessing
    this.classes = parts.classes
    this.layers = parts.layers
    this.fingerprint = parts.fingerprint
  }

  async logits(images: FloatTensor): Promise<FloatTensor> {
    const results = await this.forward('logits', [LOGITS], images)
    return this.checkedLogits(results[LOGITS]!, images.shape[0]!)
  }

  async lossGradient(images: FloatTensor, labels: Int32Array): Promise<LossGradient> {
    this.checkImages(images)
    this.checkLabels(labels, images.shape[0]!)
    const gradientOutput = gradientName(LOSS, IMAGES)
    const wanted = [LOSS, gradientOutput, LOGITS]
    const session = await this.derived('loss gradient', graph =>
      prune(gradient(withCrossEntropy(foldBatchNorm(graph), LOGITS), LOSS, [IMAGES]), wanted),
    )
    const results = await inChunks(images, async (part, from) => {
      const partLabels = Array.from(labels.subarray(from, from + part.shape[0]!))
      return session.run({ [IMAGES]: part, [LABELS]: int64([partLabels.length], partLabels) }, wanted)
    })
    return {
      loss: results[LOSS]!,
      gradient: results[gradientOutput]!,
      logits: this.checkedLogits(results[LOGITS]!, images.shape[0]!),
    }
  }

  async activations(images: FloatTensor, layers: readonly string[]): Promise<Record<string, FloatTensor>> {
    const chosen = [...new Set(layers)].map(name => layerOf(this.layers, name))
    if (chosen.length === 0) return {}
    const values = [...new Set(chosen.map(layer => layer.value))]
    const results = await this.forward(`activations of ${values.join(', ')}`, values, images)
    return Object.fromEntries(chosen.map(({ name, value }) => [name, results[value]!]))
  }

  derived(name: string, edit: (graph: Graph) => Graph): Promise<Session> {
    let session = this.sessions.get(name)
    if (session === undefined) {
      session = Promise.resolve().then(() => this.runtime.load(edit(this.graph)))
      // A graph that failed once fails again with the same words, so a failure is remembered as well.
      this.sessions.set(name, session)
    }
    return session
  }

  without(units: readonly Unit[]): Classifier {
    const whole = this.whole ?? this
    const { name, runtime, preprocessing, classes, layers } = whole
    const masks = maskOut(
      this.masks,
      units,
      this.layers,
      layer => this.types.get(layer.value)?.shape.length ?? 4,
    )
    const off = describeMasks(masks)
    const fingerprint = off === '' ? whole.fingerprint : `${whole.fingerprint} without ${off}`
    const graph = masked(whole.graph, layers, masks)
    const parts = { name, graph, runtime, preprocessing, classes, layers, fingerprint }
    return new GraphClassifier(parts, this.types, masks, whole)
  }

  async dispose(): Promise<void> {
    const sessions = [...this.sessions.values()]
    this.sessions.clear()
    for (const session of await Promise.allSettled(sessions))
      if (session.status === 'fulfilled') await session.value.dispose()
  }

  /** Runs the graph up to `values`; with masks as inputs, so that every choice of units shares one session. */
  private async forward(
    name: string,
    values: readonly string[],
    images: FloatTensor,
  ): Promise<Record<string, FloatTensor>> {
    this.checkImages(images)
    const whole = this.whole ?? this
    const layers = this.layers.filter(layer => this.masks.has(layer.name))
    const maskedName = [name, ...layers.map(layer => layer.name)].join(' masked ')
    const session = await whole.derived(maskedName, graph => {
      const open = replaceOutputs(masked(graph, layers, this.masks, true), values)
      const reads = new Set(open.nodes.flatMap(node => node.inputs))
      return { ...open, inputs: open.inputs.filter(input => reads.has(input.name)) }
    })
    // A layer behind all values that were asked for has no mask in the session.
    const feeds: Record<string, Tensor> = {}
    for (const [layer, mask] of this.masks)
      if (session.inputs.includes(maskInput(layer))) feeds[maskInput(layer)] = mask
    return inChunks(images, part => session.run({ ...feeds, [IMAGES]: part }, values))
  }

  private checkImages({ shape, data, dtype }: FloatTensor): void {
    const [height, width] = this.preprocessing.size
    const [n, ...rest] = shape
    if (dtype !== 'float32' || shape.length !== 4 || rest.join() !== `3,${height},${width}`) {
      throw new InputError(
        `${this.name} takes images float32 [n, 3, ${height}, ${width}], found ${dtype} ${formatShape(shape)}`,
      )
    }
    if (data.length !== elementCount(shape)) {
      throw new InputError(
        `${n} images of shape ${formatShape(rest)} need ${elementCount(shape)} values, found ${data.length}`,
      )
    }
  }

  private checkLabels(labels: Int32Array, count: number): void {
    if (labels.length !== count)
      throw new InputError(`${count} images need ${count} labels, found ${labels.length}`)
    const at = labels.findIndex(label => label < 0 || label >= this.classes.length)
    if (at >= 0) {
      throw new InputError(
        `label ${labels[at]} of image ${at} is out of range: ${this.name} has classes 0 to ${this.classes.length - 1}`,
      )
    }
  }

  private checkedLogits(logits: FloatTensor, images: number): FloatTensor {
    if (logits.shape.join() !== [images, this.classes.length].join()) {
      throw new InputError(
        `${this.name} gives scores ${formatShape(logits.shape)} for ${images} images, expected ${formatShape([images, this.classes.length])}: export it with a dynamic batch axis`,
      )
    }
    const at = logits.data.findIndex(Number.isNaN)
    if (at >= 0) {
      throw new InputError(
        `${this.name} gives NaN for image ${Math.floor(at / this.classes.length)}: check its weights and that the images are finite`,
      )
    }
    return logits
  }
}

/** `conv1:0,5;conv2:7`: the units that are off. */
function describeMasks(masks: Masks): string {
  const off = [...masks].flatMap(([layer, { data }]) => {
    const channels = [...data.keys()].filter(channel => data[channel] === 0)
    return channels.length > 0 ? [`${layer}:${channels.join(',')}`] : []
  })
  return off.sort().join(';')
}

/** Runs `run` on consecutive pieces of `images` and joins the results along the first axis. */
async function inChunks(
  images: FloatTensor,
  run: (part: FloatTensor, from: number) => Promise<Record<string, Tensor>>,
): Promise<Record<string, FloatTensor>> {
  const [n = 0, ...rest] = images.shape
  const size = Math.max(1, Math.floor(CHUNK_VALUES / elementCount(rest)))
  const parts: Record<string, Tensor>[] = []
  for (let from = 0; from < Math.max(n, 1); from += size)
    parts.push(await run(rows(images, from, from + size), from))
  const [first = {}] = parts
  const names = Object.keys(first)
  return Object.fromEntries(
    names.map(name => [name, joined(parts.map(part => asFloat32(part[name]!, name)))]),
  )
}

function joined(parts: readonly FloatTensor[]): FloatTensor {
  const [first] = parts
  if (parts.length === 1) return first!
  const count = parts.reduce((sum, part) => sum + part.shape[0]!, 0)
  const rest = first!.shape.slice(1)
  const data = new Float32Array(count * elementCount(rest))
  let offset = 0
  for (const part of parts) {
    data.set(part.data, offset)
    offset += part.data.length
  }
  return float32([count, ...rest], data)
}
