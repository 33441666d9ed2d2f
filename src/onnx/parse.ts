// ONNX file -> Graph as the file has it: the opset, the Constant nodes and all names unchanged. read.ts makes of
// that what the rest of the product works on.

import { InputError } from '../errors/input-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Field, fieldsOf } from './fields.ts'
import type { Attribute, Dim, Graph, Node, ValueInfo } from './graph.ts'
import * as proto from './proto.ts'
import { symbolOf } from './shapes/dim.ts'
import { type ExternalResolver, readEntry, readTensor } from './tensor-proto.ts'

/** Subgraphs (If, Loop) may nest this deep; real models stay below 5. */
const MAX_DEPTH = 16

const knownFormats: readonly { readonly starts: readonly number[]; readonly hint: string }[] = [
  { starts: [0x50, 0x4b, 3, 4], hint: 'a zip archive, perhaps a PyTorch checkpoint' },
  { starts: [0x89, 0x48, 0x44, 0x46], hint: 'an HDF5 file, perhaps Keras weights' },
  { starts: [0x80, 2], hint: 'a Python pickle' },
  {
    starts: [...new TextEncoder().encode('version https://git-lfs')],
    hint: 'a Git LFS pointer: fetch the file itself',
  },
]

/**
 * Decodes the bytes of an `.onnx` file. Initializers are taken out of the inputs.
 * @throws InputError when they are truncated, damaged, of another format, or hold what the IR cannot.
 */
export function parseOnnx(bytes: Uint8Array, external?: ExternalResolver): Graph {
  if (bytes.length === 0) throw new InputError('not a valid ONNX file: it is empty')
  const known = knownFormats.find(format => format.starts.every((byte, i) => bytes[i] === byte))
  if (known) throw new InputError(`not an ONNX file: it is ${known.hint}`)
  const opsets = new Map<string, number>()
  const metadata = new Map<string, string>()
  let graphBytes: Uint8Array | undefined
  for (const field of fieldsOf(bytes, 'the model')) {
    switch (field.number) {
      case proto.ModelField.graph:
        graphBytes = field.bytes()
        break
      case proto.ModelField.opsetImport: {
        const [domain, version] = readOpset(field)
        opsets.set(domain, version)
        break
      }
      case proto.ModelField.metadataProps: {
        const [key, value] = readEntry(field)
        metadata.set(key, value)
        break
      }
      case proto.ModelField.functions:
        throw new InputError(
          'the model holds ONNX functions, which are not supported: inline them (onnx.inliner.inline_local_functions)',
        )
    }
  }
  if (graphBytes === undefined) throw new InputError('not a valid ONNX file: it holds no graph')
  if (opsets.size === 0) throw new InputError('not a valid ONNX file: it names no operator set')
  return { ...readGraph(graphBytes, external, 0), opsets, metadata }
}

function readOpset(field: Field): [domain: string, version: number] {
  let domain = ''
  let version = 0
  for (const part of fieldsOf(field.bytes(), 'an opset import')) {
    if (part.number === proto.OpsetField.domain) domain = plainDomain(part.text())
    else if (part.number === proto.OpsetField.version) version = part.int()
  }
  return [domain, version]
}

/** `ai.onnx` is another way to write the standard domain. */
const plainDomain = (domain: string) => (domain === 'ai.onnx' ? '' : domain)

function readGraph(bytes: Uint8Array, external: ExternalResolver | undefined, depth: number): Graph {
  if (depth > MAX_DEPTH) throw new InputError(`not a valid ONNX file: graphs nest deeper than ${MAX_DEPTH}`)
  let name = ''
  const nodes: Node[] = []
  const initializers = new Map<string, Tensor>()
  const inputFields: Uint8Array[] = []
  const outputFields: Uint8Array[] = []
  for (const field of fieldsOf(bytes, 'the graph')) {
    switch (field.number) {
      case proto.GraphField.name:
        name = field.text()
        break
      case proto.GraphField.node:
        nodes.push(readNode(field.bytes(), external, depth))
        break
      case proto.GraphField.initializer: {
        const { name, value } = readTensor(field.bytes(), external)
        if (initializers.has(name)) throw new InputError(`initializer ${name} is defined twice`)
        initializers.set(name, value)
        break
      }
      case proto.GraphField.input:
        inputFields.push(field.bytes())
        break
      case proto.GraphField.output:
        outputFields.push(field.bytes())
        break
      case proto.GraphField.sparseInitializer:
        throw new InputError('the model holds sparse initializers, which are not supported')
    }
  }
  const inputs = inputFields.filter(field => !initializers.has(valueName(field))).map(readValueInfo)
  const outputs = outputFields.map(readValueInfo)
  return { name, nodes, inputs, outputs, initializers, opsets: new Map(), metadata: new Map() }
}

function readNode(bytes: Uint8Array, external: ExternalResolver | undefined, depth: number): Node {
  let name = ''
  let opType = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const attributeFields: Uint8Array[] = []
  for (const field of fieldsOf(bytes, 'a node')) {
    if (field.number === proto.NodeField.input) inputs.push(field.text())
    else if (field.number === proto.NodeField.output) outputs.push(field.text())
    else if (field.number === proto.NodeField.name) name = field.text()
    else if (field.number === proto.NodeField.opType) opType = field.text()
    else if (field.number === proto.NodeField.domain) domain = plainDomain(field.text())
    else if (field.number === proto.NodeField.attribute) attributeFields.push(field.bytes())
  }
  if (opType === '')
    throw new InputError(`not a valid ONNX file: node ${name || '(unnamed)'} names no operator`)
  const what = `node ${name || outputs[0] || '(unnamed)'} (${opType})`
  const attributes = Object.fromEntries(
    attributeFields.map(field => readAttribute(field, what, external, depth)),
  )
  return { name, opType, domain, inputs, outputs, attributes }
}

