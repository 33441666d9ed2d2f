// The gradient of Resize. Resizing is linear and works axis by axis, so along one axis it is a matrix; that
// matrix is what the same Resize makes of the identity, whatever its mode. ORT folds it to a constant.

import { InputError } from '../../errors/input-error.ts'
import { stringOf } from '../../onnx/attributes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { float32 } from '../../tensor/tensor.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'

/** The matrix [in, out] of a resize of one axis, `factor` its scale where the node gives scales. */
function axisMatrix(context: RuleContext, size: number, target: number, factor: number | undefined): string {
  const { builder, node } = context
  const identity: Tensor = float32(
    [1, 1, size, size],
    Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  )
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).flatMap(([key, a]) =>
      a.kind === 'graph' || key === 'axes' || key === 'keep_aspect_ratio_policy' ? [] : [[key, a.value]],
    ),
  )
  const scales =
    factor === undefined ? undefined : builder.constant(float32([4], [1, 1, 1, factor]), 'scales')
  const sizes = factor === undefined ? builder.ints([1, 1, size, target]) : undefined
  const resized = builder.op(
    'Resize',
    [builder.constant(identity, 'identity'), undefined, scales, sizes],
    attributes,
  )
  return builder.op('Reshape', [resized, builder.ints([size, target])])
}

/** `value` times `matrix` (`[in, out]`) transposed, along `axis`. */
function alongAxis(
  { builder }: RuleContext,
  value: string,
  matrix: string,
  axis: number,
  rank: number,
): string {
  if (axis === rank - 2) return builder.op('MatMul', [matrix, value])
  const transposed = builder.op('Transpose', [matrix], { perm: [1, 0] })
  if (axis === rank - 1) return builder.op('MatMul', [value, transposed])
  const perm = Array.from({ length: rank }, (_, i) => i)
  perm[axis] = rank - 1
  perm[rank - 1] = axis
  const last = builder.op('MatMul', [builder.op('Transpose', [value], { perm }), transposed])
  return builder.op('Transpose', [last], { perm })
}

const resize: Rule = context => {
  const { node } = context
  const [x = '', , scales = '', sizes = ''] = node.inputs
  const where = `gradient of Resize (node ${node.name})`
  if (stringOf(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize')
    throw new InputError(`${where}: coordinate_transformation_mode tf_crop_and_resize has no gradient rule`)
  if (sizes !== '' && stringOf(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new InputError(`${where}: keep_aspect_ratio_policy other than stretch has no gradient rule`)
  const from = context.shape(x)
  const to = context.shape(node.outputs[0]!)
  // With sizes given, old exporters leave the scales empty.
  const factors = sizes === '' ? context.constant(scales) : undefined
  if (sizes === '' && factors === undefined) throw new InputError(`${where} needs constant scales`)
  const named = node.attributes.axes
  const axes = named?.kind === 'ints' ? named.value : from.map((_, i) => i)
  let gradient = firstGradient(context)
  for (const [k, at] of axes.entries()) {
    const axis = at < 0 ? at + from.length : at
    const factor = factors && Number(factors.data[k])
    if (factor === 1 || (factor === undefined && from[axis] === to[axis])) continue
    const size = context.fixedShape(x, axis)[0]!
    const target = context.fixedShape(node.outputs[0]!, axis)[0]!
    gradient = alongAxis(context, gradient, axisMatrix(context, size, target, factor), axis, from.length)
  }
  return [gradient]
}

export const resizing: RuleTable = { Resize: resize }
