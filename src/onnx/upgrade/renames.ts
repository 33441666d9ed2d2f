// Changes that need no shapes: attributes that became inputs, changed defaults, renamed operators.

import { InputError } from '../../errors/input-error.ts'
import { float32 } from '../../tensor/tensor.ts'
import { floatOf, intOf, intsOf, stringOf } from '../attributes.ts'
import { nodeLabel } from '../order.ts'
import { type Change, type Changes, make, type Rewrite, restated } from './rewrite.ts'

/** The attribute `key` (a list of integers) becomes input 1. */
const listToInput =
  (key: string): Rewrite =>
  (node, { ints }) => {
    const values = intsOf(node, key)
    return [values ? restated(node, [node.inputs[0]!, ints(values)], [key]) : node]
  }

const axesUntil = (to: number): Change => ({ to, rewrite: listToInput('axes') })

const batchNormalization: Rewrite = node => {
  if (intOf(node, 'spatial', 1) !== 1)
    throw new InputError(`${nodeLabel(node)} has spatial = 0, which opset 9 dropped and is not supported`)
  return [{ ...restated(node, node.inputs, ['spatial']), outputs: node.outputs.slice(0, 1) }]
}

const clip: Rewrite = (node, { scalar }) => {
  const bound = (key: string) => (node.attributes[key] ? scalar(floatOf(node, key, 0)) : '')
  const inputs = [node.inputs[0]!, bound('min'), bound('max')]
  while (inputs.at(-1) === '') inputs.pop()
  return [restated(node, inputs, ['min', 'max'])]
}

const dropout: Rewrite = (node, { scalar }) => [
  restated(node, [node.inputs[0]!, scalar(floatOf(node, 'ratio', 0.5))], ['ratio']),
]

const pad: Rewrite = (node, { ints, scalar }) => {
  const inputs = [node.inputs[0]!, ints(intsOf(node, 'pads') ?? [])]
  const value = floatOf(node, 'value', 0)
  return [restated(node, value === 0 ? inputs : [...inputs, scalar(value)], ['pads', 'value'])]
}

const slice: Rewrite = (node, { ints }) => {
  const starts = intsOf(node, 'starts') ?? []
  const axes = intsOf(node, 'axes') ?? starts.map((_, i) => i)
  const inputs = [node.inputs[0]!, ints(starts), ints(intsOf(node, 'ends') ?? []), ints(axes)]
  return [restated(node, inputs, ['starts', 'ends', 'axes'])]
}

/** From opset 18 on a Split without sizes says into how many parts. */
const split: Rewrite = (node, { ints }) => {
  const sizes = intsOf(node, 'split')
  if (sizes) return [restated(node, [node.inputs[0]!, ints(sizes)], ['split'])]
  if ((node.inputs[1] ?? '') !== '') return [node]
  return [
    {
      ...node,
      attributes: { ...node.attributes, num_outputs: { kind: 'int', value: node.outputs.length } },
    },
  ]
}

const topK: Rewrite = (node, { ints }) => [
  restated(node, [node.inputs[0]!, ints([intOf(node, 'k', 1)])], ['k']),
]

/** Upsample rounds towards the origin, which Resize calls asymmetric with floor. */
const upsample: Rewrite = (node, { constant }) => {
  const attribute = node.attributes.scales
  const scales =
    attribute?.kind === 'floats'
      ? constant(float32([attribute.value.length], attribute.value))
      : (node.inputs[1] ?? '')
  const mode = stringOf(node, 'mode', 'nearest') === 'nearest' ? 'nearest' : 'linear'
  const attributes = { mode, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  return [{ ...make('Resize', [node.inputs[0]!, '', scales], node.outputs[0]!, attributes), name: node.name }]
}

/** Resize of opset 10 is asymmetric; nearest takes the floor when it enlarges and the ceiling when it shrinks. */
const resize10: Rewrite = (node, { known }) => {
  const [x = '', scales = ''] = node.inputs
  const factors = Array.from(known(scales)?.data ?? [], Number)
  const shrinks = factors.some(f => f < 1)
  if (shrinks && factors.some(f => f > 1))
    throw new InputError(`${nodeLabel(node)} of opset 10 both enlarges and shrinks, which is not supported`)
  const attributes = {
    mode: stringOf(node, 'mode', 'nearest'),
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: shrinks ? 'ceil' : 'floor',
  }
  return [{ ...make('Resize', [x, '', scales], node.outputs[0]!, attributes), name: node.name }]
}

const gridSample: Rewrite = node => {
  const renamed: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' }
  const mode = stringOf(node, 'mode', 'bilinear')
  return [
    { ...node, attributes: { ...node.attributes, mode: { kind: 'string', value: renamed[mode] ?? mode } } },
  ]
}

export const renames: Changes = {
  BatchNormalization: { to: 13, rewrite: batchNormalization },
  Clip: { to: 10, rewrite: clip },
  Dropout: { to: 11, rewrite: dropout },
  GridSample: { to: 19, rewrite: gridSample },
  Pad: { to: 10, rewrite: pad },
  ReduceSum: axesUntil(12),
  ...Object.fromEntries(
    'L1 L2 LogSum LogSumExp Max Mean Min Prod SumSquare'
      .split(' ')
      .map(name => [`Reduce${name}`, axesUntil(17)]),
  ),
  Resize: { to: 10, rewrite: resize10 },
  Scatter: { to: 10, rewrite: node => [{ ...node, opType: 'ScatterElements' }] },
  Slice: { to: 9, rewrite: slice },
  Split: { to: 17, rewrite: split },
  Squeeze: axesUntil(12),
  TopK: { to: 9, rewrite: topK },
  Unsqueeze: axesUntil(12),
  Upsample: { to: 9, rewrite: upsample },
}
