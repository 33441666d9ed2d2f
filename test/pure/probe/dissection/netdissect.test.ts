// Thresholds, IoUs and labels against NetDissect-Lite's own code (scripts/fixtures/netdissect.py).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBroden } from '../../../../src/data/broden.node.ts'
import { readNpy } from '../../../../src/data/npy.ts'
import { ConceptTally } from '../../../../src/probe/dissection/tally.ts'
import { TopQuantile } from '../../../../src/probe/dissection/top-quantile.ts'
import { axisWeights, pixelsAbove, tiledGeometry } from '../../../../src/probe/dissection/upsample.ts'
import { Random } from '../../../../src/tensor/random.ts'
import { asFloat32 } from '../../../../src/tensor/tensor.ts'
import { expectClose } from '../../../support/allclose.ts'

const folder = join(import.meta.dirname, '../../../fixtures/netdissect')
const expected = z
  .object({
    quantile: z.number(),
    imageSize: z.number(),
    thresholds: z.array(z.number()),
    categories: z.array(z.string()),
    tally: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
  })
  .parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')))

describe('network dissection', () => {
  const features = asFloat32(readNpy(readFileSync(join(folder, 'features.npy'))))
  const [images = 0, units = 0, h = 0, w = 0] = features.shape

  it('finds the thresholds of NetDissect-Lite', () => {
    // readout(1000)[:, int(1000 * (1 - q) - 1)] reads the quantile linspace(0, 1, 1000)[...].
    const quantile = Math.trunc(1000 * (1 - expected.quantile) - 1) / 999
    const top = new TopQuantile(units, images * h * w, quantile)
    for (let image = 0; image < images; image++) {
      for (let unit = 0; unit < units; unit++) {
        const start = (image * units + unit) * h * w
        top.add(unit, features.data, start, start + h * w)
      }
    }
    // NetDissect-Lite's rank moves by up to (1 - quantile) / 2 with the way its sort breaks ties.
    expectClose(top.thresholds(), expected.thresholds, { relative: 5e-4 })
  })
})

describe('the tally', () => {
  it("equals NetDissect-Lite's for every unit and category", async () => {
    const features = asFloat32(readNpy(readFileSync(join(folder, 'features.npy'))))
    const [, units = 0, h = 0, w = 0] = features.shape
    const { imageSize, categories } = expected
    const data = await openBroden(join(folder, 'broden'), [imageSize, imageSize])
    const tally = new ConceptTally({
      concepts: data.concepts,
      categories: data.categories,
      thresholds: Float32Array.from(expected.thresholds),
      geometry: (maskSize, cells) => tiledGeometry(imageSize, cells, Math.round(imageSize / maskSize)),
      area: 'touched',
    })
    let image = 0
    for await (const batch of data.batches({ batchSize: 5 })) {
      for (const masks of batch.masks) tally.add(features.data, image++ * units * h * w, h, w, masks)
    }
    expect(image).toBe(16)
    for (const row of expected.tally) {
      const scores = tally.best(Number(row.unit) - 1)
      expect([scores[0]?.concept.category, scores[0]?.concept.name]).toEqual([row.category, row.label])
      for (const category of categories) {
        const score = scores.find(s => s.concept.category === category)!
        expect(score.iou).toBeCloseTo(Number(row[`${category}-iou`]), 9)
        if (score.iou === 0) continue
        expect([score.concept.name, score.truth, score.activation, score.intersection]).toEqual(
          ['label', 'truth', 'activation', 'intersect'].map(field => row[`${category}-${field}`]),
        )
      }
    }
  })
})

describe('TopQuantile', () => {
  it('equals the quantile of the sorted values, however they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 400 }),
        fc.double({ min: 0.5, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 7 }),
        (values, quantile, chunk) => {
          const top = new TopQuantile(1, values.length, quantile)
          const data = Float32Array.from(values)
          for (let i = 0; i < data.length; i += chunk) top.add(0, data, i, Math.min(i + chunk, data.length))
          const sorted = data.toSorted()
          const rank = Math.min(Math.max(quantile * data.length - 0.5, 0), data.length - 1)
          const low = sorted[Math.floor(rank)]!
          const high = sorted[Math.min(Math.floor(rank) + 1, data.length - 1)]!
          expect(top.thresholds()[0]).toBe(Math.fround(low + (high - low) * (rank - Math.floor(rank))))
        },
      ),
    )
  })

  it('stays within the error that it states where it may keep few values', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(0.5, 0.9, 0.99),
        fc.constantFrom(0, 1, 8),
        fc.constantFrom(16, 64, 512),
        (seed, quantile, spread, capacity) => {
          const random = new Random(seed)
          const data = Float32Array.from({ length: 6000 }, () => Math.exp(spread * random.normal()) - 1)
          const top = new TopQuantile(1, data.length, quantile, capacity)
          const exact = new TopQuantile(1, data.length, quantile)
          for (let i = 0; i < data.length; i += 700) {
            top.add(0, data, i, Math.min(i + 700, data.length))
            exact.add(0, data, i, Math.min(i + 700, data.length))
          }
          const [found, wanted] = [top.thresholds()[0]!, exact.thresholds()[0]!]
          expect(exact.error()).toBe(0)
          expect(top.error()).toBeLessThanOrEqual((8 * data.reduce((a, b) => Math.max(a, b))) / capacity)
          expect(Math.abs(found - wanted)).toBeLessThanOrEqual(top.error())
        },
      ),
    )
  })

  it('refuses to answer before it has seen everything', () => {
    const top = new TopQuantile(1, 10, 0.9)
    top.add(0, new Float32Array(9))
    expect(() => top.thresholds()).toThrow('unit 0 was given 9 activations, expected 10')
  })
})

describe('pixelsAbove', () => {
  it('finds the pixels of a map interpolated everywhere', () => {
    const axis = fc.record({
      cells: fc.integer({ min: 1, max: 9 }),
      size: fc.integer({ min: 1, max: 20 }),
      start: fc.double({ min: -6, max: 6, noNaN: true }),
      step: fc.double({ min: 0.3, max: 7, noNaN: true }),
    })
    fc.assert(
      fc.property(
        axis,
        axis,
        fc.integer(),
        fc.double({ min: -1, max: 2, noNaN: true }),
        (down, across, seed, level) => {
          const random = new Random(seed)
          const map = Float32Array.from({ length: down.cells * across.cells }, () => random.normal())
          const at = (y: number, x: number) => {
            const place = (pixel: number, { start, step, cells }: typeof down) =>
              Math.min(Math.max((pixel - start) / step, 0), cells - 1)
            const [py, px] = [place(y, down), place(x, across)]
            let sum = 0
            for (let r = 0; r < down.cells; r++) {
              for (let c = 0; c < across.cells; c++) {
                const weight = Math.max(0, 1 - Math.abs(py - r)) * Math.max(0, 1 - Math.abs(px - c))
                sum += weight * map[r * across.cells + c]!
              }
            }
            return sum
          }
          const rows = axisWeights(down, down.cells, down.size)
          const columns = axisWeights(across, across.cells, across.size)
          const out = new Int32Array(down.size * across.size)
          const count = pixelsAbove(map, 0, across.cells, rows, columns, level, out)
          const found = new Set(out.subarray(0, count))
          expect(found.size).toBe(count)
          for (let p = 0; p < out.length; p++) {
            const value = at(Math.floor(p / across.size), p % across.size)
            if (Math.abs(value - level) > 1e-9) expect(found.has(p)).toBe(value > level)
          }
        },
      ),
    )
  })
})
