// What a shape rule is: from the types of a node's inputs to the types of its outputs.

import { InputError } from '../../errors/input-error.ts'
import type { DType } from '../../tensor/dtype.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Dim, Node } from '../graph.ts'
import { nodeLabel } from '../order.ts'
import { broadcastDims } from './dim.ts'

/** What is known of a value before it is computed. */
export interface ValueType {
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

/** The types of the outputs, in order; undefined for one of which not even the rank is known. */
export type ShapeRule = (node: NodeTypes) => readonly (ValueType | undefined)[]
export type ShapeTable = Readonly<Record<string, ShapeRule>>

/** More axes than any tensor has; a damaged file may claim billions. */
const MAX_RANK = 64

/** A node as its shape rule sees it. */
export class NodeTypes {
  constructor(
    readonly node: Node,
    private readonly types: ReadonlyMap<string, ValueType>,
    private readonly contents: ReadonlyMap<string, readonly Dim[]>,
    private readonly constants: ReadonlyMap<string, Tensor>,
  ) {}

  /** Whether the optional input `i` is there. */
  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== ''
  }

  /** Type of input `i`, which must be there. */
  type(i: number): ValueType {
    const type = this.types.get(this.node.inputs[i] ?? '')
    return type ?? this.fail(`lacks input ${i}`)
  }

  dtype(i: number): DType {
    return this.type(i).dtype
  }

  shape(i: number): readonly Dim[] {
    return this.type(i).shape
  }

  /** The shape of input `i`, which must have at least `rank` axes. */
  shapeOfRank(i: number, rank: number): readonly Dim[] {
    const shape = this.shape(i)
    if (shape.length < rank)
      this.fail(`needs input ${i} of at least ${rank} axes, found ${formatShape(shape)}`)
    return shape
  }

  /** Elements of integer (or bool) input `i` where known, as numbers and symbols. */
  values(i: number): readonly Dim[] | undefined {
    return this.contents.get(this.node.inputs[i] ?? '')
  }

  /** Elements of input `i` where all are known numbers. */
  numbers(i: number): readonly number[] | undefined {
    const values = this.values(i)
    return values?.every(v => typeof v === 'number') ? (values as readonly number[]) : undefined
  }

  /** Input `i` itself when it is an initializer. */
  constant(i: number): Tensor | undefined {
    return this.constants.get(this.node.inputs[i] ?? '')
  }

  int(name: string, fallback: number): number {
    const attribute = this.node.attributes[name]
    return attribute?.kind === 'int' ? attribute.value : fallback
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes[name]
    return attribute?.kind === 'ints' ? attribute.value : undefined
  }

  string(name: string, fallback: string): string {
    const attribute = this.node.attributes[name]
    return attribute?.kind === 'string' ? attribute.value : fallback
  }

  /** `axis` counted from 0, for a tensor of `rank` axes. */
  axis(axis: number, rank: number): number {
    if (axis < -rank || axis >= rank) this.fail(`names axis ${axis} of a tensor with ${rank} axes`)
    return axis < 0 ? axis + rank : axis
  }

  /** A symbol for an axis of output `i` of which nothing is known. */
  unknown(axis: number, i = 0): Dim {
    return `${this.node.outputs[i] ?? ''}_${axis}`
  }

  /** A shape of `rank` axes of which nothing else is known; undefined when the rank is not known (or absurd). */
  unknownShape(rank: Dim | undefined): Dim[] | undefined {
    if (typeof rank !== 'number' || rank > MAX_RANK) return undefined
    return Array.from({ length: rank }, (_, axis) => this.unknown(axis))
  }

  /** The shape that broadcasting gives. */
  broadcast(...shapes: readonly (readonly Dim[])[]): Dim[] {
    const rank = Math.max(...shapes.map(shape => shape.length))
    return Array.from({ length: rank }, (_, i) => {
      let dim: Dim = 1
      for (const shape of shapes) {
        const other = shape[i - rank + shape.length] ?? 1
        dim =
          broadcastDims(dim, other) ?? this.fail(`cannot broadcast ${shapes.map(formatShape).join(' with ')}`)
      }
      return dim
    })
  }

  fail(fault: string): never {
    throw new InputError(`${nodeLabel(this.node)} ${fault}`)
  }
}
