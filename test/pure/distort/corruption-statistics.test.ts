// The random corruptions beside the `imagecorruptions` package, each with its own random numbers: what they do on
// average. scripts/fixtures/corruption_statistics.py ran the package with NumPy's seeds 0 to 999; here runs have the
// seeds 0 to 2 PAIRS - 1. A mean over pairs of runs may be off the package's by FACTOR of the standard errors of both.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { transform2d } from '../../../src/distort/fourier.ts'
import { type CorruptionName, corruptImage, corruptionNames, severities } from '../../../src/distort/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { testOverlay, testPicture } from '../../support/picture.ts'

const PAIRS = 100
const FACTOR = 4

const Setting = z.object({ mean: z.array(z.number()), deviation: z.array(z.number()) })
const golden = z
  .object({
    size: z.literal(32),
    pairs: z.number(),
    numbers: z.array(z.string()),
    settings: z.partialRecord(z.enum(corruptionNames), z.array(Setting).length(5)),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../fixtures/corruptions/statistics.json', import.meta.url), 'utf8')),
  )
const { size } = golden
const image = testPicture(size, size)
const overlays = [0, 1, 2, 3, 4].map(index => {
  const overlay = testOverlay(index)
  return { ...overlay, data: overlay.data.map(value => Math.floor(value / 5) * (index + 1)) }
})

/** Edges of octaves of frequency, in cycles per pixel. */
const edges = [1 / 16, 1 / 8, 1 / 4, 1]
const octaveOf = Int32Array.from({ length: size * size }, (_, i) => {
  const along = (k: number) => (k < size / 2 ? k : size - k) / size
  const radius = Math.hypot(along(Math.floor(i / size)), along(i % size))
  return edges.findIndex(edge => radius < edge)
})

/**
 * Of two results for the same image: means of the channels; spatial variance of the grey and the mean squared
 * differences of its neighbours across and down; half the mean squared difference of the two (the variance of a value
 * over draws), and that of the grey by octaves of frequency.
 */
function statistics(one: Uint8Array, other: Uint8Array): number[] {
  const area = size * size
  const means = [0, 0, 0]
  const greys = [new Float64Array(area), new Float64Array(area)] as const
  let scatter = 0
  for (let i = 0; i < one.length; i++) {
    means[i % 3]! += (one[i]! + other[i]!) / (2 * area)
    greys[0][Math.floor(i / 3)]! += one[i]! / 3
    greys[1][Math.floor(i / 3)]! += other[i]! / 3
    scatter += (one[i]! - other[i]!) ** 2 / (2 * one.length)
  }
  const real = greys[0].map((value, i) => value - greys[1][i]!)
  const imaginary = new Float64Array(area)
  transform2d({ height: size, width: size, real, imaginary })
  const octaves = edges.map(() => 0)
  for (let i = 0; i < area; i++)
    octaves[octaveOf[i]!]! += (real[i]! ** 2 + imaginary[i]! ** 2) / (2 * area ** 2)
  const mean = (measure: (grey: Float64Array) => number) => (measure(greys[0]) + measure(greys[1])) / 2
  return [...means, mean(variance), mean(slopeAcross), mean(slopeDown), scatter, ...octaves]
}

const slopeAcross = (grey: Float64Array) => meanSquare(grey, 1, i => i % size < size - 1)
const slopeDown = (grey: Float64Array) => meanSquare(grey, size, i => i < size * (size - 1))

/** Of the differences of values `apart`, from the places that have such a neighbour. */
function meanSquare(grey: Float64Array, apart: number, has: (i: number) => boolean): number {
  let sum = 0
  for (let i = 0; i < grey.length; i++) if (has(i)) sum += (grey[i + apart]! - grey[i]!) ** 2
  return sum / (size * (size - 1))
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}

/** Mean of every number over pairs of runs, and its variance. */
function measured(name: CorruptionName, severity: (typeof severities)[number]) {
  const rows: number[][] = []
  const results: Uint8Array[] = []
  for (let seed = 0; rows.length < PAIRS; seed++) {
    const { data } = corruptImage(image, name, severity, new Random(seed), { frost: overlays })
    // No splash fell on it: there the package divides by zero.
    if (data.every((value, i) => value === image.data[i])) continue
    results.push(data)
    if (results.length === 2) rows.push(statistics(results.pop()!, results.pop()!))
  }
  return golden.numbers.map((_, k) => {
    const values = Float64Array.from(rows, row => row[k]!)
    const mean = values.reduce((sum, value) => sum + value, 0) / PAIRS
    return { mean, variance: (variance(values) * PAIRS) / (PAIRS - 1) }
  })
}

const names = corruptionNames.filter(name => golden.settings[name] !== undefined)

test('eleven corruptions are random', () => expect(names).toHaveLength(11))

test.each(names)("%s has the package's distribution", name => {
  for (const severity of severities) {
    const setting = golden.settings[name]![severity - 1]!
    for (const [k, { mean, variance }] of measured(name, severity).entries()) {
      const error = Math.sqrt(setting.deviation[k]! ** 2 / golden.pairs + variance / PAIRS)
      const what = `severity ${severity}, ${golden.numbers[k]}: ${mean} against ${setting.mean[k]}, in standard errors`
      expect(Math.abs(mean - setting.mean[k]!) / error, what).toBeLessThan(FACTOR)
    }
  }
})
