// Makes graphs. One builder appends nodes either to an empty graph (the zoo) or to an existing one (gradient,
// attack steps, optimiser updates); values are referred to by name.

import { InputError } from '../errors/input-error.ts'
import type { DType } from '../tensor/dtype.ts'
import { float32, int64, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Attribute, Dim, Graph, Node, ValueInfo } from './graph.ts'
import { type AttributeValue, attributeOf, CURRENT_OPSET } from './schema.ts'

export interface NodeOptions {
  /** Stem of the names of the node and its outputs; default: the op's name in lower case. */
  readonly name?: string
  readonly domain?: string
  /** Exact name of the only output, which must be free or belong to a node that was left out (see `rewriting`). */
  readonly output?: string
}

export class GraphBuilder {
  private readonly nodes: Node[]
  private readonly inputs: ValueInfo[]
  private readonly outputs: ValueInfo[]
  private readonly initializers: Map<string, Tensor>
  private readonly opsets: Map<string, number>
  private readonly metadata: Map<string, string>
  private readonly taken = new Set<string>()
  private readonly next = new Map<string, number>()
  private readonly small = new Map<string, string>()

  /** @param source a name for a new graph, or a graph to go on from (it is left unchanged). */
  constructor(private readonly source: string | Graph) {
    const from = typeof source === 'string' ? undefined : source
    this.nodes = [...(from?.nodes ?? [])]
    this.inputs = [...(from?.inputs ?? [])]
    this.outputs = [...(from?.outputs ?? [])]
    this.initializers = new Map(from?.initializers)
    this.opsets = new Map(from?.opsets ?? [['', CURRENT_OPSET]])
    this.metadata = new Map(from?.metadata)
    for (const { name } of this.inputs) this.taken.add(name)
    for (const name of this.initializers.keys()) this.taken.add(name)
    for (const node of this.nodes) {
      this.taken.add(node.name)
      for (const output of node.outputs) this.taken.add(output)
    }
  }

  /**
   * A builder of a changed `graph`: it holds all but the nodes, whose names stay taken. The caller goes through the
   * nodes in their order and either copies each or appends others that write the same outputs.
   */
  static rewriting(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder(graph)
    builder.nodes.length = 0
    return builder
  }

  /** Appends a node as it is. */
  copy(node: Node): void {
    this.nodes.push(node)
  }

  /** A name nobody uses yet, starting with `stem`. */
  fresh(stem: string): string {
    let name = stem
    let k = this.next.get(stem) ?? 0
    while (this.taken.has(name)) name = `${stem}_${++k}`
    this.next.set(stem, k)
    this.taken.add(name)
    return name
  }

  /** Declares a graph input. */
  input(name: string, dtype: DType, shape: readonly Dim[]): string {
    this.claim(name)
    this.inputs.push({ name, dtype, shape })
    return name
  }

  /** Stores a weight under exactly `name`. */
  initializer(name: string, value: Tensor): string {
    this.claim(name)
    this.initializers.set(name, value)
    return name
  }

  /** A constant under a fresh name; equal small ones are stored once. */
  constant(value: Tensor, stem = 'const'): string {
    if (value.data.length > 64) {
      const big = this.fresh(stem)
      this.initializers.set(big, value)
      return big
    }
    const key = `${value.dtype}[${value.shape}]${Array.from(value.data as ArrayLike<unknown>, String)}`
    let name = this.small.get(key)
    if (name === undefined) {
      name = this.fresh(stem)
      this.initializers.set(name, value)
      this.small.set(key, name)
    }
    return name
  }

  /** A scalar constant. */
  scalar(value: number, dtype: 'float32' | 'int64' | 'bool' = 'float32'): string {
    if (dtype === 'float32') return this.constant(float32([], [value]), 'scalar')
    if (dtype === 'int64') return this.constant(int64([], [value]), 'scalar')
    return this.constant(tensor('bool', [], Uint8Array.of(value)), 'scalar')
  }

  /** A one-axis int64 constant: shapes, axes, pads. */
  ints(values: readonly number[]): string {
    return this.constant(int64([values.length], values), 'ints')
  }

  /** Appends a node with one output and returns the output's name. `undefined` inputs are left out. */
  op(
    opType: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: NodeOptions = {},
  ): string {
    return this.ops(opType, inputs, attributes, 1, options)[0]!
  }

  /** Appends a node with `count` outputs. */
  ops(
    opType: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>>,
    count: number,
    options: NodeOptions = {},
  ): string[] {
    const { domain = '' } = options
    const stem = options.name ?? opType.toLowerCase()
    const outputs = Array.from({ length: count }, (_, i) =>
      i === 0 && options.output !== undefined ? options.output : this.fresh(i === 0 ? stem : `${stem}:${i}`),
    )
    const typed: Record<string, Attribute> = {}
    for (const [key, value] of Object.entries(attributes))
      typed[key] = attributeOf(opType, domain, key, value)
    if (domain && !this.opsets.has(domain)) this.opsets.set(domain, 1)
    const named = inputs.map(input => input ?? '')
    while (named.at(-1) === '') named.pop()
    this.nodes.push({ name: outputs[0]!, opType, domain, inputs: named, outputs, attributes: typed })
    return outputs
  }

  /** Declares `value` as a graph output. `as` gives it another name there. */
  output(value: string, dtype: DType, shape: readonly Dim[] | undefined, as?: string): string {
    let name = value
    if (as !== undefined && as !== value) {
      this.claim(as)
      this.nodes.push({
        name: as,
        opType: 'Identity',
        domain: '',
        inputs: [value],
        outputs: [as],
        attributes: {},
      })
      name = as
    }
    this.outputs.push({ name, dtype, shape })
    return name
  }

  /** Notes text that travels in the file. */
  note(key: string, text: string): void {
    this.metadata.set(key, text)
  }

  /** The graph so far. The builder may go on; what it returned does not change. */
  build(): Graph {
    return {
      name: typeof this.source === 'string' ? this.source : this.source.name,
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      nodes: [...this.nodes],
      initializers: new Map(this.initializers),
      opsets: new Map(this.opsets),
      metadata: new Map(this.metadata),
    }
  }

  private claim(name: string): void {
    if (this.taken.has(name)) throw new InputError(`graph value ${name} is defined twice: rename one of them`)
    this.taken.add(name)
  }
}
