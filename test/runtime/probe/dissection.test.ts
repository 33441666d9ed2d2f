// Dissection of a network whose units are known colour detectors, against IoUs counted directly.

import { expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { ConceptDataset } from '../../../src/data/concepts.ts'
import type { Pixels } from '../../../src/image/pixels.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { dissection } from '../../../src/probe/dissection/dissection.ts'
import { unitPictures } from '../../../src/probe/dissection/pictures.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

const side = 16
const n = 10
const area = side * side

/** Unit 0 answers to red, unit 1 to blue, unit 2 to nothing. */
function colourNet() {
  const b = new GraphBuilder('colours')
  b.input('images', 'float32', ['n', 3, side, side])
  const weights = [1, -0.5, -0.5, -0.5, -0.5, 1, 0, 0, 0]
  const maps = b.op('Relu', [b.op('Conv', ['images', b.constant(float32([3, 3, 1, 1], weights))])])
  const logits = b.op('Flatten', [b.op('GlobalAveragePool', [maps])])
  b.output(logits, 'float32', ['n', 3], 'logits')
  return { graph: b.build(), layers: [{ name: 'colour', value: maps, units: 3 }] }
}

/** Red and blue rectangles of varied strength on grey; masks say which is where. */
function rectangles(): { data: ConceptDataset; pixels: Float32Array; masks: Uint16Array[] } {
  const random = new Random(6)
  const pixels = new Float32Array(n * 3 * area).fill(0.4)
  const masks = Array.from({ length: n }, () => new Uint16Array(area))
  for (let image = 0; image < n; image++) {
    for (const [number, channel] of [
      [1, 0],
      [2, 2],
    ] as const) {
      if (image === 3 && number === 2) continue
      const [top, left] = [random.integer(8), random.integer(8)]
      for (let y = top; y < top + 7; y++) {
        for (let x = left; x < left + 6; x++) {
          masks[image]![y * side + x] = number
          for (let c = 0; c < 3; c++) {
            pixels[(image * 3 + c) * area + y * side + x] = c === channel ? random.uniform(0.5, 1) : 0.1
          }
        }
      }
    }
  }
  const data: ConceptDataset = {
    name: 'rectangles',
    size: n,
    fingerprint: 'x',
    categories: ['color', 'object'],
    concepts: [
      { number: 1, name: 'red', category: 'color' },
      { number: 2, name: 'blue', category: 'color' },
      { number: 3, name: 'cat', category: 'object' },
    ],
    async *batches({ batchSize }) {
      for (let from = 0; from < n; from += batchSize) {
        const to = Math.min(from + batchSize, n)
        yield {
          images: float32([to - from, 3, side, side], pixels.slice(from * 3 * area, to * 3 * area)),
          names: Array.from({ length: to - from }, (_, i) => String(from + i)),
          masks: masks.slice(from, to).map(map => ({ height: side, width: side, maps: [map], whole: [] })),
        }
      }
    },
  }
  return { data, pixels, masks }
}

it('finds what each unit detects, with the IoU of a direct count', async () => {
  const { data, pixels, masks } = rectangles()
  const net = colourNet()
  const model = await createClassifier({
    ...net,
    name: 'colours',
    classes: ['a', 'b', 'c'],
    runtime: nodeRuntime(),
    preprocessing: plainPreprocessing(side),
  })
  const probe = dissection(data, { layers: ['colour'], quantile: 0.9 })
  const result = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
  const [layer] = result.layers
  expect(layer!.detectors).toBe(2)
  expect(layer!.categories.map(c => [c.category, c.detectors, c.concepts])).toEqual([
    ['color', 2, 2],
    ['object', 0, 0],
  ])
  for (const [unit, own, others] of [
    [0, 0, [1, 2]],
    [1, 2, [0, 1]],
  ] as const) {
    const at = (i: number, c: number) => pixels[(Math.floor(i / area) * 3 + c) * area + (i % area)]!
    const response = Float32Array.from({ length: n * area }, (_, i) =>
      Math.max(0, at(i, own) - 0.5 * at(i, others[0]) - 0.5 * at(i, others[1])),
    )
    const { threshold, scores } = layer!.units[unit]!
    const on = response.filter(v => v > threshold).length
    expect(Math.abs(on - 0.1 * response.length)).toBeLessThanOrEqual(1)
    const number = unit + 1
    let [both, either] = [0, 0]
    for (let i = 0; i < n * area; i++) {
      const isOn = response[i]! > threshold
      const isConcept = masks[Math.floor(i / area)]![i % area] === number
      if (isOn && isConcept) both++
      if (isOn || isConcept) either++
    }
    expect(scores[0]).toMatchObject({ concept: unit === 0 ? 'red' : 'blue', intersection: both })
    expect(scores[0]!.iou).toBeCloseTo(both / either, 10)
    expect(scores[0]!.iou).toBeGreaterThan(0.5)
  }
  expect(layer!.units[2]!.scores.every(score => score.iou === 0)).toBe(true)
  expect([layer!.concepts, layer!.thresholdError, layer!.units[2]!.top]).toEqual([2, 0, []])

  // The pictures: an image as it is where the unit is on, dark elsewhere, a yellow line around.
  const drawn: Pixels[] = []
  const encodePng = async (image: Pixels) => new Uint8Array([drawn.push(image)])
  const units = [0, 1, 2].map(channel => ({ layer: 'colour', channel }))
  const context = { model, progress: silent }
  const pictures = await unitPictures({ data, dissection: result, units, images: 2, encodePng }, context)
  expect(pictures.map(({ channel, png }) => [channel, [...png]])).toEqual([
    [0, [1]],
    [1, [2]],
  ])
  const [strip = expect.fail()] = drawn
  expect([strip.width, strip.height]).toEqual([2 * side + 2, side])
  const { top, threshold } = layer!.units[0]!
  for (const [k, { image }] of top.slice(0, 2).entries()) {
    const level = (c: number, p: number) => pixels[(image * 3 + c) * area + p]!
    for (let p = 0; p < area; p++) {
      const at = 3 * (Math.floor(p / side) * strip.width + k * (side + 2) + (p % side))
      const isOn = Math.max(0, level(0, p) - 0.5 * level(1, p) - 0.5 * level(2, p)) > threshold
      const isYellow = [...strip.data.subarray(at, at + 3)].join() === '255,220,0'
      if (!isYellow)
        expect(strip.data[at]).toBe(Math.floor((isOn ? 1 : 0.35) * Math.round(255 * level(0, p))))
      else expect(isOn).toBe(false)
    }
  }
  await model.dispose()
})
