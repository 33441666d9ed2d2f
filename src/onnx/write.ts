// Graph -> ONNX file. Weights go out as raw_data straight from their typed arrays, or by reference to a file
// beside the model when the caller says so.

import { InputError } from '../errors/input-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Attribute, Graph, Node, ValueInfo } from './graph.ts'
import type { ValueType } from './infer.ts'
import { Message } from './message.ts'
import * as proto from './proto.ts'

/** Where the bytes of a weight lie outside the model file. */
export interface ExternalPlace {
  /** File name relative to the model's folder. */
  readonly location: string
  /** Position in bytes. */
  readonly offset: number
}

export interface WriteOptions {
  /** Called per initializer; a place returned leaves the bytes out of the file. Default: everything is inside. */
  readonly external?: (name: string, value: Tensor) => ExternalPlace | undefined
  /** Types to note for values inside the graph, which readers then need not infer. Default: none. */
  readonly types?: ReadonlyMap<string, ValueType>
}

/** protobuf parsers, ONNX Runtime's among them, refuse messages of 2 GiB and more. */
export const PROTOBUF_LIMIT = 2 ** 31 - 1

/** IR version by the opset that came with it; runtimes refuse a version newer than they are. */
const irVersion = (opset: number) => (opset >= 21 ? 10 : opset >= 19 ? 9 : 8)

/**
 * The bytes of an `.onnx` file that holds `graph`.
 * @throws InputError when they would exceed 2 GiB: use `external`.
 */
export function writeOnnx(graph: Graph, options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const model = new Message()
  model.int(proto.ModelField.irVersion, irVersion(graph.opsets.get('') ?? 0))
  model.string(proto.ModelField.producerName, 'silhouette')
  for (const [domain, version] of graph.opsets) {
    const opset = new Message()
    if (domain) opset.string(proto.OpsetField.domain, domain)
    opset.int(proto.OpsetField.version, version)
    model.message(proto.ModelField.opsetImport, opset)
  }
  model.message(proto.ModelField.graph, graphMessage(graph, options))
  for (const [key, value] of graph.metadata)
    model.message(proto.ModelField.metadataProps, entryMessage(key, value))
  if (model.byteLength() > PROTOBUF_LIMIT) {
    throw new InputError(
      `model ${graph.name} needs ${model.byteLength()} bytes, above protobuf's limit of 2 GiB: store its weights as external data`,
    )
  }
  return model.finish()
}

function graphMessage(graph: Graph, options: WriteOptions): Message {
  const message = new Message()
  for (const node of graph.nodes) message.message(proto.GraphField.node, nodeMessage(node, options))
  message.string(proto.GraphField.name, graph.name || 'graph')
  for (const [name, value] of graph.initializers)
    message.message(proto.GraphField.initializer, tensorMessage(value, name, options.external?.(name, value)))
  for (const input of graph.inputs) message.message(proto.GraphField.input, valueInfoMessage(input))
  for (const output of graph.outputs) message.message(proto.GraphField.output, valueInfoMessage(output))
  const border = new Set(graph.outputs.map(output => output.name))
  for (const name of graph.nodes.flatMap(node => node.outputs)) {
    const type = options.types?.get(name)
    if (type !== undefined && !border.has(name))
      message.message(proto.GraphField.valueInfo, valueInfoMessage({ name, ...type }))
  }
  return message
}

function nodeMessage(node: Node, options: WriteOptions): Message {
  const message = new Message()
  for (const input of node.inputs) message.string(proto.NodeField.input, input)
  for (const output of node.outputs) message.string(proto.NodeField.output, output)
  if (node.name) message.string(proto.NodeField.name, node.name)
  message.string(proto.NodeField.opType, node.opType)
  for (const [name, attribute] of Object.entries(node.attributes))
    message.message(proto.NodeField.attribute, attributeMessage(name, attribute, options))
  if (node.domain) message.string(proto.NodeField.domain, node.domain)
  return message
}

function attributeMessage(name: string, attribute: Attribute, options: WriteOptions): Message {
  const field = proto.AttributeField
  const message = new Message()
  message.string(field.name, name)
  message.int(field.type, proto.attributeCodes[attribute.kind])
  switch (attribute.kind) {
    case 'float':
      message.float(field.float, attribute.value)
      break
    case 'int':
      message.int(field.int, attribute.value)
      break
    case 'string':
      message.string(field.string, attribute.value)
      break
    case 'tensor':
      message.message(field.tensor, tensorMessage(attribute.value))
      break
    case 'graph':
      message.message(field.graph, graphMessage(attribute.value, options))
      break
    case 'floats':
      message.floats(field.floats, attribute.value)
      break
    case 'ints':
      message.ints(field.ints, attribute.value)
      break
    case 'strings':
      for (const value of attribute.value) message.string(field.strings, value)
      break
  }
  return message
}

/** A TensorProto; also what the `.pb` files of ONNX test data hold. */
export function tensorMessage(value: Tensor, name?: string, place?: ExternalPlace): Message {
  const field = proto.TensorField
  const message = new Message()
  if (value.shape.length > 0) message.ints(field.dims, value.shape)
  message.int(field.dataType, proto.dtypeCodes[value.dtype])
  if (name !== undefined) message.string(field.name, name)
  const { buffer, byteOffset, byteLength } = value.data
  if (place === undefined) {
    message.bytes(field.rawData, new Uint8Array(buffer, byteOffset, byteLength))
  } else {
    const entries = { location: place.location, offset: String(place.offset), length: String(byteLength) }
    for (const [key, text] of Object.entries(entries))
      message.message(field.externalData, entryMessage(key, text))
    message.int(field.dataLocation, proto.EXTERNAL_DATA)
  }
  return message
}

function valueInfoMessage({ name, dtype, shape }: ValueInfo): Message {
  const tensorType = new Message()
  tensorType.int(proto.TensorTypeField.elementType, proto.dtypeCodes[dtype])
  if (shape !== undefined) {
    const shapeMessage = new Message()
    for (const dim of shape) {
      const dimMessage = new Message()
      if (typeof dim === 'number') dimMessage.int(proto.DimField.value, dim)
      else dimMessage.string(proto.DimField.param, dim)
      shapeMessage.message(proto.ShapeField.dim, dimMessage)
    }
    tensorType.message(proto.TensorTypeField.shape, shapeMessage)
  }
  const type = new Message()
  type.message(proto.TypeField.tensor, tensorType)
  const message = new Message()
  message.string(proto.ValueInfoField.name, name)
  message.message(proto.ValueInfoField.type, type)
  return message
}

function entryMessage(key: string, value: string): Message {
  const message = new Message()
  message.string(proto.EntryField.key, key)
  message.string(proto.EntryField.value, value)
  return message
}
