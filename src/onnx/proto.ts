// The part of onnx.proto that this project reads and writes: field numbers by message and the codes of element
// types and attribute kinds. Source: github.com/onnx/onnx, onnx/onnx.proto (field numbers never change there).

import type { DType } from '../tensor/dtype.ts'
import type { Attribute } from './graph.ts'

export const ModelField = {
  irVersion: 1,
  producerName: 2,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  functions: 25,
} as const

export const OpsetField = { domain: 1, version: 2 } as const

/** StringStringEntryProto: metadata and the description of external data. */
export const EntryField = { key: 1, value: 2 } as const

export const GraphField = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const

export const NodeField = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const

export const AttributeField = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  type: 20,
} as const

export const TensorField = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const

export const ValueInfoField = { name: 1, type: 2 } as const
/** TypeProto: only tensors are known here. */
export const TypeField = { tensor: 1 } as const
export const TensorTypeField = { elementType: 1, shape: 2 } as const
export const ShapeField = { dim: 1 } as const
export const DimField = { value: 1, param: 2 } as const

/** TensorProto.DataLocation */
export const EXTERNAL_DATA = 1

/** TensorProto.DataType */
export const dtypeCodes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
}

const dtypesByCode = new Map(Object.entries(dtypeCodes).map(([dtype, code]) => [code, dtype as DType]))

/** The element type that ONNX stores as `code`, also in the attribute `to` of Cast; undefined when unknown. */
export function dtypeOfCode(code: number): DType | undefined {
  return dtypesByCode.get(code)
}

/** AttributeProto.AttributeType */
export const attributeCodes: Readonly<Record<Attribute['kind'], number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
}
