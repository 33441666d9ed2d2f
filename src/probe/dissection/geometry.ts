// Where the cells of a layer's maps lie on a mask or picture of the image: by the network's own strides and
// paddings, or as NetDissect-Lite assumes.

import { layerOf } from '../../classifier/ablate.ts'
import { type Classifier, IMAGES } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { receptiveFields } from '../../onnx/receptive-field.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import { type AxisGeometry, tiledGeometry } from './upsample.ts'

/** Where `cells` cells of a map lie on a mask of `size` pixels, along its rows (0) or columns (1). */
export type LayerGeometry = (size: number, cells: number, axis: 0 | 1) => AxisGeometry

/**
 * At the centres of the cells' receptive fields. Where the graph does not tell (transformers), the cells are taken
 * to tile the image.
 */
export function fieldGeometry(model: Classifier, layerName: string): LayerGeometry {
  const field = receptiveFields(model.graph, IMAGES).get(layerOf(model.layers, layerName).value)
  return (size, cells, axis) => {
    const imageSize = model.preprocessing.size[axis]
    const scale = size / imageSize
    const known = field !== undefined && Number.isFinite(field[axis].size)
    const stride = known ? field[axis].stride : imageSize / cells
    const start = known ? field[axis].start : (stride - 1) / 2
    return { start: (start + 0.5) * scale - 0.5, step: stride * scale }
  }
}

/** NetDissect-Lite's, which knows the sizes of image and map only. */
export function netDissectGeometry(model: Classifier): LayerGeometry {
  return (size, cells, axis) => {
    const imageSize = model.preprocessing.size[axis]
    return tiledGeometry(imageSize, cells, Math.max(1, Math.round(imageSize / size)))
  }
}

/** The parts of activations `[n, units, height, width]`. @throws InputError for a layer without maps */
export function mapShape({ shape }: FloatTensor, layer: string) {
  const [n = 0, units = 0, height, width] = shape
  if (height === undefined || width === undefined) {
    throw new InputError(`layer ${layer} has no maps to dissect: choose a layer before the pooling`)
  }
  return { n, units, height, width, positions: height * width }
}
