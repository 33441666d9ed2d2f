// What the zoo makes: a network as a graph that carries its own parameter names, and the short record it can
// be built again from.

import { z } from 'zod'
import type { Preprocessing } from '../image/preprocessing.ts'
import type { Graph } from '../onnx/graph.ts'
import { activations } from './activation.ts'
import { denoisers } from './denoise.ts'

/** Name of the image input of every classifier graph. */
export const IMAGES = 'images'
/** Name of the output of every classifier graph. */
export const LOGITS = 'logits'

/** A place in a network where units live: after the activation that follows a convolution or block. */
export interface Layer {
  /** Name a person uses: `conv1`, `layer3`, `inception4a`. */
  readonly name: string
  /** The graph value that holds the layer's activations. */
  readonly value: string
  /** Number of units (channels). */
  readonly units: number
}

/** All that decides a network's graph apart from its weights; stored in checkpoints as JSON. */
export const NetworkSpec = z.strictObject({
  arch: z.string(),
  classes: z.int().positive(),
  /** Height and width of the input in pixels. */
  size: z.int().positive(),
  /** Channels of the first convolution (mini nets only). */
  width: z.int().positive().optional(),
  /** mini-alex: convolutions, 5 unless said, at least 3. mini-res: residual blocks per stage, 1 unless said. */
  depth: z.int().positive().optional(),
  /** Activation function; absent: ReLU. */
  activation: z.enum(activations).optional(),
  /** Alpha of `softplus`, beta of `smooth-relu` at the start; absent: 10. */
  sharpness: z.number().positive().optional(),
  /** Filter of the four denoising blocks; absent: no blocks. */
  denoise: z.enum(denoisers).optional(),
  /** GoogLeNet: keep the two auxiliary heads, outputs `logits.aux1` and `logits.aux2`. */
  auxiliary: z.boolean().optional(),
  /** GoogLeNet: input normalised for torchvision is renormalised to mean .5, std .5, as its weights want it. */
  transformInput: z.boolean().optional(),
})

export type NetworkSpec = z.infer<typeof NetworkSpec>

/** A network in inference form. */
export interface Network {
  readonly arch: string
  readonly spec: NetworkSpec
  /** {@link IMAGES} `[n, 3, h, w]` -> {@link LOGITS} `[n, classes]`; initializers carry torchvision's names. */
  readonly graph: Graph
  /** Names of the trainable initializers, in torchvision's order. */
  readonly parameters: readonly string[]
  /** Names of batch normalisation's running statistics. */
  readonly buffers: readonly string[]
  readonly layers: readonly Layer[]
  readonly preprocessing: Preprocessing
}
