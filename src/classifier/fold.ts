// Turns whatever graph a model file holds into the one form everything else works on: images float32
// [n, 3, h, w] in [0, 1] in, logits [n, classes] out, the preprocessing manifest folded in as nodes.

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { foldConstants, renameValues } from '../onnx/edit.ts'
import { type Graph, producers } from '../onnx/graph.ts'
import { float32, int64 } from '../tensor/tensor.ts'
import { withAnyBatch } from './any-batch.ts'
import { type ImageInput, imageInput, type ScoresOutput, scoresOutput } from './border.ts'
import { IMAGES, LOGITS } from './classifier.ts'
import type { Preprocessing } from './preprocessing.ts'

/** A graph in the form of `Classifier.graph`. */
export interface FoldedGraph {
  readonly graph: Graph
  readonly classes: number
  /** Whether the original took one batch size only. */
  readonly hadFixedBatch: boolean
  /** The name that a value of the original graph has now. */
  readonly nameOf: (original: string) => string
}

/** Probabilities below this are raised to it before their logarithm; the smallest normal float32 is 1.2e-38. */
const SMALLEST_PROBABILITY = 1e-37

/**
 * Folds `preprocessing` into `graph`: a channel swap where it says `bgr`, then `(range * x - mean) / std` (mean
 * and std in the order of the channels the network sees), a transposition for [n, h, w, c] networks, the mean of
 * the channels for grey ones.
 *
 * Where the output is `probabilities`, a final Softmax is taken off, which gives the network's own logits; other
 * probabilities become their logarithms, whose softmax is the probabilities again. Gradients are zero where a
 * probability lies below 1e-37.
 *
 * Symbolic image sizes are set to the manifest's; a fixed batch becomes the symbol `n`.
 * @throws InputError when the graph is no image classifier or its size is not the manifest's.
 */
export function foldPreprocessing(graph: Graph, preprocessing: Preprocessing): FoldedGraph {
  const input = imageInput(graph)
  const network = withAnyBatch(withSize(graph, input, preprocessing))
  const scores = scoresSource(network, scoresOutput(network), preprocessing)
  const front = frontOf(input, preprocessing)

  const names = new Map([[input.name, front.result]])
  if (!scores.needsTail) names.set(scores.value, LOGITS)
  const taken = new Set([LOGITS, ...valuesOf(front.graph)])
  const values = new Set(valuesOf(network))
  for (const value of values) {
    if (names.has(value) || !taken.has(value)) continue
    let aside = `${value}.network`
    while (values.has(aside) || taken.has(aside)) aside += '_'
    names.set(value, aside)
  }
  const nameOf = (original: string) => names.get(original) ?? original
  const body = renameValues(network, names)
  const joined: Graph = {
    ...body,
    inputs: front.graph.inputs,
    outputs: [],
    nodes: [...front.graph.nodes, ...body.nodes],
    initializers: new Map([...front.graph.initializers, ...body.initializers]),
    metadata: new Map(),
  }
  const whole = scores.needsTail ? withTail(joined, nameOf(scores.value), scores) : joined
  const outputs = [{ name: LOGITS, dtype: 'float32', shape: ['n', scores.classes] }] as const
  return {
    graph: foldConstants({ ...whole, outputs }),
    classes: scores.classes,
    hadFixedBatch: typeof input.batch === 'number',
    nameOf,
  }
}

/** The names of all values that a graph defines. */
function* valuesOf(graph: Graph): Generator<string> {
  for (const { name } of graph.inputs) yield name
  yield* graph.initializers.keys()
  for (const node of graph.nodes) for (const output of node.outputs) if (output !== '') yield output
}

/** The graph with the manifest's height and width where its own are symbols. */
function withSize(
  graph: Graph,
  { name, layout, channels, batch, size }: ImageInput,
  to: Preprocessing,
): Graph {
  const [height, width] = to.size
  const agrees = (mine: number | string, theirs: number) => typeof mine === 'string' || mine === theirs
  if (!agrees(size[0], height) || !agrees(size[1], width)) {
    throw new InputError(
      `${graph.name} takes images of ${size[0]}x${size[1]}, but its preprocessing says ${height}x${width}: correct the size there`,
    )
  }
  const shape = layout === 'nchw' ? [batch, channels, height, width] : [batch, height, width, channels]
  return { ...graph, inputs: [{ name, dtype: 'float32', shape }] }
}

/** The nodes between the images and the network's input, and the value they end in. */
function frontOf(
  { layout, channels }: ImageInput,
  { size, channels: order, range, mean, std }: Preprocessing,
): { graph: Graph; result: string } {
  const builder = new GraphBuilder('front')
  const name = (step: string) => ({ name: `preprocessing.${step}` })
  const perChannel = (step: string, values: readonly number[]) =>
    builder.initializer(`preprocessing.${step}`, float32([1, 3, 1, 1], values))
  let value = builder.input(IMAGES, 'float32', ['n', 3, size[0], size[1]])
  if (order === 'bgr') {
    const swapped = builder.initializer('preprocessing.bgr', int64([3], [2, 1, 0]))
    value = builder.op('Gather', [value, swapped], { axis: 1 }, name('swapped'))
  }
  if (range !== 1) {
    const scale = builder.initializer('preprocessing.range', float32([], [range]))
    value = builder.op('Mul', [value, scale], {}, name('scaled'))
  }
  if (mean.some(m => m !== 0))
    value = builder.op('Sub', [value, perChannel('mean', mean)], {}, name('centred'))
  if (std.some(s => s !== 1))
    value = builder.op('Div', [value, perChannel('std', std)], {}, name('normalised'))
  if (channels === 1) {
    const axis = builder.initializer('preprocessing.axis', int64([1], [1]))
    value = builder.op('ReduceMean', [value, axis], { keepdims: 1 }, name('grey'))
  }
  if (layout === 'nhwc') value = builder.op('Transpose', [value], { perm: [0, 2, 3, 1] }, name('nhwc'))
  return { graph: builder.build(), result: value }
}

interface ScoresSource {
  readonly value: string
  readonly classes: number
  /** Whether nodes must follow `value` to make it logits [n, classes]. */
  readonly needsTail: boolean
  readonly flatten: boolean
  readonly log: boolean
}

/** Where the logits come from: the scores, or what goes into their Softmax. */
function scoresSource(graph: Graph, { name, shape, classes }: ScoresOutput, to: Preprocessing): ScoresSource {
  const flatten = shape.length === 4
  let value = name
  let log = to.output === 'probabilities'
  const last = producers(graph).get(name)
  if (log && last?.opType === 'Softmax' && last.domain === '') {
    const axis = last.attributes.axis?.kind === 'int' ? last.attributes.axis.value : -1
    if ((axis + shape.length) % shape.length === 1) {
      value = last.inputs[0]!
      log = false
    }
  }
  return { value, classes, flatten, log, needsTail: flatten || log }
}

function withTail(graph: Graph, scores: string, { flatten, log }: ScoresSource): Graph {
  const builder = new GraphBuilder(graph)
  let value = scores
  if (flatten) value = builder.op('Flatten', [value], { axis: 1 }, { name: log ? 'flat' : LOGITS })
  if (log) {
    const raised = builder.op('Max', [value, builder.scalar(SMALLEST_PROBABILITY)])
    builder.op('Log', [raised], {}, { name: LOGITS })
  }
  return builder.build()
}
