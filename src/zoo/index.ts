// What other folders use of the zoo.

export { type ArchitectureName, architectures, buildNetwork, type NetworkOptions } from './architectures.ts'
export { IMAGES, type Layer, LOGITS, type Network, NetworkSpec } from './network.ts'
export { applyWeights, networkFrom, type Weights } from './weights.ts'
