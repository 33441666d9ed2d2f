// Weights and images from a formula, the same numbers as scripts/fixtures/formula_weights.py: fixtures of large
// networks then hold results only.

import { elementCount } from '../../src/tensor/shape.ts'
import { type FloatTensor, float32 } from '../../src/tensor/tensor.ts'
import type { Network } from '../../src/zoo/network.ts'

function fnv1a(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return hash >>> 0
}

/** Value `i` of the noise called by `seed` (see {@link fnv1a}), in [-1, 1). */
function noise(seed: number, i: number): number {
  let z = (Math.imul(i, 0x9e3779b9) + seed) | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return ((z ^ (z >>> 15)) >>> 0) / 2147483648 - 1
}

/** The formula's value for the parameter or buffer `name`. */
export function formulaWeight(name: string, shape: readonly number[]): FloatTensor {
  const [base, scale] = spread(name, shape)
  const seed = fnv1a(name)
  const data = new Float32Array(elementCount(shape))
  for (let i = 0; i < data.length; i++) data[i] = base + scale * noise(seed, i)
  return float32(shape, data)
}

function spread(name: string, shape: readonly number[]): [base: number, scale: number] {
  if (name.endsWith('running_var')) return [1, 0.25]
  if (name.endsWith('running_mean') || name.endsWith('bias')) return [0, 0.1]
  if (shape.length === 1) return [0.8, 0.2]
  return [0, Math.sqrt(6 / elementCount(shape.slice(1)))]
}

/** `network`'s graph with the formula's weights. */
export function withFormulaWeights({ graph, parameters, buffers }: Network) {
  const initializers = new Map(graph.initializers)
  for (const name of [...parameters, ...buffers])
    initializers.set(name, formulaWeight(name, graph.initializers.get(name)!.shape))
  return { ...graph, initializers }
}

/** Coarse blocks plus fine noise in [0, 1], one image per seed: `[n, 3, size, size]`. */
export function formulaImages(seeds: readonly number[], size: number): FloatTensor {
  const blocks = Math.ceil(size / 16)
  const pixels = 3 * size * size
  const data = new Float32Array(seeds.length * pixels)
  for (const [image, seed] of seeds.entries()) {
    const [coarse, fine] = [fnv1a(`coarse ${seed}`), fnv1a(`fine ${seed}`)]
    for (let i = 0; i < pixels; i++) {
      const [x, y, plane] = [i % size, Math.floor(i / size) % size, Math.floor(i / (size * size))]
      const block = (plane * blocks + (y >> 4)) * blocks + (x >> 4)
      data[image * pixels + i] = 0.5 + 0.3 * noise(coarse, block) + 0.2 * noise(fine, i)
    }
  }
  return float32([seeds.length, 3, size, size], data)
}

/** `count` values of the noise called `name`, in [-1, 1). */
export function formulaNoise(name: string, count: number): Float64Array {
  const seed = fnv1a(name)
  return Float64Array.from({ length: count }, (_, i) => noise(seed, i))
}
