// Changes that put several operators in place of one, and may look at the types of values.

import { InputError } from '../../errors/input-error.ts'
import { float32 } from '../../tensor/tensor.ts'
import { floatOf, intOf } from '../attributes.ts'
import type { Node } from '../graph.ts'
import { nodeLabel } from '../order.ts'
import { dtypeCodes } from '../proto.ts'
import { CURRENT_OPSET } from '../schema.ts'
import { type Changes, type Context, make, NEWEST, type Rewrite } from './rewrite.ts'

/** Until opset 12 these worked on the matrix that Flatten(axis) gives, with axis 1 by default. */
const flattening: Rewrite = (node, context) => {
  const [x = ''] = node.inputs
  const [y = ''] = node.outputs
  const axis = intOf(node, 'axis', 1)
  const shape = context.type(x)?.shape
  if (axis === -1 || axis === (shape?.length ?? 0) - 1)
    return [{ ...node, attributes: { axis: { kind: 'int', value: -1 } } }]
  const [matrix, rows, size] = [context.fresh(node), context.fresh(node), context.fresh(node)]
  return [
    make('Flatten', [x], matrix, { axis }),
    { ...make(node.opType, [matrix], rows, { axis: -1 }), name: node.name },
    make('Shape', [x], size),
    make('Reshape', [rows, size], y),
  ]
}

/**
 * Group normalisation in operators that every opset has. Scale and bias are per group until opset 20 and per
 * channel from 21 on.
 */
const groupNormalization: Rewrite = (node, context) => {
  const [x = '', scale = '', bias = ''] = node.inputs
  const [y = ''] = node.outputs
  const groups = intOf(node, 'num_groups', 1)
  const epsilon = floatOf(node, 'epsilon', 1e-5)
  const shape = context.type(x)?.shape
  const [grouped, normal, size] = [context.fresh(node), context.fresh(node), context.fresh(node)]
  const perGroup = context.opset <= 20
  const one = float32([groups], new Float32Array(groups).fill(1))
  const affine = perGroup
    ? [scale, bias]
    : [context.constant(one), context.constant(float32([groups], new Float32Array(groups)))]
  const back = perGroup ? y : context.fresh(node)
  const nodes = [
    make('Reshape', [x, context.ints([0, groups, -1])], grouped),
    make('InstanceNormalization', [grouped, ...affine], normal, { epsilon }),
    make('Shape', [x], size),
    make('Reshape', [normal, size], back),
  ]
  if (perGroup) return nodes
  if (shape === undefined)
    throw new InputError(`${nodeLabel(node)} has an input of unknown rank, expected a known one`)
  const axes = context.ints(shape.slice(2).map((_, i) => i + 1))
  const [scales, biases, scaled] = [context.fresh(node), context.fresh(node), context.fresh(node)]
  return [
    ...nodes,
    make('Unsqueeze', [scale, axes], scales),
    make('Unsqueeze', [bias, axes], biases),
    make('Mul', [back, scales], scaled),
    make('Add', [scaled, biases], y),
  ]
}

const unsupported = (node: Node, { opset }: Context): never => {
  throw new InputError(
    `${nodeLabel(node)} of opset ${opset} cannot be restated at opset ${CURRENT_OPSET}: export the model at opset ${CURRENT_OPSET}`,
  )
}

/**
 * softmax(Q K' / sqrt(d) + mask) V on [n, heads, tokens, d] (Vaswani et al. 2017), the form that PyTorch exports;
 * without a cache, causal masks and capped scores, which classifiers do not use.
 */
const attention: Rewrite = (node, context) => {
  const [q = '', k = '', v = '', mask = '', ...cache] = node.inputs
  const [y = '', ...more] = node.outputs
  const plain = ['is_causal', 'softcap', 'qk_matmul_output_mode', 'softmax_precision'].every(key => {
    const attribute = node.attributes[key]
    return attribute === undefined || attribute.value === 0 || key === 'softmax_precision'
  })
  const hasHeads = node.attributes.q_num_heads !== undefined
  const maskType = mask === '' ? 'float32' : context.type(mask)?.dtype
  if (
    v === '' ||
    !plain ||
    hasHeads ||
    maskType !== 'float32' ||
    [...cache, ...more].some(name => name !== '')
  )
    return unsupported(node, context)
  const names = Array.from({ length: 7 }, () => context.fresh(node))
  const [across, products, width, real, root, scores, masked] = names as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const weights = context.fresh(node)
  const scale =
    node.attributes.scale?.kind === 'float' ? context.scalar(node.attributes.scale.value) : undefined
  const divided = [
    make('Shape', [q], width, { start: 3, end: 4 }),
    make('Cast', [width], real, { to: dtypeCodes.float32 }),
    make('Sqrt', [real], root),
    make('Div', [products, root], scores),
  ]
  return [
    make('Transpose', [k], across, { perm: [0, 1, 3, 2] }),
    make('MatMul', [q, across], products),
    ...(scale === undefined ? divided : [make('Mul', [products, scale], scores)]),
    ...(mask === '' ? [] : [make('Add', [scores, mask], masked)]),
    make('Softmax', [mask === '' ? scores : masked], weights, { axis: -1 }),
    make('MatMul', [weights, v], y),
  ]
}

/** x / sqrt(mean(x^2) + epsilon) * scale over the axes from `axis` on (Zhang & Sennrich 2019) */
const rmsNormalization: Rewrite = (node, context) => {
  const [x = '', scale = ''] = node.inputs
  const axis = intOf(node, 'axis', -1)
  if (axis >= 0) return unsupported(node, context)
  const axes = context.ints(Array.from({ length: -axis }, (_, i) => i + axis))
  const [square, mean, shifted, root, normal] = Array.from({ length: 5 }, () => context.fresh(node)) as [
    string,
    string,
    string,
    string,
    string,
  ]
  return [
    make('Mul', [x, x], square),
    make('ReduceMean', [square, axes], mean),
    make('Add', [mean, context.scalar(floatOf(node, 'epsilon', 1e-5))], shifted),
    make('Sqrt', [shifted], root),
    make('Div', [x, root], normal),
    make('Mul', [normal, scale], node.outputs[0]!),
  ]
}

export const compositions: Changes = {
  Attention: { from: 23, to: NEWEST, rewrite: attention },
  GroupNormalization: { from: 18, to: NEWEST, rewrite: groupNormalization },
  Hardmax: { to: 12, rewrite: flattening },
  LogSoftmax: { to: 12, rewrite: flattening },
  RMSNormalization: { from: 23, to: NEWEST, rewrite: rmsNormalization },
  RotaryEmbedding: { from: 23, to: NEWEST, rewrite: unsupported },
  Softmax: { to: 12, rewrite: flattening },
}
