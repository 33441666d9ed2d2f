// Puts the weights of a checkpoint into a network, all or none.

import { type StoredTensor, toFloat32 } from '../checkpoint/stored.ts'
import { InputError } from '../errors/input-error.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import type { FloatTensor } from '../tensor/tensor.ts'
import { buildNetwork, type NetworkOptions } from './architectures.ts'
import type { Network } from './network.ts'

/** Weights by name: stored in a file, or tensors. */
export type Weights = ReadonlyMap<string, StoredTensor>

const listed = 4

/**
 * `network` with `weights`, widened to float32. Counters of batch norm are ignored, and so are GoogLeNet's
 * auxiliary heads where the network has none.
 * @throws InputError naming missing and unexpected weights, other shapes, and values that are not finite.
 */
export function applyWeights(network: Network, weights: Weights): Network {
  requireFit(network, weights)
  const initializers = new Map(network.graph.initializers)
  for (const name of [...network.parameters, ...network.buffers]) {
    const value = toFloat32(weights.get(name)!.read())
    requireFinite(name, value)
    initializers.set(name, value)
  }
  return { ...network, graph: { ...network.graph, initializers } }
}

/**
 * `arch` with the weights of a checkpoint; the number of classes is the checkpoint's.
 * @throws InputError as {@link buildNetwork} and {@link applyWeights}.
 */
export function networkFrom(
  arch: string,
  weights: Weights,
  options: Omit<NetworkOptions, 'classes'> = {},
): Network {
  const probe = buildNetwork(arch, { ...options, classes: 1 })
  const last = probe.parameters.at(-1)!
  const classes = weights.get(last)?.shape[0]
  if (!classes) requireFit(probe, weights)
  return applyWeights(buildNetwork(arch, { ...options, classes: classes ?? 1 }), weights)
}

function requireFit({ arch, graph, parameters, buffers, spec }: Network, weights: Weights): void {
  const wanted = new Set([...parameters, ...buffers])
  const missing = [...wanted].filter(name => !weights.has(name))
  const unexpected = [...weights.keys()].filter(
    name => !wanted.has(name) && !/num_batches_tracked$/.test(name) && !isUnusedHead(name, spec.arch),
  )
  const misshapen = [...wanted].flatMap(name => {
    const [expected, found] = [graph.initializers.get(name)!.shape, weights.get(name)?.shape]
    if (found === undefined || sameShape(expected, found)) return []
    return [`${name} is ${formatShape(found)} instead of ${formatShape(expected)}`]
  })
  const faults = [
    ...(missing.length > 0 ? [`missing ${list(missing)}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${list(unexpected)}`] : []),
    ...(misshapen.length > 0 ? [list(misshapen)] : []),
  ]
  if (faults.length > 0) throw new InputError(`the checkpoint does not fit ${arch}: ${faults.join('; ')}`)
}

/** torchvision's GoogLeNet file has heads that were never trained. */
function isUnusedHead(name: string, arch: string): boolean {
  return arch === 'googlenet' && /^aux[12]\./.test(name)
}

function list(names: readonly string[]): string {
  const more = names.length - listed
  return names.slice(0, listed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function requireFinite(name: string, { data }: FloatTensor): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]!))
      throw new InputError(`the checkpoint has ${data[i]} in ${name}: it is damaged or diverged`)
}
