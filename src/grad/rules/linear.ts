// Gradients of matrix products.

import { floatOf, intOf } from '../../onnx/attributes.ts'
import type { Dim } from '../../onnx/graph.ts'
import { scaled } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { unbroadcast } from '../unbroadcast.ts'

/** Y = alpha A' B' + beta C, where ' may transpose. */
const gemm: Rule = context => {
  const { builder, node, needs } = context
  const [a = '', b = '', c = ''] = node.inputs
  const gradient = firstGradient(context)
  const alpha = floatOf(node, 'alpha', 1)
  const transA = intOf(node, 'transA', 0)
  const transB = intOf(node, 'transB', 0)
  const product = (left: string, right: string, transLeft: number, transRight: number) =>
    builder.op('Gemm', [left, right], { alpha, transA: transLeft, transB: transRight })
  return [
    needs[0] && (transA ? product(b, gradient, transB, 1) : product(gradient, b, 0, 1 - transB)),
    needs[1] && (transB ? product(gradient, a, 1, transA) : product(a, gradient, 1 - transA, 0)),
    needs[2] &&
      scaled(
        context,
        unbroadcast(context, gradient, context.shape(node.outputs[0]!), c),
        floatOf(node, 'beta', 1),
        c,
      ),
  ].map(result => result || undefined)
}

const swapLast = (rank: number) =>
  Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i))

/** Batched product with NumPy's rules: leading axes broadcast, one-axis operands are a row or a column. */
const matMul: Rule = context => {
  const { builder, node, needs } = context
  const [a = '', b = ''] = node.inputs
  const shapeA = context.shape(a)
  const shapeB = context.shape(b)
  if (shapeB.length === 2 && shapeA.length > 2) return rowsTimesMatrix(context, a, b)

  const row = shapeA.length === 1 ? builder.op('Unsqueeze', [a, builder.ints([0])]) : a
  const column = shapeB.length === 1 ? builder.op('Unsqueeze', [b, builder.ints([1])]) : b
  const lost = [...(shapeA.length === 1 ? [-2] : []), ...(shapeB.length === 1 ? [-1] : [])]
  const flat = firstGradient(context)
  const gradient = lost.length > 0 ? builder.op('Unsqueeze', [flat, builder.ints(lost)]) : flat
  const out = context.shape(node.outputs[0]!)
  const batch = out.slice(0, out.length - (2 - lost.length))
  const transposed = (value: string, shape: readonly Dim[]) =>
    builder.op('Transpose', [value], { perm: swapLast(Math.max(shape.length, 2)) })

  const finish = (product: string, from: readonly Dim[], value: string, axis: number) => {
    if (context.shape(value).length > 1) return unbroadcast(context, product, from, value)
    const squeezed = builder.op('Squeeze', [product, builder.ints([axis])])
    return unbroadcast(context, squeezed, from.toSpliced(axis, 1), value)
  }
  const inner = shapeA.at(-1)!
  const m = shapeA.length === 1 ? 1 : shapeA.at(-2)!
  const n = shapeB.length === 1 ? 1 : shapeB.at(-1)!
  return [
    needs[0]
      ? finish(builder.op('MatMul', [gradient, transposed(column, shapeB)]), [...batch, m, inner], a, -2)
      : undefined,
    needs[1]
      ? finish(builder.op('MatMul', [transposed(row, shapeA), gradient]), [...batch, inner, n], b, -1)
      : undefined,
  ]
}

/** `[..., m, k] x [k, n]`: the matrix sees all rows at once instead of a batch of products to be summed. */
function rowsTimesMatrix(context: RuleContext, a: string, b: string): (string | undefined)[] {
  const { builder, needs } = context
  const gradient = firstGradient(context)
  const columns = (value: string, width: Dim) => {
    if (typeof width === 'number') return builder.op('Reshape', [value, builder.ints([-1, width])])
    return builder.op('Flatten', [value], { axis: -1 })
  }
  const [k, n] = context.shape(b) as [Dim, Dim]
  const transposed = (value: string) => builder.op('Transpose', [value], { perm: [1, 0] })
  return [
    needs[0] ? builder.op('MatMul', [gradient, transposed(b)]) : undefined,
    needs[1] ? builder.op('MatMul', [transposed(columns(a, k)), columns(gradient, n)]) : undefined,
  ]
}

export const linear: RuleTable = { Gemm: gemm, MatMul: matMul }
