// What a unit sees, drawn: the images that excite it most, dark where its map is below its threshold, with a line
// around what is above.

import { layerOf } from '../../classifier/ablate.ts'
import type { Classifier, Unit } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { type Pixels, pixels } from '../../image/pixels.ts'
import { toPixels } from '../../image/to-tensor.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'
import { activationBatchSize } from '../batch-size.ts'
import type { ProbeContext } from '../probe.ts'
import type { Dissection } from './dissection.ts'
import { fieldGeometry, mapShape } from './geometry.ts'
import { axisWeights, pixelsAbove } from './upsample.ts'

/** A unit's top images side by side. */
export interface UnitPicture extends Unit {
  readonly png: Uint8Array
}

export interface UnitPictureOptions {
  /** The data set of the dissection: its batches in the same order. */
  readonly data: { batches(options: { batchSize: number }): AsyncIterable<{ readonly images: FloatTensor }> }
  readonly dissection: Pick<Dissection, 'layers'>
  /** The units to draw. Their pictures are held in memory. */
  readonly units: readonly Unit[]
  /** Draw at most so many images per unit. Default: all that the dissection kept. */
  readonly images?: number
  readonly encodePng: (image: Pixels) => Promise<Uint8Array>
}

const GAP = 2
const OUTSIDE = 0.35
const EDGE = [255, 220, 0] as const

/**
 * One picture per unit, in the order of `units`; a silent unit has none.
 * @throws InputError for a unit that the dissection does not have
 */
export async function unitPictures(
  { data, dissection, units, images: most = Number.POSITIVE_INFINITY, encodePng }: UnitPictureOptions,
  { model, progress, signal }: Pick<ProbeContext, 'model' | 'progress' | 'signal'>,
): Promise<UnitPicture[]> {
  const wanted = new Map<number, { unit: number; place: number; threshold: number }[]>()
  const strips = units.map(({ layer, channel }, unit): Pixels[] => {
    const dissected = dissection.layers.find(l => l.layer === layer)?.units[channel]
    if (dissected === undefined) throw new InputError(`unit ${layer}:${channel} was not dissected`)
    for (const [place, { image }] of dissected.top.slice(0, most).entries()) {
      const { threshold } = dissected
      wanted.set(image, [...(wanted.get(image) ?? []), { unit, place, threshold }])
    }
    return []
  })
  const layers = [...new Set(units.map(unit => unit.layer))]
  const task = progress.start(`drawing units of ${model.name}`, wanted.size, 'images')
  const draw = drawer(model, layers)
  let [seen, drawnImages] = [0, 0]
  for await (const batch of data.batches({ batchSize: activationBatchSize(model, layers) })) {
    signal?.throwIfAborted()
    const count = batch.images.shape[0] ?? 0
    const own = Array.from({ length: count }, (_, i) => i).filter(i => wanted.has(seen + i))
    if (own.length > 0) {
      const activations = await model.activations(batch.images, layers)
      for (const i of own) {
        for (const { unit, place, threshold } of wanted.get(seen + i)!) {
          const { layer, channel } = units[unit]!
          strips[unit]![place] = draw(batch.images, i, activations[layer]!, layer, channel, threshold)
        }
      }
      drawnImages += own.length
      task.advance(own.length)
    }
    seen += count
    if (drawnImages === wanted.size) break
  }
  task.end()
  const drawn: UnitPicture[] = []
  for (const [unit, strip] of strips.entries()) {
    if (strip.length > 0) drawn.push({ ...units[unit]!, png: await encodePng(sideBySide(strip)) })
  }
  return drawn
}

/** Makes drawings of images with a unit's thresholded map; knows where each layer's cells lie. */
function drawer(model: Classifier, layers: readonly string[]) {
  const [height, width] = model.preprocessing.size
  const geometries = new Map(
    layers.map(name => [layerOf(model.layers, name).name, fieldGeometry(model, name)]),
  )
  const above = new Int32Array(height * width)
  return (
    images: FloatTensor,
    image: number,
    maps: FloatTensor,
    layer: string,
    channel: number,
    level: number,
  ): Pixels => {
    const { units, positions, height: h, width: w } = mapShape(maps, layer)
    const geometry = geometries.get(layer)!
    const rows = axisWeights(geometry(height, h, 0), h, height)
    const columns = axisWeights(geometry(width, w, 1), w, width)
    const offset = (image * units + channel) * positions
    const count = pixelsAbove(maps.data, offset, w, rows, columns, level, above)
    const inside = new Uint8Array(height * width)
    for (const place of above.subarray(0, count)) inside[place] = 1
    return marked(toPixels(images, image), inside)
  }
}

function marked({ data, width, height }: Pixels, inside: Uint8Array): Pixels {
  const out = new Uint8Array(data.length)
  const isIn = (y: number, x: number) =>
    y >= 0 && x >= 0 && y < height && x < width && inside[y * width + x] === 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isEdge = !isIn(y, x) && (isIn(y - 1, x) || isIn(y + 1, x) || isIn(y, x - 1) || isIn(y, x + 1))
      for (let c = 0; c < 3; c++) {
        const at = 3 * (y * width + x) + c
        out[at] = isEdge ? EDGE[c]! : isIn(y, x) ? data[at]! : OUTSIDE * data[at]!
      }
    }
  }
  return pixels(width, height, 3, out)
}

function sideBySide(strip: readonly Pixels[]): Pixels {
  const [first] = strip as readonly [Pixels]
  const { width, height } = first
  const total = strip.length * (width + GAP) - GAP
  const data = new Uint8Array(3 * total * height).fill(255)
  for (const [k, image] of strip.entries()) {
    for (let y = 0; y < height; y++) {
      data.set(image.data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * (y * total + k * (width + GAP)))
    }
  }
  return pixels(total, height, 3, data)
}
