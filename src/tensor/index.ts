// What other folders use of tensors.

export type { ArrayOf, DType } from './dtype.ts'
export { Random } from './random.ts'
export { elementCount, formatShape, sameShape } from './shape.ts'
export {
  asFloat32,
  type FloatTensor,
  float32,
  hasDType,
  int64,
  rows,
  type Tensor,
  tensor,
  zeros,
} from './tensor.ts'
