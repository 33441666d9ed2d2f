// Public names of the image layer that work everywhere. In Node, index.node.ts adds reading and writing files.

export type { Filter } from './filter.ts'
export {
  centerBox,
  crop,
  type Extent,
  fitted,
  type Geometry,
  resizedExtent,
} from './geometry.ts'
export { type Pixels, pixels, toRgb } from './pixels.ts'
export { Preprocessing } from './preprocessing.ts'
export { type Box, resize } from './resize.ts'
export { resizeImages } from './resize-images.ts'
export { toPixels, toTensor, writePlanes } from './to-tensor.ts'
