// Which input of an arbitrary graph takes the images, and which output gives the scores. A graph that is no
// image classifier is refused here, in words.

import { InputError } from '../errors/input-error.ts'
import type { Dim, Graph, ValueInfo } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer.ts'
import { formatShape } from '../tensor/shape.ts'
import { LOGITS } from './classifier.ts'

/** The input that takes the images. */
export interface ImageInput {
  readonly name: string
  /** `nchw` as PyTorch exports, `nhwc` as Keras and TensorFlow do. */
  readonly layout: 'nchw' | 'nhwc'
  /** 3 for colour, 1 for grey. */
  readonly channels: 1 | 3
  readonly batch: Dim
  /** Height and width; a symbol where the network takes any. */
  readonly size: readonly [Dim, Dim]
}

/** The output that gives one score per class. */
export interface ScoresOutput {
  readonly name: string
  readonly shape: readonly Dim[]
  readonly classes: number
}

/** @throws InputError when the graph has not exactly one input, or it does not look like images. */
export function imageInput(graph: Graph): ImageInput {
  const [input, ...others] = graph.inputs
  const list = graph.inputs.map(describe).join(', ')
  if (input === undefined || others.length > 0) {
    throw notClassifier(graph, `it must have one input, the images; found ${others.length ? list : 'none'}`)
  }
  const { name, dtype, shape } = input
  if (dtype !== 'float32') {
    throw notClassifier(graph, `its input must be float32, found ${list}; convert the model to float32`)
  }
  if (shape?.length !== 4) {
    throw notClassifier(
      graph,
      `its input must be images of shape [n, 3, h, w] or [n, h, w, 3], found ${list}`,
    )
  }
  const [batch, a, b, c] = shape as [Dim, Dim, Dim, Dim]
  const isChannels = (dim: Dim) => dim === 3 || dim === 1
  if (isChannels(a)) return { name, layout: 'nchw', channels: a as 1 | 3, batch, size: [b, c] }
  if (isChannels(c)) return { name, layout: 'nhwc', channels: c as 1 | 3, batch, size: [a, b] }
  // A symbolic channel axis next to fixed sizes: exporters name every axis when told to. Colour is the norm.
  if (typeof a === 'string') return { name, layout: 'nchw', channels: 3, batch, size: [b, c] }
  throw notClassifier(graph, `its input must have 3 (or 1) colour channels, found ${list}`)
}

/**
 * The output with one score per class: the one named `logits`, else the first of shape [n, classes] (or
 * [n, classes, 1, 1]), else the first of unknown shape is refused.
 * @param graph with the sizes of its input known.
 * @throws InputError when no output looks like class scores.
 */
export function scoresOutput(graph: Graph): ScoresOutput {
  const types = inferShapes(graph)
  const candidates = graph.outputs.flatMap(({ name, shape: declared }) => {
    const type = types.get(name)
    const shape = fixed(type?.shape, declared)
    const classes = shape?.[1]
    const isScores =
      (type?.dtype ?? 'float32') === 'float32' &&
      shape !== undefined &&
      typeof classes === 'number' &&
      (shape.length === 2 || (shape.length === 4 && shape[2] === 1 && shape[3] === 1))
    return isScores ? [{ name, shape, classes }] : []
  })
  const found = candidates.find(output => output.name === LOGITS) ?? candidates[0]
  if (found === undefined) {
    const list = graph.outputs.map(o => describe({ ...o, shape: types.get(o.name)?.shape ?? o.shape }))
    throw notClassifier(
      graph,
      `it must have an output of shape [n, classes], found ${list.join(', ') || 'none'}`,
    )
  }
  if (found.classes < 2) {
    throw notClassifier(
      graph,
      `its output ${found.name} must have at least 2 classes, found ${found.classes}`,
    )
  }
  return found
}

/** The inferred shape, with what only the file declares filled in. */
function fixed(inferred: readonly Dim[] | undefined, declared: readonly Dim[] | undefined) {
  if (inferred === undefined) return declared
  if (declared?.length !== inferred.length) return inferred
  return inferred.map((dim, axis) => (typeof dim === 'string' ? declared[axis]! : dim))
}

function describe({ name, dtype, shape }: ValueInfo): string {
  return `${name} ${dtype} ${shape === undefined ? 'of unknown shape' : formatShape(shape)}`
}

function notClassifier(graph: Graph, why: string): InputError {
  return new InputError(`${graph.name} is not an image classifier: ${why}`)
}
