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
import { tiledGeometry } from '../../../../src/probe/dissection/upsample.ts'
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

  it('refuses to answer before it has seen everything', () => {
    const top = new TopQuantile(1, 10, 0.9)
    top.add(0, new Float32Array(9))
    expect(() => top.thresholds()).toThrow('unit 0 was given 9 activations, expected 10')
  })
})
