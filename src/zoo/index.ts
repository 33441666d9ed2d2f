// What other folders use of the zoo.

export { type Activation, activations, shapesActivation } from './activation.ts'
export { type ArchitectureName, architectures, buildNetwork, type NetworkOptions } from './architectures.ts'
export { type Denoiser, denoisers } from './denoise.ts'
export { IMAGES, type Layer, LOGITS, type Network, NetworkSpec } from './network.ts'
export { type PublishedModel, publishedModel, publishedModels } from './published.ts'
export { applyWeights, networkFrom, type Weights } from './weights.ts'
