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
import { Gates, type Step } from './gates.ts'
import { Layout } from './layout.ts'
import { appendPoolGradient, type PoolGradient, poolGradientAt, staysBlocked } from './max-pool.ts'

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
 * @param open initializers whose values the result must not depend on
 */
export function inBlockedLayout(graph: Graph, open: ReadonlySet<string> = new Set()): Prepared {
  if (!graph.nodes.some(node => node.opType === 'Conv')) return { graph }
  const types = inferShapes(graph)
  const layout = new Layout(graph, types)
  const made = producers(graph)
  const builder = GraphBuilder.rewriting(graph)
  const depthwise = new Depthwise(builder)
  const scalar = (value: string) => {
    const constant = open.has(value) ? undefined : graph.initializers.get(value)
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

  /**
   * The product that a pool's gradient goes into, where it is with a mask of what was pooled: as each share goes to a
   * maximum, the mask may as well be that of the maxima, which are fewer.
   */
  const maskBehind = (node: Node, input: string) => {
    const [output = ''] = node.outputs
    const [use, ...others] = uses.of(output)
    const isOutput = graph.outputs.some(({ name }) => name === output)
    if (use?.opType !== 'Mul' || others.length > 0 || isOutput) return undefined
    const mask = made.get(use.inputs.find(value => value !== output) ?? '')
    const steps = mask && gates.at(mask)
    return steps?.every(step => step.value === input) ? { use, steps } : undefined
  }
  const masked = (pool: PoolGradient, steps: readonly Step[]): PoolGradient => {
    const mask = builder.fresh('mask')
    const ofMaxima = steps.map(step => ({ ...step, value: pool.pooled }))
    gates.append(ofMaxima, depthwise, product, mask)
    const gradient = product(depthwise.conv(pool.gradient, pool.channels, [[0, 0, 1]]), mask)
    return { ...pool, gradient }
  }
  /** Nodes that were written together with an earlier one. */
  const done = new Set<Node>()
  const rewritten = (node: Node): boolean => {
    const pool = poolGradientAt(node, made, layout)
    if (pool !== undefined) {
      const behind = maskBehind(node, pool.input)
      const [output = ''] = (behind?.use ?? node).outputs
      if (behind !== undefined) done.add(behind.use)
      appendPoolGradient(behind ? masked(pool, behind.steps) : pool, builder, depthwise, output)
      if (staysBlocked(pool)) layout.mark(output)
      return true
    }
    const steps = gates.at(node)
    if (steps !== undefined && uses.of(node.outputs[0]!).every(use => worthwhile(use, node.outputs[0]!)))
      gates.append(steps, depthwise, product, node.outputs[0]!)
    else if (!appendAffine(node, builder, depthwise, layout, scalar)) return false
    layout.mark(node.outputs[0]!)
    return true
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
    if (done.has(node) || (node.domain === '' && rewritten(node))) continue
    const copy = joined(node)
    builder.copy(copy)
    layout.add(copy)
  }
  const result = prune(builder.build())
  const known = [...inferShapes(result)].filter(([, type]) => type.shape.length === 4)
  return { graph: result, types: new Map(known) }
}