function readAttribute(
  bytes: Uint8Array,
  node: string,
  external: ExternalResolver | undefined,
  depth: number,
): [name: string, value: Attribute] {
  const field = proto.AttributeField
  let name = ''
  let code = 0
  const scalars = new Map<number, Field>()
  let ints: number[] = []
  let floats: number[] = []
  const strings: string[] = []
  for (const part of fieldsOf(bytes, `an attribute of ${node}`)) {
    if (part.number === field.name) name = part.text()
    else if (part.number === field.type) code = part.int()
    else if (part.number === field.ints) ints = appended(ints, part.ints())
    else if (part.number === field.floats) floats = appended(floats, part.floats())
    else if (part.number === field.strings) strings.push(part.text())
    else scalars.set(part.number, part)
  }
  const kind = kindOf(code, scalars, { ints, floats, strings })
  const at = (number: number) => scalars.get(number)
  const missing = () => new InputError(`attribute ${name} of ${node} holds no ${kind}`)
  switch (kind) {
    case 'ints':
      return [name, { kind, value: ints }]
    case 'floats':
      return [name, { kind, value: floats }]
    case 'strings':
      return [name, { kind, value: strings }]
    // Scalars equal to proto3's default may be left out by a writer.
    case 'int':
      return [name, { kind, value: at(field.int)?.int() ?? 0 }]
    case 'float':
      return [name, { kind, value: at(field.float)?.float() ?? 0 }]
    case 'string':
      return [name, { kind, value: at(field.string)?.text() ?? '' }]
    case 'tensor': {
      const part = at(field.tensor)
      if (part === undefined) throw missing()
      return [name, { kind, value: readTensor(part.bytes(), external).value }]
    }
    case 'graph': {
      const part = at(field.graph)
      if (part === undefined) throw missing()
      return [name, { kind, value: readGraph(part.bytes(), external, depth + 1) }]
    }
    default:
      throw new InputError(`attribute ${name} of ${node} is of a kind that is not supported (code ${code})`)
  }
}

/** Adds one element or a packed run without copying what is there for every element. */
function appended(list: number[], more: readonly number[]): number[] {
  if (more.length > 1) return list.concat(more)
  if (more.length === 1) list.push(more[0]!)
  return list
}

/** The kind an attribute says it is; the oldest files leave that out and it follows from what is filled in. */
function kindOf(
  code: number,
  scalars: ReadonlyMap<number, Field>,
  lists: Readonly<Record<'ints' | 'floats' | 'strings', readonly unknown[]>>,
): Attribute['kind'] | undefined {
  const kinds = Object.keys(proto.attributeCodes) as Attribute['kind'][]
  if (code !== 0) return kinds.find(kind => proto.attributeCodes[kind] === code)
  for (const kind of ['ints', 'floats', 'strings'] as const) if (lists[kind].length > 0) return kind
  return (['float', 'int', 'string', 'tensor', 'graph'] as const).find(kind =>
    scalars.has(proto.AttributeField[kind]),
  )
}

function valueName(bytes: Uint8Array): string {
  for (const field of fieldsOf(bytes, 'a graph input'))
    if (field.number === proto.ValueInfoField.name) return field.text()
  return ''
}

function readValueInfo(bytes: Uint8Array): ValueInfo {
  let name = ''
  let tensorType: Uint8Array | undefined
  for (const field of fieldsOf(bytes, 'a graph input or output')) {
    if (field.number === proto.ValueInfoField.name) name = field.text()
    else if (field.number === proto.ValueInfoField.type) {
      for (const part of fieldsOf(field.bytes(), `the type of ${name}`))
        if (part.number === proto.TypeField.tensor) tensorType = part.bytes()
    }
  }
  if (tensorType === undefined)
    throw new InputError(`value ${name} is not a tensor: only tensors are supported`)
  let code = 0
  let shape: Dim[] | undefined
  for (const field of fieldsOf(tensorType, `the type of ${name}`)) {
    if (field.number === proto.TensorTypeField.elementType) code = field.int()
    else if (field.number === proto.TensorTypeField.shape) shape = readShape(field, name)
  }
  const dtype = proto.dtypeOfCode(code)
  if (dtype === undefined)
    throw new InputError(`value ${name} has element type ${code}, which is not supported`)
  return { name, dtype, shape }
}

/** Axes of unknown length get the symbol `<value>_<axis>`. */
function readShape(field: Field, value: string): Dim[] {
  const shape: Dim[] = []
  for (const part of fieldsOf(field.bytes(), `the shape of ${value}`)) {
    if (part.number !== proto.ShapeField.dim) continue
    let dim: Dim = `${value}_${shape.length}`
    for (const choice of fieldsOf(part.bytes(), `the shape of ${value}`)) {
      if (choice.number === proto.DimField.param) dim = symbolOf(choice.text()) || dim
      else if (choice.number === proto.DimField.value && choice.int() >= 0) dim = choice.int()
    }
    shape.push(dim)
  }
  return shape
}
