// TensorProto -> Tensor. Raw data stays a view of the file's bytes where alignment allows; typed fields, which
// old exporters use, are converted; data in another file comes through a resolver that the caller passes.

import { InputError } from '../errors/input-error.ts'
import { type ArrayOf, allocate, byteSize, type DType } from '../tensor/dtype.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Field, fieldsOf } from './fields.ts'
import * as proto from './proto.ts'

/**
 * Gives bytes that a model keeps outside its file. `location` is what the model says, unchecked: the resolver
 * must refuse places it should not read. `length` undefined: up to the end.
 */
export type ExternalResolver = (location: string, offset: number, length: number | undefined) => Uint8Array

/** A tensor with the name its message gives it ('' when none). */
export interface NamedTensor {
  readonly name: string
  readonly value: Tensor
}

type Numbers = readonly number[] | readonly bigint[]

/**
 * Decodes one TensorProto message.
 * @throws InputError for an element type not in {@link DType}, or data that do not fit the shape.
 */
export function readTensor(bytes: Uint8Array, external?: ExternalResolver): NamedTensor {
  let dims: number[] = []
  const typed: { field: number; values: Numbers }[] = []
  const places = new Map<string, string>()
  let name = ''
  let code = 0
  let raw: Uint8Array | undefined
  let isExternal = false
  for (const field of fieldsOf(bytes, 'a tensor')) {
    switch (field.number) {
      case proto.TensorField.dims:
        dims = dims.concat(field.ints())
        break
      case proto.TensorField.dataType:
        code = field.int()
        break
      case proto.TensorField.name:
        name = field.text()
        break
      case proto.TensorField.rawData:
        raw = field.bytes()
        break
      case proto.TensorField.floatData:
        typed.push({ field: field.number, values: field.floats() })
        break
      case proto.TensorField.doubleData:
        typed.push({ field: field.number, values: field.doubles() })
        break
      case proto.TensorField.int32Data:
      case proto.TensorField.int64Data:
      case proto.TensorField.uint64Data:
        typed.push({ field: field.number, values: field.bigints() })
        break
      case proto.TensorField.externalData: {
        const [key, value] = readEntry(field)
        places.set(key, value)
        break
      }
      case proto.TensorField.dataLocation:
        isExternal = field.int() === proto.EXTERNAL_DATA
        break
    }
  }
  const what = `tensor ${name || '(unnamed)'}`
  const dtype = proto.dtypeOfCode(code)
  if (dtype === undefined) {
    throw new InputError(
      `${what} has element type ${code}, which is not supported (strings, complex, 4 and 8 bit)`,
    )
  }
  if (dims.some(d => !Number.isSafeInteger(d) || d < 0))
    throw new InputError(`${what} has the impossible shape ${formatShape(dims)}`)
  if (isExternal) raw = externalBytes(places, what, external)
  const runs = typed.filter(run => run.field === typedField(dtype)).map(run => run.values)
  const data = raw !== undefined ? fromRaw(raw, dtype) : fromTyped(runs, dtype)
  if (data === undefined || data.length !== elementCount(dims)) {
    const found = raw !== undefined ? `${raw.length} bytes` : `${data?.length} values`
    throw new InputError(
      `${what} of shape ${formatShape(dims)} needs ${elementCount(dims)} ${dtype} values, found ${found}`,
    )
  }
  return { name, value: { dtype, shape: dims, data } }
}

/** Key and value of a StringStringEntryProto. */
export function readEntry(field: Field): [key: string, value: string] {
  let key = ''
  let value = ''
  for (const part of fieldsOf(field.bytes(), 'an entry')) {
    if (part.number === proto.EntryField.key) key = part.text()
    else if (part.number === proto.EntryField.value) value = part.text()
  }
  return [key, value]
}

function externalBytes(
  places: ReadonlyMap<string, string>,
  what: string,
  external: ExternalResolver | undefined,
): Uint8Array {
  const location = places.get('location')
  if (location === undefined) throw new InputError(`${what} is said to be external but names no location`)
  if (external === undefined) {
    throw new InputError(
      `${what} lies in the file ${location}: open the model by its path, with that file beside it`,
    )
  }
  const number = (key: string) => {
    const text = places.get(key)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new InputError(`${what} has the impossible external ${key} ${text}`)
    return value
  }
  return external(location, number('offset') ?? 0, number('length'))
}

/** A view when aligned, a copy otherwise; undefined when the bytes are no whole number of elements. */
function fromRaw<D extends DType>(raw: Uint8Array, dtype: D): ArrayOf[D] | undefined {
  const size = byteSize(dtype)
  if (raw.length % size !== 0) return undefined
  const aligned = raw.byteOffset % size === 0 ? raw : new Uint8Array(raw)
  const like = allocate(dtype, 0)
  const View = like.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayOf[D]
  return new View(aligned.buffer, aligned.byteOffset, raw.length / size)
}

/** The field in which a TensorProto without raw data keeps values of `dtype`. */
function typedField(dtype: DType): number {
  if (dtype === 'float32') return proto.TensorField.floatData
  if (dtype === 'float64') return proto.TensorField.doubleData
  if (dtype === 'int64') return proto.TensorField.int64Data
  if (dtype === 'uint32' || dtype === 'uint64') return proto.TensorField.uint64Data
  return proto.TensorField.int32Data
}

/** Values of float_data, int32_data, ...; float16 and bfloat16 stand there as bits. */
function fromTyped<D extends DType>(runs: readonly Numbers[], dtype: D): ArrayOf[D] {
  const out = allocate(
    dtype,
    runs.reduce((sum, run) => sum + run.length, 0),
  )
  let at = 0
  for (const run of runs) {
    for (const value of run) {
      if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[at++] = BigInt(value)
      else out[at++] = Number(value)
    }
  }
  return out
}
