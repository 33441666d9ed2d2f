// Weighted sums of pixels at fixed distances, in WebAssembly SIMD: the inner loops of the blurs. The module itself is
// assembly/stencil.ts; here its memory is laid out.

import { wasmModule } from '../image/wasm-module.ts'
import { stencilWasm } from './stencil-wasm.ts'

/** What each result is a sum of, in this order. */
export interface Terms {
  /** Distance of each term, in numbers. */
  readonly offsets: readonly number[]
  readonly weights: ArrayLike<number>
}

/** Which numbers are summed about: `rows` rows of `count`, the first at `start`, each `stride` behind the last. */
export interface Rows {
  readonly start: number
  readonly stride: number
  readonly rows: number
  readonly count: number
}

/**
 * `[rows, count]` sums of `weight * number at offset`, added in the order of `terms`. All that the terms reach has to
 * lie in `data`.
 * @throws InputError when the numbers do not fit into the memory that WebAssembly can address
 */
export function sums(data: Float64Array, rows: Rows, terms: Terms): Float64Array {
  return run('sums', data, rows, terms)
}

/**
 * The same for a symmetric kernel: the first term (offset 0) counts once, each other at its offset before and behind,
 * whose sum is multiplied by the weight.
 */
export function symmetricSums(data: Float64Array, rows: Rows, terms: Terms): Float64Array {
  return run('symmetricSums', data, rows, terms)
}

const NUMBER = Float64Array.BYTES_PER_ELEMENT
// The module reads and writes eight numbers at a time.
const SPARE = 8 * NUMBER

function run(kind: 'sums' | 'symmetricSums', data: Float64Array, rows: Rows, terms: Terms): Float64Array {
  const { weights } = terms
  const weightsAt = 0
  const offsetsAt = weights.length * NUMBER
  const dataAt = 2 * offsetsAt
  const outAt = dataAt + data.byteLength + SPARE
  const size = rows.rows * rows.count
  const stencil = stencilWith(outAt + size * NUMBER + SPARE)
  const { buffer } = stencil.memory
  new Float64Array(buffer, weightsAt).set(weights)
  new Int32Array(buffer, offsetsAt).set(terms.offsets.map(offset => offset * NUMBER))
  new Float64Array(buffer, dataAt).set(data)
  stencil[kind](
    dataAt + rows.start * NUMBER,
    rows.stride * NUMBER,
    rows.rows,
    rows.count,
    offsetsAt,
    weightsAt,
    weights.length,
    outAt,
  )
  return new Float64Array(buffer, outAt, size).slice()
}

type Pass = (
  source: number,
  stride: number,
  rows: number,
  count: number,
  offsets: number,
  weights: number,
  terms: number,
  target: number,
) => void

interface Stencil {
  readonly sums: Pass
  readonly symmetricSums: Pass
  readonly memory: WebAssembly.Memory
}

// Offsets are signed 32-bit numbers of bytes: half of what WebAssembly can address.
const stencilWith = wasmModule<Stencil>(stencilWasm, 'blurring', 32_767)
