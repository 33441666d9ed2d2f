// Gradients of normalisations whose statistics come from the value itself: layer and instance normalisation.

import { floatOf, intOf } from '../../onnx/attributes.ts'
import { scalarLike } from '../like.ts'
import { firstGradient, type Rule, type RuleContext, type RuleTable } from '../rule.ts'
import { unbroadcast } from '../unbroadcast.ts'

/**
 * y = x' scale + bias with x' = (x - mean) / sqrt(var + epsilon), mean and variance over `axes`:
 * dx = (ds - mean(ds) - x' mean(ds x')) / sqrt(var + epsilon), ds = dy scale (Ba et al. 2016).
 * @param wide brings scale or bias to a shape that broadcasts against x.
 */
function normalisation(
  context: RuleContext,
  axes: readonly number[],
  wide: (vector: string) => string,
  narrow: (gradient: string, vector: string) => string,
): (string | undefined)[] {
  const { builder, node, needs } = context
  const [x = '', scale = '', bias = ''] = node.inputs
  const gradient = firstGradient(context)
  const mean = (value: string) => builder.op('ReduceMean', [value, builder.ints(axes)], { keepdims: 1 })
  const epsilon = scalarLike(context, floatOf(node, 'epsilon', 1e-5), x)
  const centred = builder.op('Sub', [x, mean(x)])
  const variance = mean(builder.op('Mul', [centred, centred]))
  const inverse = builder.op('Reciprocal', [builder.op('Sqrt', [builder.op('Add', [variance, epsilon])])])
  const normal = builder.op('Mul', [centred, inverse])
  const slope = () => {
    const scaled = builder.op('Mul', [gradient, wide(scale)])
    const tilt = mean(builder.op('Mul', [scaled, normal]))
    const straight = builder.op('Sub', [scaled, mean(scaled)])
    return builder.op('Mul', [builder.op('Sub', [straight, builder.op('Mul', [normal, tilt])]), inverse])
  }
  return [
    needs[0] ? slope() : undefined,
    needs[1] ? narrow(builder.op('Mul', [gradient, normal]), scale) : undefined,
    needs[2] ? narrow(gradient, bias) : undefined,
  ]
}

/** Over the axes from `axis` on; scale and bias broadcast from the right. */
const layerNormalization: Rule = context => {
  const shape = context.shape(context.node.inputs[0]!)
  const axis = intOf(context.node, 'axis', -1)
  const first = axis < 0 ? axis + shape.length : axis
  return normalisation(
    context,
    shape.map((_, i) => i).slice(first),
    vector => vector,
    (gradient, vector) => unbroadcast(context, gradient, shape, vector),
  )
}

/** Per image and channel over positions; scale and bias are `[c]`. */
const instanceNormalization: Rule = context => {
  const { builder } = context
  const axes = context.shape(context.node.inputs[0]!).map((_, i) => i)
  const positions = axes.slice(2)
  return normalisation(
    context,
    positions,
    vector => builder.op('Unsqueeze', [vector, builder.ints(positions.map(axis => axis - 1))]),
    gradient => builder.op('ReduceSum', [gradient, builder.ints([0, ...positions])], { keepdims: 0 }),
  )
}

export const layerNorm: RuleTable = {
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
}
