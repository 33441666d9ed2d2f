// What probes, attacks and synthesis see of a network: images in, logits and gradients out. No file here
// knows which runtime does the work.

import type { Graph } from '../onnx/graph.ts'
import type { Runtime, Session } from '../runtime/session.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import type { Layer } from '../zoo/network.ts'
import type { Preprocessing } from './preprocessing.ts'

export { IMAGES, type Layer, LOGITS } from '../zoo/network.ts'

/** One unit; written `layer:channel`, channels counted from 0. */
export interface Unit {
  readonly layer: string
  readonly channel: number
}

/** Result of {@link Classifier.lossGradient}. */
export interface LossGradient {
  /** Per-image loss, `[n]`. */
  readonly loss: FloatTensor
  /** d(sum of losses)/d(images), `[n, 3, h, w]`. */
  readonly gradient: FloatTensor
  /** `[n, classes]` */
  readonly logits: FloatTensor
}

/** A classifier of images: float32 `[n, 3, h, w]` in [0, 1]. Normalisation is inside. */
export interface Classifier {
  readonly name: string
  readonly classes: readonly string[]
  readonly preprocessing: Preprocessing
  /** From the value {@link IMAGES} to the value {@link LOGITS}; for whoever builds on it (attack, synth). */
  readonly graph: Graph
  readonly layers: readonly Layer[]
  /** Hash of graph, weights and preprocessing: the model's identity in a ledger. */
  readonly fingerprint: string
  /** Where graphs made from `graph` are loaded. */
  readonly runtime: Runtime
  /** `[n, classes]` */
  logits(images: FloatTensor): Promise<FloatTensor>
  /** Gradient of the summed cross-entropy. `labels`: one class index per image. */
  lossGradient(images: FloatTensor, labels: Int32Array): Promise<LossGradient>
  /** Activations by layer name, each `[n, units, h, w]` (or `[n, units]`). */
  activations(images: FloatTensor, layers: readonly string[]): Promise<Record<string, FloatTensor>>
  /**
   * A session of a graph made from `graph` (an attack's step, an objective): made by `edit` when first asked for
   * under `name`, the same one afterwards, disposed of with the classifier.
   */
  derived(name: string, edit: (graph: Graph) => Graph): Promise<Session>
  /** The same classifier with these units' activations set to zero. */
  without(units: readonly Unit[]): Classifier
  dispose(): Promise<void>
}
