// What a training scheme is: how a batch becomes what is trained on, and which loss is taken of it. The loop,
// the optimisers and the files know no more of a scheme than this.

import type { Graph } from '../../onnx/graph.ts'
import type { Feeds, Runner } from '../../runtime/session.ts'
import type { Random } from '../../tensor/random.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import type { LossGraph } from '../loss.ts'
import type { TrainingForm } from '../training-form.ts'

/** A batch before the scheme, and what the scheme may use to change it. */
export interface SchemeBatch {
  /** `[n, 3, h, w]` in [0, 1] */
  readonly images: FloatTensor
  readonly labels: Int32Array
  /** Share of the full epsilon at this point of training, in [0, 1]; at 0 nothing is attacked. */
  readonly strength: number
  /** Of everything drawn for the batch. */
  readonly random: Random
  /** Logits of images in inference form, with the weights of the moment. */
  infer(images: FloatTensor): Promise<FloatTensor>
  /** The scheme's attack with the weights of the moment and these values. */
  attack(values?: Feeds): Promise<Runner>
  readonly signal?: AbortSignal | undefined
}

export interface Scheme {
  /** Weights that it trains beside the network's own, and the weight of the network that each starts as. */
  readonly extra: ReadonlyMap<string, string>
  /** The loss of the network in training form. */
  loss(form: TrainingForm): LossGraph
  /** A step of its attack, the network's weights and what `attack` is given as inputs; absent: no attack. */
  readonly step?: Graph
  /** The images that the loss takes, by input. */
  feeds(batch: SchemeBatch): Promise<Feeds>
}
