// Arithmetic with constants, differences and hard sigmoids in the blocked layout: ONNX Runtime would leave it for them,
// a depthwise convolution with a kernel of one element, and perhaps an activation, stays.

import { floatOf } from '../../onnx/attributes.ts'
import type { GraphBuilder } from '../../onnx/builder.ts'
import type { Node } from '../../onnx/graph.ts'
import type { Depthwise } from './depthwise.ts'
import type { Layout } from './layout.ts'

/**
 * Appends `node` as a depthwise convolution where it is arithmetic on a blocked value.
 * @param scalar the number a constant of one element holds
 * @returns whether it did
 */
export function appendAffine(
  node: Node,
  builder: GraphBuilder,
  depthwise: Depthwise,
  layout: Layout,
  scalar: (value: string) => number | undefined,
): boolean {
  const [a = '', b = ''] = node.inputs
  const [output = ''] = node.outputs
  const [ofA, ofB] = [layout.channels(a), layout.channels(b)]
  const scaled = (value: string, channels: number, factor: number, bias?: number) => {
    depthwise.conv(value, channels, [[0, 0, factor]], { ...(bias !== undefined && { bias }), output })
    return true
  }
  const hardSigmoid = (alpha: number, beta: number, name?: string) =>
    builder.op(
      'HardSigmoid',
      [depthwise.conv(a, ofA!, [[0, 0, 1]])],
      { alpha, beta },
      name === undefined ? {} : { output: name },
    )
  if (node.opType === 'Neg' && ofA !== undefined) return scaled(a, ofA, -1)
  if (node.opType === 'HardSigmoid' && ofA !== undefined) {
    hardSigmoid(floatOf(node, 'alpha', 0.2), floatOf(node, 'beta', 0.5), output)
    return true
  }
  if (node.opType === 'HardSwish' && ofA !== undefined) {
    builder.op('Mul', [a, hardSigmoid(1 / 6, 0.5)], {}, { output })
    return true
  }
  if (ofA !== undefined && ofB !== undefined) {
    if (node.opType !== 'Sub' || layout.shape(a)?.join() !== layout.shape(b)?.join()) return false
    depthwise.conv(b, ofB, [[0, 0, -1]], { plus: a, output })
    return true
  }
  const [value, other, channels] = ofA !== undefined ? [a, b, ofA] : [b, a, ofB]
  if (channels === undefined) return false
  const number = scalar(other)
  if (number === undefined) {
    if (node.opType !== 'Mul' || !layout.isPerChannel(other, channels)) return false
    const kernel = builder.op('Reshape', [other, builder.ints([channels, 1, 1, 1])])
    builder.op('Conv', [value, kernel], { kernel_shape: [1, 1], group: channels }, { output })
    return true
  }
  switch (node.opType) {
    case 'Add':
      return scaled(value, channels, 1, number)
    case 'Mul':
      return scaled(value, channels, number)
    case 'Sub':
      return value === a ? scaled(a, channels, 1, -number) : scaled(b, channels, -1, number)
    case 'Div':
      return value === a && Math.abs(number) > 1e-30 ? scaled(a, channels, 1 / number) : false
    default:
      return false
  }
}
