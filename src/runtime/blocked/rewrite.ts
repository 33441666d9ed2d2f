// Graphs for ONNX Runtime's x64 CPU provider. It computes convolutions in a blocked layout (NCHWc) and leaves that
// layout for every operator it has no blocked kernel for, which costs a copy there and a copy back. This pass writes
// such operators, where they stand between blocked ones, as depthwise convolutions. What a graph computes stays the
// same up to the rounding of single operations.

import { GraphBuilder } from '../../onnx/builder.ts'
import { prune } from '../../onnx/edit.ts'
import { type Graph, type Node, producers } from '../../onnx/graph.ts'
import { inferShapes } from '../../onnx/infer.ts'
import type { Prepared } from '../ort.ts'
import { appendAffine } from './affine.ts'
import { Depthwise } from './depthwise.ts'
import { Gates } from './gates.ts'
import { Layout } from './layout.ts'
import { appendPoolGradient, poolGradientAt } from './max-pool.ts'

/** Who reads what. */
class Uses {
  private readonly readers = new Map<string, Node[]>()

  constructor(graph: Graph) {
    for (const node of graph.nodes)
      for (const input of node.inputs) this.readers.set(input, [...(this.readers.get(input) ?? []), node])
  }

  of(value: string): readonly Node[] {
    return this.readers.get(value) ?? []
  }

  /** Whether a convolution reads what the node writes. */
  enter(node: Node): boolean {
    return this.of(node.outputs[0]!).some(use => use.opType === 'Conv' && use.inputs[0] === node.outputs[0])
  }
}

/**
 * `graph` with more of it in the blocked layout; the same inputs and outputs. With the types of its images: ONNX Runtime
 * adds and multiplies in the blocked layout only what it knows to be of one size, and loses the symbol of the batch at
 * every Reshape.
 */
export function inBlockedLayout(graph: Graph): Prepared {
  if (!graph.nodes.some(node => node.opType === 'Conv')) return { graph }
  const types = inferShapes(graph)
  const layout = new Layout(graph, types)
  const made = producers(graph)
  const builder = GraphBuilder.rewriting(graph)
  const depthwise = new Depthwise(builder)
  const scalar = (value: string) => {
    const constant = graph.initializers.get(value)
    return constant?.dtype === 'float32' && constant.data.length === 1 ? Number(constant.data[0]) : undefined
  }
  const gates = new Gates(made, layout, scalar)
  const product = (a: string, b: string, output?: string) =>
    builder.op('Mul', [a, b], {}, output === undefined ? {} : { output })

  const uses = new Uses(graph)
  /** Whether a product with a mask stays in the layout: it comes from there or goes there. */
  const worthwhile = (use: Node, mask: string) =>
    use.opType === 'Mul' &&
    (use.inputs.some(input => input !== mask && layout.channels(input) !== undefined) || uses.enter(use))

  const rewritten = (node: Node): boolean => {
    const pool = poolGradientAt(node, made, layout)
    if (pool !== undefined) {
      appendPoolGradient(pool, builder, depthwise, node.outputs[0]!)
      return true
    }
    const steps = gates.at(node)
    if (steps !== undefined && uses.of(node.outputs[0]!).every(use => worthwhile(use, node.outputs[0]!))) {
      gates.append(steps, depthwise, product, node.outputs[0]!)
      return true
    }
    return appendAffine(node, builder, depthwise, layout, scalar)
  }
  /** With the operand of a sum or product that is not in the layout brought into it, where the other one is. */
  const joined = (node: Node): Node => {
    if ((node.opType !== 'Add' && node.opType !== 'Mul') || !uses.enter(node)) return node
    const [a = '', b = ''] = node.inputs
    const channels = layout.channels(a) ?? layout.channels(b)
    if (channels === undefined || layout.shape(a)?.join() !== layout.shape(b)?.join()) return node
    const inputs = [a, b].map(input => {
      if (layout.channels(input) !== undefined) return input
      const moved = depthwise.conv(input, channels, [[0, 0, 1]])
      layout.mark(moved)
      return moved
    })
    return { ...node, inputs }
  }
  for (const node of graph.nodes) {
    if (node.domain === '' && rewritten(node)) layout.mark(node.outputs[0]!)
    else {
      const copy = joined(node)
      builder.copy(copy)
      layout.add(copy)
    }
  }
  const result = prune(builder.build())
  const known = [...inferShapes(result)].filter(([, type]) => type.shape.length === 4)
  return { graph: result, types: new Map(known) }
}
