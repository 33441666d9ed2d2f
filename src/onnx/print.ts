// A graph as text that a person can read, one line per value; tests take snapshots of it.

import type { Tensor } from '../tensor/tensor.ts'
import type { Attribute, Dim, Graph, Node, ValueInfo } from './graph.ts'
import { inferShapes, type ValueType } from './infer.ts'

/** Initializers of up to this many elements are printed with their values. */
const SHOWN = 8

/** The graph as text; shapes of intermediate values are inferred. */
export function printGraph(graph: Graph): string {
  const types = inferShapes(graph)
  const opsets = [...graph.opsets].map(([domain, version]) => `${domain || 'onnx'} ${version}`).join(', ')
  const lines = [
    `graph ${graph.name} (${opsets})`,
    ...graph.inputs.map(input => `  input ${border(input)}`),
    ...[...graph.initializers].map(([name, value]) => `  weight ${name}: ${printTensor(value)}`),
    ...graph.nodes.map(node => `  ${printNode(node, types)}`),
    ...graph.outputs.map(output => `  output ${border(output)}`),
    ...[...graph.metadata].map(([key, text]) => `  note ${key}: ${text}`),
  ]
  return `${lines.join('\n')}\n`
}

function border({ name, dtype, shape }: ValueInfo): string {
  return `${name}: ${shape === undefined ? `${dtype}[?]` : printType({ dtype, shape })}`
}

function printType({ dtype, shape }: { dtype: string; shape: readonly Dim[] }): string {
  return `${dtype}[${shape.join(', ')}]`
}

function printNode(node: Node, types: ReadonlyMap<string, ValueType>): string {
  const outputs = node.outputs.map(name => {
    const type = types.get(name)
    return name === '' ? '_' : type ? `${name}: ${printType(type)}` : name
  })
  const op = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
  const attributes = Object.entries(node.attributes).map(([key, value]) => `${key}=${printAttribute(value)}`)
  const suffix = attributes.length > 0 ? ` {${attributes.join(', ')}}` : ''
  return `${outputs.join(', ')} = ${op}(${node.inputs.map(input => input || '_').join(', ')})${suffix}`
}

function printAttribute(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'tensor':
      return printTensor(attribute.value)
    case 'graph':
      return `graph of ${attribute.value.nodes.length} nodes`
    case 'string':
      return JSON.stringify(attribute.value)
    case 'strings':
      return JSON.stringify(attribute.value)
    case 'ints':
    case 'floats':
      return `[${attribute.value.join(', ')}]`
    default:
      return `${attribute.value}`
  }
}

function printTensor({ dtype, shape, data }: Tensor): string {
  const type = printType({ dtype, shape })
  if (data.length > SHOWN) return type
  const values = Array.from(data as ArrayLike<number | bigint>, String)
  return shape.length === 0 ? `${type} = ${values[0]}` : `${type} = [${values.join(', ')}]`
}
