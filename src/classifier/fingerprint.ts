// A model's identity: changes when its graph, any weight, its preprocessing, classes or layers do, and with
// nothing else (not with the file's name or metadata).

import type { Graph } from '../onnx/graph.ts'
import { writeOnnx } from '../onnx/write.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Layer } from './classifier.ts'
import type { Preprocessing } from './preprocessing.ts'

/** What is hashed beside the graph. */
export interface Identity {
  readonly preprocessing: Preprocessing
  readonly classes: readonly string[]
  readonly layers: readonly Layer[]
}

/** SHA-256 over digests of structure, weights and `identity`, 64 hex digits. */
export async function fingerprintOf(graph: Graph, identity: Identity): Promise<string> {
  const weights: Tensor[] = []
  const external = (_name: string, value: Tensor) => {
    weights.push(value)
    return { location: '', offset: 0 }
  }
  const structure = writeOnnx({ ...graph, name: '', metadata: new Map() }, { external })
  const { preprocessing, classes, layers } = identity
  const text = JSON.stringify([
    Object.entries(preprocessing).sort(([a], [b]) => (a < b ? -1 : 1)),
    classes,
    layers.map(({ name, value, units }) => [name, value, units]),
  ])
  const parts = [structure, new TextEncoder().encode(text), ...weights.map(bytesOf)]
  const digests = await Promise.all(parts.map(sha256))
  const all = new Uint8Array(32 * digests.length)
  for (const [i, digest] of digests.entries()) all.set(digest, 32 * i)
  return Array.from(await sha256(all), byte => byte.toString(16).padStart(2, '0')).join('')
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function bytesOf({ data }: Tensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
}
