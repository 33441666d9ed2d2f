// How many inputs each operator takes. Checked before shapes are inferred, so that rules may rely on it.

import { InputError } from '../errors/input-error.ts'
import type { Node } from './graph.ts'
import { nodeLabel } from './order.ts'

const many = Number.POSITIVE_INFINITY

/** Least and most inputs -> operators; those not named take exactly one. */
const arities: readonly (readonly [least: number, most: number, operators: string])[] = [
  [0, 0, 'Constant'],
  [
    1,
    2,
    `ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
     ReduceSumSquare Split Squeeze Trilu`,
  ],
  [1, 3, 'Clip Dropout'],
  [1, 4, 'Resize'],
  [1, many, 'Concat Einsum Max Mean Min Sum'],
  [
    2,
    2,
    `Add And CastLike CumSum Div Equal Expand Gather GatherElements GatherND Greater GreaterOrEqual GridSample
     Less LessOrEqual MatMul Mod Mul Or PRelu Pow Reshape Sub Tile TopK Unsqueeze Xor com.microsoft:FusedMatMul`,
  ],
  [2, 3, 'Conv ConvTranspose Gemm LayerNormalization'],
  [2, 4, 'Pad com.microsoft:FusedConv'],
  [3, 3, 'GroupNormalization InstanceNormalization OneHot Range ScatterElements ScatterND Where'],
  [3, 5, 'Slice'],
  [5, 5, 'BatchNormalization'],
]

const ranges = new Map(
  arities.flatMap(([least, most, operators]) =>
    operators.split(/\s+/).map(op => [op, [least, most] as const]),
  ),
)

/** @throws InputError when `node`, of a known operator, has too few or too many inputs, or lacks a required one. */
export function checkInputs(node: Node): void {
  const { domain, opType, inputs } = node
  const [least, most] = ranges.get(domain === '' ? opType : `${domain}:${opType}`) ?? [1, 1]
  if (inputs.length < least || inputs.length > most) {
    const range = least === most ? `${least}` : `${least} to ${most}`
    throw new InputError(`${nodeLabel(node)} has ${inputs.length} inputs, expected ${range}`)
  }
  const missing = inputs.slice(0, least).indexOf('')
  if (missing >= 0) throw new InputError(`${nodeLabel(node)} lacks its input ${missing}`)
  if (node.outputs.length === 0) throw new InputError(`${nodeLabel(node)} has no output`)
}
