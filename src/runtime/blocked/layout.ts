// Which values ONNX Runtime will keep in its blocked layout (NCHWc: 8 or 16 channels side by side), judged by the
// rules of its NchwcTransformer. A wrong guess costs time, never correctness.

import { intOf } from '../../onnx/attributes.ts'
import type { Dim, Graph, Node } from '../../onnx/graph.ts'
import type { ValueType } from '../../onnx/infer.ts'

/** Channels of a block with AVX-512; AVX2 has 8, which divides it. */
export const BLOCK = 16

export class Layout {
  private readonly blocked = new Set<string>()
  private readonly constants: Set<string>

  constructor(
    graph: Graph,
    private readonly types: ReadonlyMap<string, ValueType>,
  ) {
    this.constants = new Set(graph.initializers.keys())
  }

  /** Notes the outputs of a node; nodes must come in topological order. */
  add(node: Node): void {
    const given = node.inputs.filter(input => input !== '')
    if (given.length > 0 && given.every(input => this.constants.has(input))) {
      for (const output of node.outputs) this.constants.add(output)
    } else if (this.staysBlocked(node)) this.mark(node.outputs[0]!)
  }

  /** Notes that a value is in the blocked layout. */
  mark(value: string): void {
    this.blocked.add(value)
  }

  /** Whether the value is a constant `[c, 1, 1]` or `[1, c, 1, 1]`. */
  isPerChannel(value: string, channels: number): boolean {
    const shape = this.types.get(value)?.shape.join()
    return this.constants.has(value) && (shape === `${channels},1,1` || shape === `1,${channels},1,1`)
  }

  /** The shape `[n, c, h, w]` of a float32 value. */
  shape(value: string): readonly Dim[] | undefined {
    const type = this.types.get(value)
    return type?.dtype === 'float32' && type.shape.length === 4 ? type.shape : undefined
  }

  /** The channels of a blocked value when they fill whole blocks, as depthwise convolutions want. */
  channels(value: string): number | undefined {
    return this.blocked.has(value) ? this.wholeBlocks(value) : undefined
  }

  private wholeBlocks(value: string): number | undefined {
    const channels = this.shape(value)?.[1]
    return typeof channels === 'number' && channels % BLOCK === 0 ? channels : undefined
  }

  private staysBlocked(node: Node): boolean {
    const [output = ''] = node.outputs
    const shape = this.shape(output)
    if (shape === undefined || node.domain !== '') return false
    const first = this.blocked.has(node.inputs[0] ?? '')
    switch (node.opType) {
      case 'Conv':
        return this.convolves(node)
      case 'MaxPool':
      case 'AveragePool':
      case 'GlobalAveragePool':
      case 'GlobalMaxPool':
        return node.outputs.length === 1 && (first || this.wholeBlocks(node.inputs[0]!) !== undefined)
      case 'BatchNormalization':
      case 'Clip':
      case 'Dropout':
      case 'HardSigmoid':
      case 'Identity':
      case 'LeakyRelu':
      case 'Relu':
      case 'Sigmoid':
      case 'Tanh':
        return first
      case 'Add':
      case 'Mul':
      case 'Sum':
        return node.inputs.every(
          input => this.blocked.has(input) && this.shape(input)?.join() === shape.join(),
        )
      case 'Concat':
        return intOf(node, 'axis', 1) === 1 && node.inputs.every(input => this.channels(input) !== undefined)
      default:
        return false
    }
  }

  private convolves(node: Node): boolean {
    const weight = this.shape(node.inputs[1]!)
    if (weight === undefined || !this.constants.has(node.inputs[1]!)) return false
    const [out, inner] = weight as [number, number]
    const group = intOf(node, 'group', 1)
    const whole = (n: number) => n % BLOCK === 0
    if (group === 1) return inner < BLOCK ? whole(out) || inner % 4 === 0 : inner % 4 === 0
    return inner === 1 && out === group ? whole(out) : whole(inner) && whole(out / group)
  }
}
