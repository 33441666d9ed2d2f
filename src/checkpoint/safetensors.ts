// The safetensors format: eight bytes of header length, a JSON header, then the data without gaps.

import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { byteSize, type DType } from '../tensor/dtype.ts'
import { elementCount } from '../tensor/shape.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { fromBytes } from './bytes.ts'
import type { ByteSource } from './source.ts'
import type { StoredTensor } from './stored.ts'

const names: { readonly [D in DType]: string } = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int8: 'I8',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  bool: 'BOOL',
}
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]))

const largestHeader = 100_000_000
const index = z.int().nonnegative()
const Entry = z.strictObject({
  dtype: z.string(),
  shape: z.array(index),
  data_offsets: z.tuple([index, index]),
})
const Metadata = z.record(z.string(), z.string())

export interface Safetensors {
  /** In the order of their data. */
  readonly tensors: Map<string, StoredTensor>
  readonly metadata: Map<string, string>
}

/** Whether `source` starts as a safetensors file does: a length that fits, then `{`. */
export function isSafetensors(source: ByteSource): boolean {
  if (source.size < 10) return false
  const head = source.read(0, 9)
  return head[8] === 0x7b && headerLength(head) <= Math.min(largestHeader, source.size - 8)
}

/**
 * The tensors of a safetensors file; their values are read from `source` when asked for.
 * @throws InputError for a broken header, an unknown element type, and data that overlap, leave gaps or do not
 *   fit the shapes.
 */
export function readSafetensors(source: ByteSource): Safetensors {
  const damaged = (why: string) => new InputError(`${source.name} is a damaged safetensors file: ${why}`)
  if (source.size < 8) throw damaged('it is shorter than 8 bytes')
  const length = headerLength(source.read(0, 8))
  if (length > Math.min(largestHeader, source.size - 8))
    throw damaged(`its header of ${length} bytes does not fit in`)
  const start = 8 + length
  const { __metadata__, ...entries } = parseHeader(source.read(8, length), damaged)
  const metadata = Metadata.optional().safeParse(__metadata__)
  if (!metadata.success) throw damaged('its metadata are not texts')

  const found = Object.entries(entries).map(([name, value]) => {
    const entry = Entry.safeParse(value)
    if (!entry.success) throw damaged(`the entry of ${name} is not {dtype, shape, data_offsets}`)
    const dtype = dtypes.get(entry.data.dtype)
    if (dtype === undefined)
      throw new InputError(
        `${source.name}: ${name} has the element type ${entry.data.dtype}, which is not supported`,
      )
    const { shape } = entry.data
    const [from, to] = entry.data.data_offsets
    if (to - from !== elementCount(shape) * byteSize(dtype))
      throw damaged(`${name} has ${to - from} bytes, its shape [${shape}] of ${dtype} needs another number`)
    const read = () => tensor(dtype, shape, fromBytes(dtype, source.read(start + from, to - from)))
    return { name, from, to, tensor: { dtype, shape, read } }
  })
  found.sort((a, b) => a.from - b.from || a.to - b.to)
  let at = 0
  for (const { name, from, to } of found) {
    if (from !== at) throw damaged(`the data of ${name} ${from < at ? 'overlap others' : 'leave a gap'}`)
    at = to
  }
  if (start + at !== source.size) throw damaged(`${source.size - start} bytes of data, ${at} are described`)
  return {
    tensors: new Map(found.map(entry => [entry.name, entry.tensor])),
    metadata: new Map(Object.entries(metadata.data ?? {})),
  }
}

/** A safetensors file of `tensors` and `metadata`; the same input gives the same bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  // Wide elements first, so that every tensor is aligned.
  const sorted = [...tensors].sort(([, a], [, b]) => byteSize(b.dtype) - byteSize(a.dtype))
  const header = new Map<string, unknown>()
  if (metadata.size > 0) header.set('__metadata__', Object.fromEntries(metadata))
  let at = 0
  for (const [name, { dtype, shape, data }] of sorted) {
    if (name === '__metadata__') throw new InputError('a weight cannot be called __metadata__: rename it')
    header.set(name, { dtype: names[dtype], shape, data_offsets: [at, at + data.byteLength] })
    at += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const length = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + length + at)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.fill(0x20, 8, 8 + length)
  bytes.set(text, 8)
  let offset = 8 + length
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return bytes
}

function headerLength(head: Uint8Array): number {
  return Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true))
}

function parseHeader(bytes: Uint8Array, damaged: (why: string) => InputError): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw damaged('its header is not a JSON object')
}
